import { Readable } from 'node:stream'
import {
  HttpError,
  type Middleware,
  PermanentError,
  RetryableError,
  type TelemetryEvent,
  TimeoutError,
} from '@lambent/core'
import {
  albEvent,
  apiGatewayProxyEvent,
  apiGatewayProxyEventV2,
  invoke,
  lambdaContext,
  lambdaFunctionUrlEvent,
  s3Event,
  sqsEvent,
} from '@lambent/testing'
import fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import { ConflictError, NotFoundError, ServiceUnavailableError } from './errors.ts'
import { http } from './http.ts'

const events = [
  ['rest', apiGatewayProxyEvent({ method: 'POST', path: '/orders', body: { id: 7 } })],
  ['http', apiGatewayProxyEventV2({ method: 'POST', path: '/orders', body: { id: 7 } })],
  ['function-url', lambdaFunctionUrlEvent({ method: 'POST', path: '/orders', body: { id: 7 } })],
  ['alb', albEvent({ method: 'POST', path: '/orders', body: { id: 7 } })],
  ['alb', albEvent({ method: 'POST', path: '/orders', body: { id: 7 } }, { multiValueHeaders: true })],
] as const

/** A middleware that hands on what the framework has to say. */
function listen(): { readonly heard: TelemetryEvent[]; readonly listener: Middleware } {
  const heard: TelemetryEvent[] = []
  const listener: Middleware = (ctx, next) => {
    ctx.telemetry.subscribe(event => heard.push(event))
    return next()
  }
  return { heard, listener }
}

/** The problem that a handler answers which throws this, and what was heard of it. */
async function thrown(error: unknown, event: (typeof events)[number][1] = apiGatewayProxyEventV2()) {
  const { heard, listener } = listen()
  const handler = http()
    .use(listener)
    .handle(() => {
      throw error
    })
  const result = await invoke(handler, event)
  return { result, problem: result.body === '' ? undefined : JSON.parse(result.body), heard }
}

describe.each(events)('%s', (kind, event) => {
  test('a request comes in, a result goes out', async () => {
    const handler = http().handle(({ request }) => ({
      kind: request.kind,
      path: request.path,
      body: JSON.parse(`${request.body}`),
    }))
    const result = await invoke(handler, event)
    expect(result).toMatchObject({ statusCode: 200, isBase64Encoded: false })
    expect(JSON.parse(result.body)).toEqual({ kind, path: '/orders', body: { id: 7 } })
  })

  test('an error comes out as a problem', async () => {
    const { result, problem } = await thrown(new NotFoundError('no such order'), event)
    expect(result.statusCode).toBe(404)
    expect(result.headers?.['content-type'] ?? result.multiValueHeaders?.['content-type']?.[0]).toBe(
      'application/problem+json',
    )
    expect(problem).toEqual({ type: 'about:blank', title: 'Not Found', status: 404, detail: 'no such order' })
  })
})

describe('ctx.request is a plain object', () => {
  const FIELDS = 'authorizer body claims cookies header headers kind method params path query requestId sourceIp stage'

  test.each(events)('%s: a copy has all of it, and nothing else', async (kind, event) => {
    const handler = http().handle(({ request }) => {
      const copy = { ...request }
      expect(Object.keys(copy).sort().join(' ')).toBe(FIELDS)
      expect(Object.getPrototypeOf(request)).toBe(Object.prototype)
      expect(copy).toMatchObject({ kind, method: 'POST', path: '/orders' })
      expect(`${copy.body}`).toBe('{"id":7}')
      return request
    })
    const { body } = await invoke(handler, event)
    expect(JSON.parse(body)).toMatchObject({ kind, method: 'POST', path: '/orders', query: {}, headers: {} })
  })

  test('header() works by itself', async () => {
    const handler = http().handle(({ request: { header } }) => header('X-Trace'))
    expect((await invoke(handler, apiGatewayProxyEventV2({ headers: { 'x-trace': 'abc' } }))).body).toBe('abc')
  })

  test('its fields are made once', async () => {
    const handler = http().handle(({ request }) =>
      Object.entries(request).every(([name, value]) => request[name as keyof typeof request] === value),
    )
    const event = apiGatewayProxyEvent({ body: Uint8Array.of(1), query: { a: '1' }, cookies: ['b=2'] })
    expect((await invoke(handler, event)).body).toBe('true')
  })
})

describe('unit', () => {
  const unitOf = async (event: (typeof events)[number][1]) => {
    let unit: unknown
    const context = lambdaContext({ awsRequestId: 'lambda-1' })
    await invoke(
      http().handle(ctx => {
        unit = { ...ctx.unit }
      }),
      event,
      context,
    )
    return unit
  }
  const now = Date.UTC(2026, 0, 15, 12)

  test.each([
    [
      'aws:apigateway',
      apiGatewayProxyEvent({ method: 'PUT', path: '/orders/7', resource: '/orders/{id}', body: 'x' }),
      { kind: 'rest', routeKey: 'PUT /orders/{id}' },
    ],
    [
      'aws:apigateway',
      apiGatewayProxyEventV2({ method: 'PUT', path: '/orders/7', routeKey: 'PUT /orders/{id}', body: 'x' }),
      { kind: 'http', routeKey: 'PUT /orders/{id}' },
    ],
    [
      'aws:lambda-url',
      lambdaFunctionUrlEvent({ method: 'PUT', path: '/orders/7', body: 'x' }),
      { kind: 'function-url', routeKey: '$default' },
    ],
  ])('%s', async (source, event, origin) => {
    expect(await unitOf(event)).toEqual({
      kind: 'invocation',
      source,
      id: 'lambda-1',
      sentAt: now,
      raw: 'x',
      sourceArn: undefined,
      origin: { method: 'PUT', path: '/orders/7', ...origin },
    })
  })

  test('aws:elasticloadbalancing', async () => {
    expect(await unitOf(albEvent({ path: '/orders/7' }))).toEqual({
      kind: 'invocation',
      source: 'aws:elasticloadbalancing',
      id: 'lambda-1',
      sentAt: undefined,
      raw: undefined,
      sourceArn: expect.stringMatching(/^arn:aws:elasticloadbalancing:.*:targetgroup\//),
      origin: { kind: 'alb', method: 'GET', path: '/orders/7', routeKey: undefined },
    })
  })

  test('a body in base64 is raw bytes, the same as those of the request', async () => {
    const event = apiGatewayProxyEventV2({ body: Uint8Array.of(1, 2) })
    const handler = http().handle(({ unit, request }) => [unit.raw === request.body, unit.raw instanceof Uint8Array])
    expect((await invoke(handler, event)).body).toBe('[true,true]')
  })

  test("the gateway's request id serves where there is no Lambda context", async () => {
    const handler = http().handle(({ unit }) => unit.id)
    const event = apiGatewayProxyEventV2({ requestContext: { requestId: 'gw-1' } })
    expect((await handler(event, undefined as never)).body).toBe('gw-1')
  })
})

describe('errors', () => {
  test('an HttpError is its status, message, headers and extensions', async () => {
    const error = new HttpError(422, 'two fields are wrong', {
      headers: { 'Retry-After': '5' },
      extensions: {
        issues: [{ path: ['a', 0], message: 'too small' }],
        type: 'https://example.com/problems/invalid',
        status: 200,
      },
    })
    const { result, problem } = await thrown(error)
    expect(result).toMatchObject({
      statusCode: 422,
      headers: { 'retry-after': '5', 'content-type': 'application/problem+json' },
    })
    expect(problem).toEqual({
      type: 'https://example.com/problems/invalid',
      title: 'Unprocessable Content',
      status: 422,
      detail: 'two fields are wrong',
      issues: [{ path: ['a', 0], message: 'too small' }],
    })
  })

  test.each([
    ['an Error', new Error('password is hunter2')],
    ['an Error with a status of its own', Object.assign(new Error('hunter2'), { status: 404, statusCode: 404 })],
    ['a PermanentError', new PermanentError('hunter2')],
    ['an HttpError from 500 on', new HttpError(500, 'hunter2')],
    ['text', 'hunter2'],
    ['undefined', undefined],
    ['null', null],
  ])('%s is 500 and says nothing', async (_, error) => {
    const { result, problem, heard } = await thrown(error)
    expect(JSON.stringify(result)).not.toContain('hunter2')
    expect(problem).toEqual({ type: 'about:blank', title: 'Internal Server Error', status: 500 })
    expect(heard).toEqual([
      {
        name: 'http.error',
        level: 'error',
        message: 'answered with 500 Internal Server Error',
        unit: expect.anything(),
        error,
        fields: { status: 500, method: 'GET' },
      },
    ])
  })

  test('an object that throws when it is read is 500 too', async () => {
    const read = () => {
      throw new Error('hunter2')
    }
    const { result } = await thrown(new Proxy({}, { get: read }))
    expect(result.statusCode).toBe(500)
  })

  test('a RetryableError is 503, and says when to come again: an open circuit', async () => {
    const open = new RetryableError('circuit psp is open', { code: 'CircuitOpen', retryAfter: 1200 })
    const { result, problem } = await thrown(open)
    expect(result).toMatchObject({ statusCode: 503, headers: { 'retry-after': '2' } })
    expect(problem).toEqual({ type: 'about:blank', title: 'Service Unavailable', status: 503 })
    const unsure = await thrown(new RetryableError('busy'))
    expect(unsure.result.statusCode).toBe(503)
    expect(unsure.result.headers).not.toHaveProperty('retry-after')
  })

  test('a TimeoutError is 504', async () => {
    const { result, heard } = await thrown(new TimeoutError('deadline reached'))
    expect(result.statusCode).toBe(504)
    expect(heard).toMatchObject([{ level: 'error', fields: { status: 504 } }])
  })

  test('a ServiceUnavailableError keeps its headers and hides its message', async () => {
    const { result, problem } = await thrown(
      new ServiceUnavailableError('db-7 is down', { headers: { 'retry-after': '2' } }),
    )
    expect(result).toMatchObject({ statusCode: 503, headers: { 'retry-after': '2' } })
    expect(problem).toEqual({ type: 'about:blank', title: 'Service Unavailable', status: 503 })
  })

  test('a 5xx that the handler returns is told as well', async () => {
    const { heard, listener } = listen()
    const handler = http()
      .use(listener)
      .handle(() => ({ status: 503, body: 'closed' }))
    expect(await handler(apiGatewayProxyEventV2(), lambdaContext())).toMatchObject({ statusCode: 503, body: 'closed' })
    expect(heard).toMatchObject([{ name: 'http.error', level: 'error', fields: { status: 503 } }])
  })

  test('what is below 500 is told at level info', async () => {
    const { heard } = await thrown(new ConflictError())
    expect(heard).toMatchObject([
      {
        name: 'http.error',
        level: 'info',
        message: 'answered with 409 Conflict',
        fields: { status: 409, method: 'GET' },
      },
    ])
  })

  test('to HEAD the answer is the status and the headers', async () => {
    const { result } = await thrown(new NotFoundError(), apiGatewayProxyEventV2({ method: 'HEAD' }))
    expect(result).toMatchObject({ statusCode: 404, body: '', headers: { 'content-type': 'application/problem+json' } })
  })

  test('a result that JSON cannot carry is 500, told with its cause', async () => {
    const { heard, listener } = listen()
    const result = await invoke(
      http()
        .use(listener)
        .handle(() => ({ total: 1n })),
      apiGatewayProxyEventV2(),
    )
    expect(result.statusCode).toBe(500)
    expect(heard).toMatchObject([
      { level: 'error', error: { code: 'InvalidResponseError', cause: expect.any(TypeError) } },
    ])
  })

  test('a result that is too large is 500, told with its size', async () => {
    const { heard, listener } = listen()
    const result = await invoke(
      http()
        .use(listener)
        .handle(() => Buffer.alloc(5_000_000)),
      apiGatewayProxyEventV2(),
    )
    expect(result.statusCode).toBe(500)
    expect(heard).toMatchObject([
      {
        level: 'error',
        error: { code: 'ResponseTooLargeError', message: expect.stringMatching(/^response: 6666668 bytes in base64/) },
      },
    ])
  })

  test('an error whose own answer cannot be sent is 500, and both are told', async () => {
    const { result, problem, heard } = await thrown(
      new HttpError(400, 'x', { headers: { a: 'b\r\nset-cookie: admin=1' } }),
    )
    expect(result).toMatchObject({ statusCode: 500, headers: { 'content-type': 'application/problem+json' } })
    expect(problem).toEqual({ type: 'about:blank', title: 'Internal Server Error', status: 500 })
    expect(heard).toMatchObject([
      { level: 'info', fields: { status: 400 } },
      { level: 'error', fields: { status: 500 } },
    ])
  })

  test.each([404.5, 'gone', 200, 99, undefined])(
    'an HttpError whose status has become %j is 500 and says nothing, whatever its fields look like',
    async status => {
      const error = Object.assign(new HttpError(404, 'hunter2', { extensions: { secret: 'hunter2' } }), { status })
      const { result, problem } = await thrown(error)
      expect(result).toMatchObject({ statusCode: 500, headers: { 'content-type': 'application/problem+json' } })
      expect(problem).toMatchObject({ title: 'Internal Server Error', status: 500 })
      expect(JSON.stringify(problem)).not.toContain('detail')
    },
  )

  test.each(['content-type', 'Content-Type', 'CONTENT-TYPE'])(
    'a problem has its own content type, and not the %s of the error as well',
    async name => {
      const headers = { [name]: 'text/plain', 'retry-after': '5' }
      const { result } = await thrown(new HttpError(429, 'slow down', { headers }))
      expect(result.headers).toEqual({ 'content-type': 'application/problem+json', 'retry-after': '5' })
    },
  )

  test('with nobody listening, a 500 is a line on the console with the cause, a 404 is none', async () => {
    const print = vi.spyOn(console, 'error').mockImplementation(() => {})
    const answer = (error: unknown) =>
      invoke(
        http().handle(() => {
          throw error
        }),
        apiGatewayProxyEventV2(),
      )
    await answer(new NotFoundError())
    expect(print).not.toHaveBeenCalled()
    await answer(new Error('outer', { cause: new Error('inner') }))
    expect(JSON.parse(`${print.mock.calls[0]?.[0]}`)).toMatchObject({
      name: 'http.error',
      level: 'error',
      fields: { status: 500 },
      error: { message: 'outer', cause: { message: 'inner' } },
    })
    print.mockRestore()
  })
})

describe('what almost is a response is 500, and told with what is wrong', () => {
  test.each([
    ['{ statusCode, body } of Lambda proxies', { statusCode: 404, body: 'x' }, 'statusCode'],
    ['a misspelt key', { status: 401, header: { 'www-authenticate': 'Basic' }, body: 'x' }, 'header'],
    ['a base64 body of Lambda proxies', { statusCode: 200, isBase64Encoded: true }, 'statusCode'],
    ['one more key', { status: 200, body: 'x', id: 7 }, 'id'],
    ['a statusCode of its class', Object.assign(Object.create({ statusCode: 200 }), { body: 'x' }), 'statusCode'],
    ['an answer of axios', { status: 200, statusText: 'OK', headers: {}, data: {} }, 'statusText'],
  ])('%s', async (_, value, key) => {
    const { heard, listener } = listen()
    const handler = http()
      .use(listener)
      .handle(() => value)
    expect(await invoke(handler, apiGatewayProxyEventV2())).toMatchObject({ statusCode: 500 })
    const message = `has the key ${key} too: rename or remove it, or send the object as JSON by { status: 200, body: object }`
    expect(heard).toMatchObject([
      { level: 'error', error: { code: 'InvalidResponseError', message: expect.stringContaining(message) } },
    ])
  })

  test.each([
    ['the key extra, undefined', { status: 401, body: 'x', extra: undefined }],
    ['Lambda proxy keys, undefined', { status: 401, body: 'x', statusCode: undefined, isBase64Encoded: undefined }],
  ])('but a key that is undefined is none: %s', async (_, value) => {
    const handler = http().handle(() => value)
    expect(await invoke(handler, apiGatewayProxyEventV2())).toMatchObject({ statusCode: 401, body: 'x' })
  })

  test.each([
    { status: 'shipped', body: 'x' },
    { status: 200, id: 1 },
    { status: 200, id: 1, body: undefined },
    { statusCode: 404, message: 'x' },
    { statusCode: 40, body: 'x' },
  ])('and plain JSON stays JSON: %j', async value => {
    const handler = http().handle(() => value)
    expect(await invoke(handler, apiGatewayProxyEventV2())).toMatchObject({
      statusCode: 200,
      body: JSON.stringify(value),
    })
  })
})

describe('options', () => {
  test('headers are on every response, of errors too', async () => {
    const pipeline = http({ headers: { 'Access-Control-Allow-Origin': '*', 'cache-control': 'no-store' } })
    const good = await invoke(
      pipeline.handle(() => ({ status: 200, headers: { 'Cache-Control': 'max-age=5' } })),
      apiGatewayProxyEventV2(),
    )
    const bad = await invoke(
      pipeline.handle(() => {
        throw new NotFoundError()
      }),
      apiGatewayProxyEventV2(),
    )
    expect(good.headers).toEqual({ 'access-control-allow-origin': '*', 'cache-control': 'max-age=5' })
    expect(bad.headers).toEqual({
      'access-control-allow-origin': '*',
      'cache-control': 'no-store',
      'content-type': 'application/problem+json',
    })
  })

  test('headers that HTTP does not allow fail where they are defined', () => {
    expect(() => http({ headers: { 'a b': 'x' } })).toThrow(/"a b" cannot be the name of a header/)
  })

  test('the reserve is kept back from the deadline', async () => {
    const handler = http({ reserve: 2_000 }).handle(({ deadline }) => Math.round(deadline.remaining() / 1000))
    expect((await invoke(handler, apiGatewayProxyEventV2(), lambdaContext({ timeout: 30_000 }))).body).toBe('28')
  })
})

describe('an event of another kind fails with what was expected and what came', () => {
  const handler = http().handle(() => 'never')
  const authorizer = { ...apiGatewayProxyEvent(), type: 'REQUEST', methodArn: 'arn:aws:execute-api:…' }
  const webSocket = { requestContext: { connectionId: 'abc', eventType: 'CONNECT' }, isBase64Encoded: false }

  test.each([
    ['S3', s3Event(), 'an S3 event'],
    ['SQS', sqsEvent(), 'an SQS event'],
    ['the console', { key1: 'value1', key2: 'value2' }, 'an object with the keys "key1", "key2"'],
    ['a Lambda authorizer', authorizer, 'a Lambda authorizer request'],
    ['a WebSocket API', webSocket, 'an API Gateway WebSocket event'],
    ['{}', {}, 'an empty object'],
    ['null', null, 'null'],
    ['text', 'hello', 'a string'],
    ['a request without its context', { httpMethod: 'GET', path: '/' }, 'an object with the keys "httpMethod", "path"'],
  ])('%s', async (_, event, came) => {
    await expect(handler(event as never, lambdaContext())).rejects.toMatchObject({
      name: 'UnexpectedEventError',
      message:
        'expected a request from API Gateway, a Lambda function URL or an Application Load Balancer, ' +
        `got ${came}: check what triggers this function, or the test event`,
    })
  })
})

test('any JSON is a request or an event of another kind, and never a defect', async () => {
  const handler = http().handle(({ request }) => [request.method, request.path, request.headers, request.query])
  const part = fc.jsonValue({ maxDepth: 2 })
  const context = fc.record({ http: fc.oneof(part, fc.record({ method: part })), elb: part }, { requiredKeys: [] })
  const like = fc.record(
    { httpMethod: part, version: part, headers: part, requestContext: context },
    { requiredKeys: [] },
  )
  await fc.assert(
    fc.asyncProperty(fc.oneof(part, like), async event => {
      const outcome = await handler(event as never, lambdaContext()).catch(error => error)
      expect([outcome.statusCode, outcome.name]).toSatisfy(
        ([status, name]) => status === 200 || name === 'UnexpectedEventError',
      )
    }),
    { numRuns: 300 },
  )
})

test('64 invocations at once in one process keep apart', async () => {
  const handler = http().handle(async ({ request }) => {
    await new Promise(resolve => setTimeout(resolve, Math.random() * 5))
    return { path: request.path, q: request.query.q }
  })
  const answers = await Promise.all(
    Array.from({ length: 64 }, (_, i) =>
      invoke(handler, apiGatewayProxyEventV2({ path: `/${i}`, query: { q: `${i}` } })),
    ),
  )
  expect(answers.map(({ body }) => JSON.parse(body))).toEqual(
    Array.from({ length: 64 }, (_, i) => ({ path: `/${i}`, q: `${i}` })),
  )
})

describe.each([
  ['rest', apiGatewayProxyEvent({ headers: { host: 'a.example' }, query: { q: '1' } })],
  ['alb', albEvent({ headers: { host: 'a.example' }, query: { q: '1' } })],
] as const)('%s', (kind, event) => {
  test('empty multi-value fields, as emulators send them, do not hide the plain ones', async () => {
    const { headers, queryStringParameters } = event
    const plain = { ...event, headers, queryStringParameters }
    const emulated = { ...plain, multiValueHeaders: {}, multiValueQueryStringParameters: {} }
    const handler = http().handle(({ request }) => [request.header('host'), request.query.q])
    const result = await invoke(handler, emulated as never)
    expect(result.body).toBe('["a.example","1"]')
    expect(result.headers?.['content-type'], kind).toBe('application/json')
  })
})

describe('a body that JSON makes {} or part of, without a word, is 500', () => {
  async function* pages() {
    yield 1
  }
  test.each([
    ['a Promise', Promise.resolve(1), /type Promise: .*await/],
    // biome-ignore lint/suspicious/noThenProperty: query builders have one
    ['a query that has then()', { then: () => {} }, /type Promise/],
    ['an Error', new NotFoundError('hunter2'), /type Error: throw/],
    ['an AbortError', new DOMException('x', 'AbortError'), /type DOMException/],
    ['a generator', (function* () {})(), /type Generator/],
    ['an iterator', new Map().values(), /type Map Iterator/],
    ['an async generator', pages(), /type stream/],
    ['a Node stream', Readable.from([]), /type stream/],
    ['a web stream', new ReadableStream(), /type stream/],
    ['a web Response', new Response(null, { status: 404 }), /type Response/],
    ['web Headers', new Headers(), /type Headers/],
    ['form data', new URLSearchParams('a=1'), /type URLSearchParams/],
  ])('%s', async (_, body, message) => {
    for (const value of [() => ({ status: 200, body }), () => [body][0]]) {
      const { heard, listener } = listen()
      // A promise that is returned is awaited; only in a body it stays one.
      if ('then' in body && value() === body) continue
      const handler = http().use(listener).handle(value)
      expect(await invoke(handler, apiGatewayProxyEventV2())).toMatchObject({ statusCode: 500 })
      expect(heard).toMatchObject([
        { error: { code: 'InvalidResponseError', message: expect.stringMatching(message) } },
      ])
    }
  })
})

test('headers may be a Map, web Headers, or pairs', async () => {
  const web = new Headers({ 'X-A': '1' })
  web.append('set-cookie', 'a=1')
  web.append('set-cookie', 'b=2')
  const map = new Map<string, string | string[]>([
    ['X-A', '1'],
    ['Set-Cookie', ['a=1', 'b=2']],
  ])
  for (const headers of [web, map, [...map]]) {
    const handler = http().handle(() => ({ status: 204, headers }))
    expect(await invoke(handler, apiGatewayProxyEventV2())).toMatchObject({
      statusCode: 204,
      headers: { 'x-a': '1' },
      cookies: ['a=1', 'b=2'],
    })
  }
})
