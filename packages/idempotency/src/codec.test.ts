// Results as text and back.
import assert from 'node:assert'
import { HttpError, PermanentError } from '@lambent/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decode, encode, ResultError } from './codec.ts'

const value = fc.letrec(tie => ({
  any: fc.oneof(
    { maxDepth: 4 },
    fc.jsonValue({ maxDepth: 2 }),
    fc.constantFrom(undefined, Number.NaN, Infinity, -Infinity, -0, 0),
    fc.double(),
    fc.bigInt(),
    fc.date({ noInvalidDate: false }),
    fc.uint8Array(),
    fc.uint8Array().map(bytes => Buffer.from(bytes)),
    fc.uint8Array().map(bytes => bytes.slice().buffer),
    fc.array(tie('any'), { maxLength: 3 }),
    fc.dictionary(
      fc.oneof(fc.string(), fc.constantFrom('$lambent', '__proto__', 'constructor', 'toJSON')),
      tie('any'),
      { maxKeys: 3 },
    ),
    fc.array(fc.tuple(tie('any'), tie('any')), { maxLength: 2 }).map(entries => new Map(entries)),
    fc.array(tie('any'), { maxLength: 2 }).map(members => new Set(members)),
  ),
})).any

describe('a result', () => {
  it('comes back as it was', () => {
    fc.assert(
      fc.property(value, given => {
        assert.deepStrictEqual(decode(encode(given)), withPrototypes(given))
      }),
      { numRuns: 2000 },
    )
  })

  it('shares nothing with what was given', () => {
    const given = { list: [1], at: new Date(0) }
    const back = decode(encode(given)) as typeof given
    back.list.push(2)
    back.at.setTime(1)
    expect(given).toEqual({ list: [1], at: new Date(0) })
  })

  it('that is an error comes back with its name, message, code and policy', () => {
    const http = decode(
      encode(new HttpError(409, 'taken', { code: 'Taken', headers: { a: 'b' }, extensions: { x: 1 } })),
    )
    expect(http).toBeInstanceOf(HttpError)
    expect(http).toMatchObject({
      name: 'HttpError',
      status: 409,
      message: 'taken',
      code: 'Taken',
      retryable: false,
      headers: { a: 'b' },
      extensions: { x: 1 },
    })
    const own = decode(encode(new PermanentError('no', { code: 'No' })))
    expect(own).toMatchObject({ name: 'PermanentError', message: 'no', code: 'No', retryable: false })
    expect(decode(encode(new TypeError('x')))).toMatchObject({ name: 'TypeError', message: 'x' })
  })

  class Order {
    id = 1
  }
  it.each([
    ['a function', { a: { b: () => 1 } }, 'the result.a.b is a function'],
    ['a symbol', [Symbol('x')], 'the result[0] is a symbol'],
    ['an instance of a class', { order: new Order() }, 'the result.order is an instance of a class'],
  ])('that has %s is an error that says where', (_name, given, message) => {
    expect(() => encode(given)).toThrow(ResultError)
    expect(() => encode(given)).toThrow(message)
  })

  it('that is a circle is an error', () => {
    const circle: unknown[] = []
    circle.push(circle)
    expect(() => encode(circle)).toThrow('in a circle')
  })
})

/** Objects without a prototype come back as plain ones. */
function withPrototypes(given: unknown): unknown {
  if (Array.isArray(given)) return given.map(withPrototypes)
  if (given instanceof Map)
    return new Map(Array.from(given, ([key, inner]) => [withPrototypes(key), withPrototypes(inner)]))
  if (given instanceof Set) return new Set(Array.from(given, withPrototypes))
  if (typeof given !== 'object' || given === null || Object.getPrototypeOf(given) === Date.prototype) return given
  if (given instanceof Uint8Array || given instanceof ArrayBuffer) return given
  const own = {}
  for (const [key, inner] of Object.entries(given))
    Object.defineProperty(own, key, {
      value: withPrototypes(inner),
      enumerable: true,
      writable: true,
      configurable: true,
    })
  return own
}
