// Keys: the same for the same value, another for another, and Powertools' own in its format.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonical } from './canonical.ts'
import { hashOf, isMissing, keyOf, mustBeHash } from './key.ts'

const own = { format: 'lambent', prefix: 'fn', tenantId: undefined, hash: undefined } as const
const powertools = { ...own, format: 'powertools' } as const

const shuffled = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(shuffled)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, inner]) => [key, shuffled(inner)]),
  )
}

describe('a key', () => {
  it('is the same whatever the order of keys, and parses to the same value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), value => {
        const plain = JSON.parse(JSON.stringify(value))
        expect(keyOf(shuffled(plain), own)).toBe(keyOf(plain, own))
        expect(JSON.parse(canonical(plain))).toEqual(plain)
      }),
    )
  })

  it('differs for different values, types, tenants and functions', () => {
    const values: unknown[] = [
      '1',
      1,
      [1],
      ['1'],
      { a: 1 },
      { a: '1' },
      { A: 1 },
      true,
      'true',
      '{"a":1}',
      [[1]],
      [1, null],
    ]
    const keys = values.map(value => keyOf(value, own))
    keys.push(
      keyOf('1', { ...own, tenantId: 'a' }),
      keyOf('1', { ...own, tenantId: 'b' }),
      keyOf('1', { ...own, prefix: 'other' }),
    )
    expect(new Set(keys).size).toBe(keys.length)
  })

  it('of a tenant is no key without a tenant that looks alike', () => {
    expect(keyOf(['b'], { ...own, tenantId: 'a' })).not.toBe(keyOf('"a"["b"]', own))
  })

  it.each([
    ['an undefined part', { a: { b: undefined } }, 'the part a.b of the idempotency key is undefined'],
    ['an undefined member', [1, undefined], 'the part [1] of the idempotency key is undefined'],
    ['NaN', Number.NaN, 'the idempotency key is NaN, which JSON does not have'],
    ['a function', () => 1, 'the idempotency key is function'],
    ['a Map', new Map(), 'the idempotency key is a Map'],
    ['a bigint', { a: 1n }, 'the part a of the idempotency key is bigint'],
  ])('that has %s is an error', (_name, value, message) => {
    expect(() => keyOf(value, own)).toThrow(message)
  })

  it('that is a circle is an error', () => {
    const circle: Record<string, unknown> = {}
    circle.self = circle
    expect(() => keyOf(circle, own)).toThrow('nested deeper than 64 levels, or in a circle')
  })

  it('says nothing where all its parts do', () => {
    for (const value of [undefined, null, '', [], {}, [null, ''], { a: undefined, b: { c: '' } }])
      expect(isMissing(value)).toBe(true)
    for (const value of [0, false, 'a', [0], { a: false }, new Date(0)]) expect(isMissing(value)).toBe(false)
  })

  it('may be hashed otherwise', () => {
    expect(keyOf('a', { ...own, hash: 'sha512' })).toMatch(/^fn#[\w-]{86}$/)
    expect(() => mustBeHash('md6')).toThrow('takes an algorithm of node:crypto, such as sha256, not md6')
  })
})

describe('in Powertools’ format', () => {
  it('is what Powertools writes', () => {
    expect(keyOf('abc', powertools)).toBe('fn#69n0x7BssKr10T2A5J2LkA==')
    expect(keyOf(['abc', 3], powertools)).toBe('fn#3x/65Vq9dJzARCazmUFLFg==')
    expect(hashOf(3, 'powertools', undefined)).toBe('7MvIfktc4v4oMI/Z8qe68w==')
  })
})

describe('defects of the field that are not here', () => {
  it('keys that differ only by case do not hash in input order', () => {
    expect(keyOf({ a: 1, A: 2 }, own)).toBe(keyOf({ A: 2, a: 1 }, own))
    expect(keyOf({ a: 1, A: 2 }, own)).not.toBe(keyOf({ a: 2, A: 1 }, own))
  })
})
