// What holds for every kind of HTTP event: the parts of one request, read back from all the places that carry them.
import type { ALBEvent, APIGatewayProxyEvent, APIGatewayProxyEventV2 } from 'aws-lambda'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { albEvent } from './alb-event.ts'
import { apiGatewayProxyEvent } from './api-gateway-proxy-event.ts'
import { apiGatewayProxyEventV2 } from './api-gateway-proxy-event-v2.ts'
import type { HttpRequest } from './http.ts'
import { lambdaFunctionUrlEvent } from './lambda-function-url-event.ts'

const token = fc.stringMatching(/^[a-z][a-z0-9-]{0,8}$/)
const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 }).filter(value => !/[\ud800-\udfff]/.test(value))
const request: fc.Arbitrary<HttpRequest & { query: Record<string, string[]> }> = fc.record({
  method: fc.constantFrom('GET', 'POST', 'DELETE'),
  path: fc.array(token, { maxLength: 3 }).map(parts => `/${parts.join('/')}`),
  query: fc.dictionary(text, fc.array(text, { minLength: 1, maxLength: 3 }), { maxKeys: 3 }),
  headers: fc.dictionary(
    token.map(name => `x-${name}`),
    fc.array(token, { minLength: 1, maxLength: 3 }),
    { maxKeys: 3 },
  ),
  cookies: fc.dictionary(token, token, { maxKeys: 3 }),
  body: fc.option(fc.dictionary(token, fc.jsonValue())),
})

const cookieText = (given: HttpRequest): string | undefined =>
  Object.entries(given.cookies ?? {})
    .map(([name, value]) => `${name}=${value}`)
    .join('; ') || undefined

describe('every HTTP event', () => {
  test('of format 2.0 has the request in all its places', () => {
    fc.assert(
      fc.property(request, given => {
        for (const [event, kind] of [
          [apiGatewayProxyEventV2(given), 'api'],
          [lambdaFunctionUrlEvent(given), 'url'],
        ] as const satisfies [APIGatewayProxyEventV2, string][]) {
          expect(event.rawPath).toBe(given.path)
          expect(event.requestContext.http.path).toBe(given.path)
          expect(event.requestContext.http.method).toBe(given.method)
          expect(event.requestContext.http.userAgent).toBe(event.headers['user-agent'])
          expect(event.requestContext.domainName).toBe(event.headers.host)
          const parsed = new URLSearchParams(event.rawQueryString)
          for (const [name, values] of Object.entries(given.query)) {
            expect(parsed.getAll(name)).toEqual(values)
            expect(Object.entries(event.queryStringParameters ?? {})).toContainEqual([name, values.join(',')])
          }
          expect([...parsed].length).toBe(Object.values(given.query).flat().length)
          expect(event.cookies?.join('; ')).toBe(cookieText(given))
          expect(event.headers.cookie).toBe(kind === 'url' ? cookieText(given) : undefined)
          expect(event.body).toBe(given.body ? JSON.stringify(given.body) : undefined)
        }
      }),
    )
  })

  test('of format 1.0 has the request in all its places', () => {
    fc.assert(
      fc.property(request, given => {
        const event: APIGatewayProxyEvent = apiGatewayProxyEvent(given)
        expect(event.path).toBe(given.path)
        expect(event.requestContext.path).toBe(`/prod${given.path}`)
        expect([event.httpMethod, event.requestContext.httpMethod]).toEqual([given.method, given.method])
        expect(event.requestContext.identity.userAgent).toBe(event.headers['User-Agent'])
        expect(event.requestContext.domainName).toBe(event.headers.Host)
        expect(Object.entries(event.multiValueQueryStringParameters ?? {})).toEqual(Object.entries(given.query))
        for (const [name, values] of Object.entries(event.multiValueHeaders)) {
          expect(event.headers[name]).toBe(values?.at(-1))
        }
        expect(Object.keys(event.headers)).toEqual(Object.keys(event.multiValueHeaders))
        for (const [name, values] of Object.entries(given.headers ?? {})) {
          expect(event.multiValueHeaders[name]).toEqual(values)
        }
        expect(event.headers.Cookie).toBe(cookieText(given))
        expect(event.body).toBe(given.body ? JSON.stringify(given.body) : null)
      }),
    )
  })

  test('of a load balancer has the request in all its places, its query still encoded', () => {
    fc.assert(
      fc.property(request, given => {
        const one: ALBEvent = albEvent(given)
        const many: ALBEvent = albEvent(given, { multiValueHeaders: true })
        expect(one.multiValueHeaders ?? one.multiValueQueryStringParameters).toBeUndefined()
        expect(many.headers ?? many.queryStringParameters).toBeUndefined()
        expect([one.path, one.httpMethod]).toEqual([given.path, given.method])
        const decoded = Object.entries(many.multiValueQueryStringParameters ?? {}).map(([name, values]) => [
          decodeURIComponent(name),
          values?.map(decodeURIComponent),
        ])
        expect(decoded).toEqual(Object.entries(given.query))
        for (const [name, values] of Object.entries(many.multiValueHeaders ?? {})) {
          expect(one.headers?.[name]).toBe(values?.at(-1))
        }
        expect(one.headers?.cookie).toBe(cookieText(given))
        expect(one.body).toBe(given.body ? JSON.stringify(given.body) : '')
      }),
    )
  })

  const kinds = [
    ['REST API', apiGatewayProxyEvent],
    ['HTTP API', apiGatewayProxyEventV2],
    ['function URL', lambdaFunctionUrlEvent],
    ['load balancer', albEvent],
  ] as const
  const header = (event: { headers?: Record<string, string | undefined> | undefined }, name: string) =>
    Object.entries(event.headers ?? {}).find(([key]) => key.toLowerCase() === name)?.[1]

  test.each(kinds)('%s: an object body is JSON with its type and length', (_, factory) => {
    const event = factory({ body: { note: 'café' } })
    expect(event.body).toBe('{"note":"café"}')
    expect(event.isBase64Encoded).toBe(false)
    expect(header(event, 'content-type')).toBe('application/json')
    expect(header(event, 'content-length')).toBe('16')
  })

  test.each(kinds)('%s: a content type that was given stays, whatever its case', (_, factory) => {
    const event = factory({ body: {}, headers: { 'CONTENT-type': 'application/vnd.api+json' } })
    expect(header(event, 'content-type')).toBe('application/vnd.api+json')
    expect(Object.keys(event.headers ?? {}).filter(name => /^content-type$/i.test(name))).toHaveLength(1)
  })

  test.each(kinds)('%s: bytes are base64', (_, factory) => {
    const event = factory({ body: new Uint8Array([255, 0, 1, 2]).subarray(0, 2) })
    expect(event.body).toBe('/wA=')
    expect(event.isBase64Encoded).toBe(true)
    expect(header(event, 'content-length')).toBe('2')
  })

  test.each(kinds)('%s: a cookie header and cookies become one list', (_, factory) => {
    const event = factory({ headers: { Cookie: 'a=1; b=2' }, cookies: ['c=3'] })
    const cookies = 'cookies' in event ? event.cookies : header(event, 'cookie')?.split('; ')
    expect(cookies).toEqual(['a=1', 'b=2', 'c=3'])
  })

  test.each(kinds)('%s: an undefined header is not sent', (_, factory) => {
    expect(header(factory({ headers: { 'User-Agent': undefined } }), 'user-agent')).toBeUndefined()
  })

  test.each(kinds)('%s: the method follows from the body', (_, factory) => {
    const methodOf = (event: ReturnType<typeof factory>) =>
      'httpMethod' in event ? event.httpMethod : event.requestContext.http.method
    expect(methodOf(factory())).toBe('GET')
    expect(methodOf(factory({ body: 'x' }))).toBe('POST')
    expect(methodOf(factory({ method: 'PUT', body: 'x' }))).toBe('PUT')
  })

  test.each(kinds)('%s: a path that is none is refused', (_, factory) => {
    expect(() => factory({ path: 'orders' })).toThrow('path must begin with a slash: "orders"')
    expect(() => factory({ path: '/orders?a=1' })).toThrow('path must hold no query or fragment (use query)')
  })

  test.each(kinds)('%s: a body that JSON cannot carry is refused with its place', (_, factory) => {
    expect(() => factory({ body: { total: 1n } })).toThrow('JSON cannot carry body.total: it is a bigint')
  })

  test.each(kinds)('%s: two calls give equal events that share nothing', (_, factory) => {
    const first = factory({ path: '/orders' })
    expect(factory({ path: '/orders' })).toEqual(first)
    expect(factory({ path: '/orders' }).requestContext).not.toBe(first.requestContext)
  })

  test.each(kinds)('%s: survives JSON', (_, factory) => {
    const event = factory({ path: '/orders', body: { a: 1 }, cookies: { s: '1' }, query: { q: ['1', '2'] } })
    expect(JSON.parse(JSON.stringify(event))).toEqual(event)
  })
})
