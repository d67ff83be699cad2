import { albEvent, apiGatewayProxyEvent, apiGatewayProxyEventV2, lambdaFunctionUrlEvent } from '@lambent/testing'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type HttpKind, kindOf } from './kind.ts'
import type { Loose } from './loose.ts'
import { messageOf, responseOf } from './response.ts'
import { type HttpResult, resultOf } from './result.ts'

const events = {
  rest: apiGatewayProxyEvent(),
  http: apiGatewayProxyEventV2(),
  'function-url': lambdaFunctionUrlEvent(),
  alb: albEvent(),
  'alb with multi-value headers': albEvent({}, { multiValueHeaders: true }),
}
type Name = keyof typeof events
const names = Object.keys(events) as Name[]

function answer(name: Name, value: unknown): HttpResult {
  const event = events[name] as unknown as Loose
  return resultOf(messageOf(responseOf(value), new Map(), 'GET'), kindOf(event) as HttpKind, event)
}

const response = {
  status: 201,
  headers: { Location: '/orders/7', Vary: ['origin', 'accept'] },
  cookies: ['a=1; HttpOnly', 'b=2'],
  body: { id: 7 },
}

describe('each kind of event gets its own shape', () => {
  const common = { statusCode: 201, body: '{"id":7}', isBase64Encoded: false }
  const type = 'application/json'

  test('payload format 1.0: what is repeated is in multiValueHeaders, and there is no other field', () => {
    expect(answer('rest', response)).toEqual({
      ...common,
      headers: { location: '/orders/7', 'content-type': type },
      multiValueHeaders: { vary: ['origin', 'accept'], 'set-cookie': ['a=1; HttpOnly', 'b=2'] },
    })
    expect(answer('rest', undefined)).toEqual({ statusCode: 204, headers: {}, body: '', isBase64Encoded: false })
  })

  test.each(['http', 'function-url'] as const)('%s: cookies by themselves, what is repeated joined', name => {
    expect(answer(name, response)).toEqual({
      ...common,
      headers: { location: '/orders/7', vary: 'origin, accept', 'content-type': type },
      cookies: ['a=1; HttpOnly', 'b=2'],
    })
    expect(answer(name, undefined)).toEqual({ statusCode: 204, headers: {}, body: '', isBase64Encoded: false })
  })

  test('load balancer with multi-value headers: all of them there', () => {
    expect(answer('alb with multi-value headers', response)).toEqual({
      ...common,
      statusDescription: '201 Created',
      multiValueHeaders: {
        location: ['/orders/7'],
        vary: ['origin', 'accept'],
        'content-type': [type],
        'set-cookie': ['a=1; HttpOnly', 'b=2'],
      },
    })
  })

  test('load balancer without: no cookie is lost, since the names differ in case', () => {
    expect(answer('alb', response)).toEqual({
      ...common,
      statusDescription: '201 Created',
      headers: {
        location: '/orders/7',
        vary: 'origin, accept',
        'content-type': type,
        'set-cookie': 'a=1; HttpOnly',
        'Set-cookie': 'b=2',
      },
    })
  })

  test('bytes are base64', () => {
    for (const name of names)
      expect(answer(name, Uint8Array.of(1, 2))).toMatchObject({ body: 'AQI=', isBase64Encoded: true })
  })
})

/** The fields of the response that the gateway would send, as it documents what it reads. */
function onTheWire(name: Name, result: HttpResult): string[] {
  const { headers = {}, multiValueHeaders = {}, cookies = [] } = result
  const single = Object.entries(headers).map(([key, value]) => `${key.toLowerCase()}: ${value}`)
  const multi = Object.entries(multiValueHeaders).flatMap(([key, values]) =>
    values.map(value => `${key.toLowerCase()}: ${value}`),
  )
  const all = {
    rest: [...single, ...multi],
    http: [...single, ...cookies.map(cookie => `set-cookie: ${cookie}`)],
    'function-url': [...single, ...cookies.map(cookie => `set-cookie: ${cookie}`)],
    alb: single,
    'alb with multi-value headers': multi,
  }
  return all[name].sort()
}

test('every header and cookie of any response reaches the client of any kind of event, once', () => {
  const name = fc
    .stringMatching(/^[a-z][a-z0-9-]{0,12}$/)
    .filter(each => each !== 'set-cookie' && each !== 'content-type')
  const value = fc.stringMatching(/^[!-~]{1,20}$/)
  const headers = fc.dictionary(name, fc.oneof(value, fc.array(value, { minLength: 1, maxLength: 3 })), {
    noNullPrototype: true,
  })
  const cookies = fc.array(value, { maxLength: 20 })
  fc.assert(
    fc.property(fc.constantFrom(...names), headers, cookies, (kind, given, jar) => {
      const lists = kind === 'rest' || kind === 'alb with multi-value headers'
      const expected = Object.entries(given).flatMap(([key, values]) => {
        const each = [values].flat()
        return lists ? each.map(one => `${key}: ${one}`) : [`${key}: ${each.join(', ')}`]
      })
      const result = answer(kind, { status: 204, headers: given, cookies: jar })
      expect(onTheWire(kind, result)).toEqual([...expected, ...jar.map(cookie => `set-cookie: ${cookie}`)].sort())
    }),
    { numRuns: 200 },
  )
})

describe('size', () => {
  const fits = (name: Name, body: unknown) => Buffer.byteLength(JSON.stringify(answer(name, body)))
  // What of the answer is not its body, quotes included.
  const overhead = (name: Name, body: string | Uint8Array) => fits(name, body.slice(0, 0))

  test.each([
    ['http', 6_291_456],
    ['alb', 1_048_576],
  ] as const)('%s: text of exactly the limit is sent, one byte more is not', (name, limit) => {
    const body = 'x'.repeat(limit - overhead(name, 'x'))
    expect(fits(name, body)).toBe(limit)
    expect(() => answer(name, `${body}x`)).toThrow(`${limit + 1} bytes are more than the ${limit}`)
  })

  test('base64 is counted', () => {
    expect(() => answer('rest', Buffer.alloc(4_700_000))).not.toThrow()
    expect(() => answer('rest', Buffer.alloc(4_720_000))).toThrow(
      /^response: \d+ bytes in base64 are more than the 6291456 that Lambda lets through: compress/,
    )
  })

  test('so are the bytes of UTF-8, and what JSON escapes', () => {
    expect(() => answer('http', '€'.repeat(2_097_000))).not.toThrow()
    expect(() => answer('http', '€'.repeat(2_098_000))).toThrow(/bytes are more/)
    expect(() => answer('http', '\u0001'.repeat(1_048_000))).not.toThrow()
    expect(() => answer('http', '\u0001'.repeat(1_049_000))).toThrow(/bytes are more/)
    expect(() => answer('alb', '"'.repeat(525_000))).toThrow(/bytes are more than the 1048576 that a load balancer/)
  })
})
