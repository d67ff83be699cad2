import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type HttpHeaders, headersOf, type Message, messageOf, responseOf } from './response.ts'

const sent = (value: unknown, method = 'GET', defaults?: HttpHeaders) => {
  const { status, headers, cookies, body, isBase64Encoded }: Message = messageOf(
    responseOf(value),
    headersOf(defaults),
    method,
  )
  return { status, headers: Object.fromEntries(headers), cookies, body, isBase64Encoded }
}
const typed = (type: string) => ({ 'content-type': [type] })

describe('what is no response is a body', () => {
  test.each([[undefined], [null]])('%s is 204 without a body', value => {
    expect(sent(value)).toEqual({ status: 204, headers: {}, cookies: [], body: '', isBase64Encoded: false })
  })

  test('text is text', () => {
    expect(sent('schön')).toMatchObject({ status: 200, headers: typed('text/plain; charset=utf-8'), body: 'schön' })
  })

  test('an empty text is 200, and not nothing', () => {
    expect(sent('')).toMatchObject({ status: 200, headers: typed('text/plain; charset=utf-8'), body: '' })
  })

  test.each([
    ['Uint8Array', Uint8Array.of(0, 200, 255)],
    ['Buffer', Buffer.from([0, 200, 255])],
    ['a view into a larger buffer', Uint8Array.of(9, 0, 200, 255, 9).subarray(1, 4)],
    ['ArrayBuffer', Uint8Array.of(0, 200, 255).buffer],
  ])('%s goes out as bytes', (_, bytes) => {
    const message = sent(bytes)
    expect(message).toMatchObject({ status: 200, headers: typed('application/octet-stream'), isBase64Encoded: true })
    expect([...Buffer.from(message.body, 'base64')]).toEqual([0, 200, 255])
  })

  test.each([[[1, 2]], [0], [false], [{}], [{ id: 7, at: new Date(0) }], [{ toJSON: () => 'x' }]])(
    '%j is JSON',
    value => {
      expect(sent(value)).toMatchObject({
        status: 200,
        headers: typed('application/json'),
        body: JSON.stringify(value),
      })
    },
  )

  test.each([
    ['a status that is a word', { status: 'shipped' }],
    ['a status out of range', { status: 600 }],
    ['a status below 100', { status: 99, body: 'x' }],
    ['a status with a fraction', { status: 200.5 }],
    ['no status', { body: 'x', headers: {} }],
    ['an array', [{ status: 200 }]],
  ])('an object with %s is JSON', (_, value) => {
    expect(sent(value)).toMatchObject({ status: 200, headers: typed('application/json'), body: JSON.stringify(value) })
  })
})

describe('a response', () => {
  test('its body is read by the same rules', () => {
    expect(sent({ status: 201, body: { id: 7 } })).toMatchObject({
      status: 201,
      headers: typed('application/json'),
      body: '{"id":7}',
    })
    expect(sent({ status: 200, body: Uint8Array.of(1) })).toMatchObject({ body: 'AQ==', isBase64Encoded: true })
    expect(sent({ status: 202 })).toEqual({ status: 202, headers: {}, cookies: [], body: '', isBase64Encoded: false })
  })

  test('to send an object that looks like one, it is the body of one', () => {
    expect(sent({ status: 200, body: { status: 404 } })).toMatchObject({ status: 200, body: '{"status":404}' })
  })

  test('its content type, in any case, stands before the usual one', () => {
    const message = sent({ status: 200, headers: { 'Content-Type': 'application/hal+json' }, body: { id: 7 } })
    expect(message).toMatchObject({ headers: typed('application/hal+json'), body: '{"id":7}' })
  })

  test('headers take text, numbers and lists; undefined is none', () => {
    const headers = { Age: 60, Link: ['</a>', '</b>'], ETag: undefined, 'X-Empty': [] }
    expect(sent({ status: 204, headers }).headers).toEqual({ age: ['60'], link: ['</a>', '</b>'] })
  })

  test('set-cookie among the headers and cookies are the same thing', () => {
    const message = sent({ status: 204, headers: { 'Set-Cookie': ['a=1', 'b=2'] }, cookies: ['c=3'] })
    expect(message).toMatchObject({ headers: {}, cookies: ['a=1', 'b=2', 'c=3'] })
  })

  test('headers of every response give way to its own', () => {
    const defaults = { 'Cache-Control': 'no-store', 'X-Frame-Options': 'DENY', 'Content-Type': 'text/html' }
    expect(
      sent({ status: 200, headers: { 'cache-control': 'max-age=60' }, body: 'x' }, 'GET', defaults).headers,
    ).toEqual({
      'cache-control': ['max-age=60'],
      'x-frame-options': ['DENY'],
      'content-type': ['text/html'],
    })
  })
})

describe('no body where HTTP has none', () => {
  test.each([204, 205, 304])('%i', status => {
    expect(sent({ status, headers: { etag: '"1"' }, body: { id: 7 } })).toMatchObject({
      headers: { etag: ['"1"'] },
      body: '',
    })
  })

  test('the answer to HEAD has the headers of the answer to GET', () => {
    expect(sent({ id: 7 }, 'HEAD')).toMatchObject({ status: 200, headers: typed('application/json'), body: '' })
    expect(sent(Uint8Array.of(1), 'HEAD')).toMatchObject({ body: '', isBase64Encoded: false })
  })
})

describe('what cannot be sent is refused with the reason', () => {
  const circle: Record<string, unknown> = {}
  circle.self = circle

  test.each([
    ['bigint', { total: 1n }, /cannot be made JSON/],
    ['a cycle', circle, /cannot be made JSON/],
    ['a function', () => 1, /type function/],
    ['a symbol', Symbol('x'), /type symbol/],
    ['a Map', new Map(), /type Map/],
    ['a Blob', new Blob(['x']), /type Blob/],
    ['headers that are none', { status: 200, headers: 'x' }, /headers must be an object/],
    ['headers that are a list of lines', { status: 200, headers: ['a: b'] }, /undefined cannot be the name/],
    ['a header that is an object', { status: 200, headers: { a: new Date() } }, /header a must be text/],
    ['a cookie that is an object', { status: 200, cookies: [{ name: 'a' }] }, /cookies must be text/],
    ['a blank in a name', { status: 200, headers: { 'a b': 'x' } }, /"a b" cannot be the name/],
    ['an empty name', { status: 200, headers: { '': 'x' } }, /cannot be the name/],
  ])('%s', (_, value, message) => {
    expect(() => sent(value)).toThrow(message)
  })

  test('the cause is kept', () => {
    expect(() => sent(1n)).toThrow(
      expect.objectContaining({ code: 'InvalidResponseError', cause: expect.any(TypeError) }),
    )
  })

  test('no name or value with a line break gets through, and the message does not repeat the value', () => {
    const evil = fc
      .tuple(fc.string(), fc.constantFrom('\r', '\n', '\r\n', '\0'), fc.string())
      .map(parts => parts.join(''))
    fc.assert(
      fc.property(evil, value => {
        for (const response of [{ headers: { a: value } }, { headers: { a: ['x', value] } }, { cookies: [value] }])
          expect(() => sent({ status: 200, ...response })).toThrow(
            /^response: (header a|cookies) has a line break or another control character in it$/,
          )
        expect(() => sent({ status: 200, headers: { [value]: 'x' } })).toThrow(/cannot be the name/)
        expect(() => sent(undefined, 'GET', { a: value })).toThrow(/line break/)
      }),
      { numRuns: 50 },
    )
  })
})
