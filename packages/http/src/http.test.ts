import { HttpError, type Middleware, RetryableError, type TelemetryEvent, TimeoutError } from '@lambent/core'
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
    ['a RetryableError', new RetryableError('hunter2')],
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
      status: 500,
      error: { message: 'outer', cause: { message: 'inner' } },
    })
    print.mockRestore()
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
    ['S3', s3Event(), 'an event of aws:s3'],
    ['SQS', sqsEvent(), 'an event of aws:sqs'],
    ['the console', { key1: 'value1', key2: 'value2', key3: 'value3' }, 'an object with the keys key1, key2, key3'],
    ['a Lambda authorizer', authorizer, 'a Lambda authorizer request'],
    ['a WebSocket API', webSocket, 'an event of an API Gateway WebSocket API'],
    ['{}', {}, 'an empty object'],
    ['null', null, 'null'],
    ['text', 'hello', 'a string'],
    ['a request without its context', { httpMethod: 'GET', path: '/' }, 'an object with the keys httpMethod, path'],
  ])('%s', async (_, event, came) => {
    await expect(handler(event as never, lambdaContext())).rejects.toMatchObject({
      name: 'UnexpectedEventError',
      message: `http() takes requests from API Gateway, a Lambda function URL or an Application Load Balancer, and got ${came}`,
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
