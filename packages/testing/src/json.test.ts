import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { toJson } from './json.ts'

describe('toJson', () => {
  test('writes every JSON value as JSON.stringify does', () => {
    fc.assert(
      fc.property(fc.jsonValue(), value => {
        expect(toJson(value, 'value')).toBe(JSON.stringify(value))
      }),
    )
  })

  test('leaves out undefined keys and writes dates as text', () => {
    expect(toJson({ gone: undefined, at: new Date(0) }, 'value')).toBe('{"at":"1970-01-01T00:00:00.000Z"}')
  })

  const circular: { self?: unknown } = {}
  circular.self = circular

  test.each([
    ['event.Records[1].size: it is a bigint: give its digits as text', { Records: [{}, { size: 1n }] }],
    ['event["x-y"]: it is NaN, which JSON writes as null', { 'x-y': Number.NaN }],
    ['event.list[0]: it is undefined', { list: [undefined] }],
    ['event.call: it is a function', { call: () => 1 }],
    ['event.self: it is an object that contains itself', circular],
    ['event.data: it is bytes: give base64 text', { data: Buffer.from('a') }],
    ['event.map: it is a Map, which JSON writes as {}', { map: new Map([[1, 2]]) }],
    ['event.later: it is a Promise, which JSON writes as {}: await it', { later: Promise.resolve(1) }],
    ['event.at: it is an invalid Date', { at: new Date(Number.NaN) }],
    ['event: it is undefined', undefined],
  ])('refuses with "JSON cannot carry %s"', (message, value) => {
    expect(() => toJson(value, 'event')).toThrow(new TypeError(`JSON cannot carry ${message}`))
  })

  test('takes the same object twice, which is no cycle', () => {
    const shared = { a: 1 }
    expect(toJson({ x: shared, y: [shared] }, 'value')).toBe('{"x":{"a":1},"y":[{"a":1}]}')
  })
})
