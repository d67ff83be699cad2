import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isPlainObject, merge } from './merge.ts'

const leaf = fc.oneof(
  fc.string(),
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
  fc.date({ noInvalidDate: true }),
  fc.uint8Array({ maxLength: 4 }),
)
const key = fc.constantFrom('a', 'b', 'c', '__proto__', 'constructor')
const { tree } = fc.letrec(tie => ({
  tree: fc.oneof(
    { depthSize: 'small' },
    leaf,
    fc.array(tie('tree'), { maxLength: 3 }),
    fc.dictionary(key, tie('tree'), { maxKeys: 4 }),
  ),
}))
const object = fc.dictionary(key, tree, { maxKeys: 4 })

describe('merge', () => {
  test('changes neither the base nor the overrides', () => {
    fc.assert(
      fc.property(object, object, (base, overrides) => {
        const before = structuredClone([base, overrides])
        merge<unknown>(base, overrides)
        expect([base, overrides]).toEqual(before)
      }),
    )
  })

  test('shares no object or array with what it was given', () => {
    const containers = (value: unknown): object[] =>
      Array.isArray(value)
        ? [value, ...value.flatMap(containers)]
        : isPlainObject(value)
          ? [value, ...Object.values(value).flatMap(containers)]
          : []
    fc.assert(
      fc.property(object, object, (base, overrides) => {
        const given = new Set([...containers(base), ...containers(overrides)])
        expect(containers(merge<unknown>(base, overrides)).filter(inner => given.has(inner))).toEqual([])
      }),
    )
  })

  test('is the base without overrides, and the overrides over nothing', () => {
    fc.assert(
      fc.property(object, value => {
        expect(merge<unknown>(value, {})).toEqual(value)
        expect(merge<unknown>({}, value)).toEqual(value)
      }),
    )
  })

  test('gives the same when laid over twice', () => {
    fc.assert(
      fc.property(object, object, (base, overrides) => {
        const once = merge<unknown>(base, overrides)
        expect(merge<unknown>(once, overrides)).toEqual(once)
      }),
    )
  })

  test('has at every key the override, else the base', () => {
    fc.assert(
      fc.property(object, object, (base, overrides) => {
        const merged = merge<unknown>(base, overrides)
        if (!isPlainObject(merged)) throw new Error('not an object')
        expect(new Set(Object.keys(merged))).toEqual(new Set([...Object.keys(base), ...Object.keys(overrides)]))
        for (const name of Object.keys(merged)) {
          const mergesDeeper = isPlainObject(base[name]) && isPlainObject(overrides[name])
          if (!mergesDeeper) expect(merged[name]).toEqual(Object.hasOwn(overrides, name) ? overrides[name] : base[name])
        }
      }),
    )
  })

  test('replaces arrays', () => {
    expect(merge({ list: [1, 2, 3] }, { list: [4] })).toEqual({ list: [4] })
  })

  test('deletes a key that is undefined, at any depth', () => {
    const merged = merge({ a: 1, b: { c: 2, d: 3 } }, { a: undefined, b: { c: undefined } })
    expect(Object.keys(merged)).toEqual(['b'])
    expect(Object.keys(merged.b)).toEqual(['d'])
  })

  test('keeps dates and bytes as they are', () => {
    const at = new Date(0)
    const bytes = Uint8Array.of(1, 2)
    const merged = merge<{ at: Date; bytes: Uint8Array }>({ at: new Date(1), bytes: Uint8Array.of(3) }, { at, bytes })
    expect(merged.at).toBe(at)
    expect(merged.bytes).toBe(bytes)
  })

  test('leaves the prototype alone when a JSON text names __proto__', () => {
    const merged = merge<{ polluted?: boolean }>({}, JSON.parse('{"__proto__":{"polluted":true}}'))
    expect(merged.polluted).toBeUndefined()
    expect(Object.getPrototypeOf(merged)).toBe(Object.prototype)
  })
})
