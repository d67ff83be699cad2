import { albEvent, apiGatewayProxyEvent, apiGatewayProxyEventV2, lambdaFunctionUrlEvent } from '@lambent/testing'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { kindOf } from './kind.ts'
import type { Loose } from './loose.ts'
import { type HttpRequest, requestOf as open, rawOf } from './request.ts'

/** The request of an event as Lambda delivers it: made through JSON. */
function requestOf(event: unknown): HttpRequest & { readonly raw: unknown } {
  const arriving: Loose = JSON.parse(JSON.stringify(event))
  const kind = kindOf(arriving)
  if (!kind) throw new Error('no HTTP event')
  const raw = rawOf(arriving)
  const request = open(kind, arriving, raw, 'lambda-request')
  return Object.defineProperty(request as HttpRequest & { raw: unknown }, 'raw', { get: raw })
}

// What each factory takes, in plain terms.
interface Given {
  readonly method?: string
  readonly path?: string
  readonly query?: Record<string, string | string[]>
  readonly headers?: Record<string, string | string[]>
  readonly cookies?: string[]
  readonly body?: string | Uint8Array
}

const factories = {
  rest: (given: Given) => apiGatewayProxyEvent(given),
  http: (given: Given) => apiGatewayProxyEventV2(given),
  'function-url': (given: Given) => lambdaFunctionUrlEvent(given),
  'alb with multi-value headers': (given: Given) => albEvent(given, { multiValueHeaders: true }),
  alb: (given: Given) => albEvent(given),
}
const all = Object.entries(factories)
const withRepeats = all.filter(([name]) => name !== 'alb')

describe.each(all)('%s', (name, make) => {
  test('the kind, the method and the path', () => {
    const request = requestOf(make({ method: 'PATCH', path: '/orders/17' }))
    expect(request).toMatchObject({ kind: name.split(' ')[0], method: 'PATCH', path: '/orders/17' })
  })

  test('the method is in upper case', () => {
    expect(requestOf(make({ method: 'delete' })).method).toBe('DELETE')
  })

  test('headers are found in any case and listed in lower case', () => {
    const request = requestOf(make({ headers: { 'X-Trace-Id': 'abc' } }))
    expect(request.header('x-TRACE-id')).toBe('abc')
    expect(request.headers['x-trace-id']).toBe('abc')
    expect(request.header('absent')).toBeUndefined()
  })

  test('nothing is in the headers, query, cookies and params that was not sent', () => {
    const request = requestOf(make({}))
    for (const record of [request.headers, request.query, request.cookies, request.params]) {
      for (const name of ['constructor', '__proto__']) expect(record[name]).toBeUndefined()
    }
    expect(request.header('__proto__')).toBeUndefined()
  })

  test('cookies are by name, decoded, and in the cookie header', () => {
    const request = requestOf(make({ cookies: ['session=a%20b', 'theme=dark', 'q="1=2"', 'session=other'] }))
    expect({ ...request.cookies }).toEqual({ session: 'a b', theme: 'dark', q: '1=2' })
    expect(request.headers.cookie).toBe('session=a%20b; theme=dark; q="1=2"; session=other')
  })

  test('a cookie whose per cent sign encodes nothing is left as it is', () => {
    expect(requestOf(make({ cookies: ['sale=100%'] })).cookies.sale).toBe('100%')
  })

  test('a text body is raw text, and bytes on request', () => {
    const request = requestOf(make({ body: '{"price":"9 €"}' }))
    expect(request.raw).toBe('{"price":"9 €"}')
    expect(new TextDecoder().decode(request.body)).toBe('{"price":"9 €"}')
    expect(request.body).toBe(request.body)
  })

  test('a base64 body is bytes, decoded once', () => {
    const bytes = Uint8Array.from([0, 255, 128, 10])
    const request = requestOf(make({ body: bytes }))
    expect(Uint8Array.from(request.body)).toEqual(bytes)
    expect(request.raw).toBe(request.body)
  })

  test('no body is raw undefined and no bytes', () => {
    const request = requestOf(make({}))
    expect(request.raw).toBeUndefined()
    expect(request.body).toHaveLength(0)
  })

  test('any single parameter comes out as it was sent', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (key, value) => {
        fc.pre(key !== '__proto__') // the factory's own plain objects do not take it; see below
        expect({ ...requestOf(make({ query: { [key]: value } })).query }).toEqual({ [key]: value })
      }),
      { numRuns: 50 },
    )
  })

  test('the address of the client', () => {
    const event = make({ headers: { 'x-forwarded-for': '198.51.100.7, 203.0.113.10' } })
    expect(requestOf(event).sourceIp).toBe('203.0.113.10')
  })
})

describe.each(withRepeats)('%s', (_, make) => {
  test('repeated parameters keep their values and order, commas and all', () => {
    const request = requestOf(make({ query: { tag: ['a,b', 'c', 'a,b'], one: 'x,y' } }))
    expect({ ...request.query }).toEqual({ tag: ['a,b', 'c', 'a,b'], one: 'x,y' })
  })

  test('any query comes out as it was sent', () => {
    const value = fc.string({ unit: 'grapheme' })
    const values = fc.oneof(value, fc.array(value, { minLength: 2, maxLength: 4 }))
    fc.assert(
      fc.property(fc.dictionary(value, values, { noNullPrototype: true }), query => {
        fc.pre(!Object.hasOwn(query, '__proto__'))
        expect({ ...requestOf(make({ query })).query }).toEqual(query)
      }),
      { numRuns: 50 },
    )
  })
})

test.each([
  ['rest', () => apiGatewayProxyEvent({ headers: { 'X-Tag': ['a', 'b'] } })],
  ['alb', () => albEvent({ headers: { 'X-Tag': ['a', 'b'] } }, { multiValueHeaders: true })],
])('%s: repeated headers are joined', (_, make) => {
  expect(requestOf(make()).headers['x-tag']).toBe('a, b')
})

test('repeated cookie headers are joined by semicolons, as RFC 9113 has it', () => {
  const event = apiGatewayProxyEvent()
  const multiValueHeaders = { Cookie: ['a=1', 'b=2'] }
  expect({ ...requestOf({ ...event, multiValueHeaders }).cookies }).toEqual({ a: '1', b: '2' })
})

test.each(['__proto__', 'constructor', 'toString'])(
  'a parameter, header or cookie called %s is one like any other',
  name => {
    const entry = Object.fromEntries([[name, 'x']])
    const rest = requestOf({
      ...apiGatewayProxyEvent(),
      multiValueHeaders: null,
      headers: entry,
      queryStringParameters: entry,
      pathParameters: entry,
    })
    const url = requestOf({
      ...lambdaFunctionUrlEvent(),
      rawQueryString: `${name}=x&${name}=y`,
      cookies: [`${name}=x`],
    })
    expect([rest.header(name), rest.query[name], rest.params[name]]).toEqual(['x', 'x', 'x'])
    expect([url.query[name], url.cookies[name]]).toEqual([['x', 'y'], 'x'])
    expect(({} as Record<string, unknown>).x).toBeUndefined()
  },
)

test('a load balancer hands on the query undecoded: plus signs and per cent signs are read here', () => {
  const queryStringParameters = { 'q%5B%5D': 'caf%C3%A9+%2B+tea', broken: '%zz' }
  expect({ ...requestOf({ ...albEvent(), queryStringParameters }).query }).toEqual({
    'q[]': 'café + tea',
    broken: '%zz',
  })
})

test('API Gateway has decoded the query of payload format 1.0: nothing is decoded twice', () => {
  const multiValueQueryStringParameters = { q: ['100%25', 'a+b'] }
  expect({ ...requestOf({ ...apiGatewayProxyEvent(), multiValueQueryStringParameters }).query }).toEqual({
    q: ['100%25', 'a+b'],
  })
})

test('a query that begins with a second question mark keeps it', () => {
  expect({ ...requestOf({ ...lambdaFunctionUrlEvent(), rawQueryString: '?a=1' }).query }).toEqual({ '?a': '1' })
})

describe('stage', () => {
  const domain = 'abc.execute-api.eu-west-1.amazonaws.com'

  test('an HTTP API puts its named stage before the path: it is taken off', () => {
    const event = apiGatewayProxyEventV2({ path: '/orders', requestContext: { stage: 'live', domainName: domain } })
    expect(event.rawPath).toBe('/live/orders')
    expect(requestOf(event)).toMatchObject({ path: '/orders', stage: 'live' })
  })

  test('the root of a stage is the root', () => {
    const event = apiGatewayProxyEventV2({ requestContext: { stage: 'live', domainName: domain } })
    expect(
      requestOf({
        ...event,
        rawPath: '/live',
        requestContext: { ...event.requestContext, http: { ...event.requestContext.http, path: '/live' } },
      }).path,
    ).toBe('/')
  })

  test('a path that only begins as the stage does is left', () => {
    const event = apiGatewayProxyEventV2({ path: '/lively', requestContext: { stage: '$default', domainName: domain } })
    expect(requestOf({ ...event, requestContext: { ...event.requestContext, stage: 'live' } }).path).toBe('/lively')
  })

  test('behind a custom domain there is no stage in the path, even where a route is called like it', () => {
    const event = apiGatewayProxyEventV2({ path: '/orders' })
    const context = {
      ...event.requestContext,
      stage: 'v1',
      domainName: 'api.example.com',
      http: { ...event.requestContext.http, path: '/v1/orders' },
    }
    expect(requestOf({ ...event, rawPath: '/v1/orders', requestContext: context }).path).toBe('/v1/orders')
  })

  test('an HTTP API in payload format 1.0 has it in the path too', () => {
    const event = apiGatewayProxyEvent({ path: '/live/orders' })
    const context = { ...event.requestContext, stage: 'live', path: '/live/orders' }
    expect(requestOf({ ...event, version: '1.0', requestContext: context })).toMatchObject({
      kind: 'rest',
      path: '/orders',
    })
  })

  test('a REST API never has: a route called like the stage is a route', () => {
    expect(requestOf(apiGatewayProxyEvent({ path: '/prod/orders', requestContext: { stage: 'prod' } })).path).toBe(
      '/prod/orders',
    )
  })
})

describe('claims', () => {
  const rest = (authorizer: object) => requestOf(apiGatewayProxyEvent({ requestContext: { authorizer } })).claims
  const http = (authorizer: object | null) => {
    const event = apiGatewayProxyEventV2()
    return requestOf({ ...event, requestContext: { ...event.requestContext, authorizer } }).claims
  }

  test('REST, Cognito', () => expect(rest({ claims: { sub: 'u1' } })).toEqual({ sub: 'u1' }))
  test('REST, Lambda authorizer', () => expect(rest({ principalId: 'u1' })).toEqual({ principalId: 'u1' }))
  test('HTTP, JWT', () => expect(http({ jwt: { claims: { sub: 'u1' }, scopes: [] } })).toEqual({ sub: 'u1' }))
  test('HTTP, Lambda authorizer', () => expect(http({ lambda: { tenant: 't1' } })).toEqual({ tenant: 't1' }))
  test('HTTP, Lambda authorizer without context', () => expect(http({ lambda: null })).toBeUndefined())
  test('HTTP and function URL, IAM', () => expect(http({ iam: { userId: 'u1' } })).toEqual({ userId: 'u1' }))
  test('no authorizer', () => {
    expect(http(null)).toBeUndefined()
    expect(requestOf(albEvent()).claims).toBeUndefined()
  })
})

test('the ids of the gateway, and of Lambda where there is none', () => {
  expect(requestOf(apiGatewayProxyEvent({ requestContext: { requestId: 'gw-1' } })).requestId).toBe('gw-1')
  expect(requestOf(albEvent()).requestId).toBe('lambda-request')
})

test.each([
  ['203.0.113.10:4711', '203.0.113.10'],
  ['[2001:db8::1]:4711', '2001:db8::1'],
  ['2001:db8::1', '2001:db8::1'],
])('a load balancer that adds the client port: %s', (peer, ip) => {
  expect(requestOf(albEvent({ headers: { 'x-forwarded-for': `198.51.100.7, ${peer}` } })).sourceIp).toBe(ip)
})

test('path parameters', () => {
  const event = apiGatewayProxyEvent({ path: '/orders/17', resource: '/orders/{id}' })
  expect({ ...requestOf(event).params }).toEqual({ id: '17' })
})

test('the nulls of the console test event of API Gateway are nothing', () => {
  const event = {
    ...apiGatewayProxyEvent(),
    headers: null,
    multiValueHeaders: null,
    queryStringParameters: null,
    multiValueQueryStringParameters: null,
    pathParameters: null,
  }
  const request = requestOf(event)
  expect([request.headers, request.query, request.cookies, request.params].map(record => Object.keys(record))).toEqual([
    [],
    [],
    [],
    [],
  ])
})

test('whatever is where it does not belong, reading does not throw', () => {
  const names = [
    'headers',
    'multiValueHeaders',
    'queryStringParameters',
    'rawQueryString',
    'cookies',
    'body',
    'isBase64Encoded',
    'pathParameters',
    'path',
    'rawPath',
  ]
  const junk = fc.record(Object.fromEntries(names.map(name => [name, fc.jsonValue()])), { requiredKeys: [] })
  const context = fc.record(
    {
      elb: fc.jsonValue(),
      http: fc.jsonValue(),
      authorizer: fc.jsonValue(),
      identity: fc.jsonValue(),
      stage: fc.jsonValue(),
      requestId: fc.jsonValue(),
      domainName: fc.jsonValue(),
    },
    { requiredKeys: [] },
  )
  fc.assert(
    fc.property(junk, context, (fields, requestContext) => {
      const request = requestOf({ ...fields, httpMethod: 'GET', requestContext })
      expect(request.path).toBeTypeOf('string')
      expect(request.body).toBeInstanceOf(Uint8Array)
      expect(request.requestId).toBeTypeOf('string')
      for (const value of [
        ...Object.values(request.headers),
        ...Object.values(request.cookies),
        ...Object.values(request.params),
      ])
        expect(value).toBeTypeOf('string')
      for (const value of Object.values(request.query).flat()) expect(value).toBeTypeOf('string')
      for (const value of [request.sourceIp, request.stage]) expect(['string', 'undefined']).toContain(typeof value)
      expect(['object', 'undefined']).toContain(typeof request.claims)
      return request.raw === undefined || request.body.length >= 0
    }),
    { numRuns: 300 },
  )
})
