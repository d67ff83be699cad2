// The Runtime API as a runtime sees it: plain HTTP.
import { connect } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type RuntimeApi, type RuntimeRequest, startRuntimeApi } from './runtime-api.ts'

let api: RuntimeApi
beforeEach(async () => {
  api = await startRuntimeApi()
})
afterEach(() => api.close())

describe('GET /runtime/invocation/next', () => {
  test('waits for an invocation, and gives its event and headers', async () => {
    const next = call('invocation/next')
    await api.ready()
    void api.invoke({
      ...invocation('1'),
      body: Buffer.from('{ "spaced" : 1 }'),
      clientContext: '{"name":"Zoë"}',
      cognitoIdentity: '{"id":1}',
      tenantId: 't',
    })
    const response = await next
    expect(response.status).toBe(200)
    expect(await response.text()).toBe('{ "spaced" : 1 }')
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'application/json',
      'lambda-runtime-aws-request-id': '1',
      'lambda-runtime-deadline-ms': '1700000000000',
      'lambda-runtime-invoked-function-arn': 'arn',
      'lambda-runtime-trace-id': 'Root=1',
      'lambda-runtime-client-context': '{"name":"Zo\\u00eb"}',
      'lambda-runtime-cognito-identity': '{"id":1}',
      'lambda-runtime-aws-tenant-id': 't',
    })
  })

  test('gives an invocation that came first, without the headers that it has no value for', async () => {
    void api.invoke(invocation('1'))
    const names = [...(await call('invocation/next')).headers.keys()]
    expect(names).toContain('lambda-runtime-aws-request-id')
    expect(names).not.toContain('lambda-runtime-client-context')
    expect(names).not.toContain('lambda-runtime-cognito-identity')
    expect(names).not.toContain('lambda-runtime-aws-tenant-id')
  })

  test('waits while an invocation runs', async () => {
    const reply = await running('1')
    const next = call('invocation/next')
    await api.ready()
    await post('invocation/1/response', '1')
    await reply()
    void api.invoke(invocation('2'))
    expect((await next).headers.get('lambda-runtime-aws-request-id')).toBe('2')
  })

  test('is refused while another waits', async () => {
    const first = call('invocation/next').catch(() => undefined)
    await api.ready()
    expect(await refusal(call('invocation/next'))).toEqual([403, 'InvalidStateTransition'])
    void api.invoke(invocation('1'))
    expect((await first)?.status).toBe(200)
  })

  test('may be asked again after its connection was lost', async () => {
    const socket = connect(Number(api.address.split(':')[1]), '127.0.0.1')
    socket.write('GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: local\r\n\r\n')
    await api.ready()
    socket.destroy()
    // The server hears of the lost connection a moment later; until then it refuses the second request.
    let response: Response | undefined
    do {
      const answer = call('invocation/next')
      await Promise.race([answer, api.ready().then(() => new Promise(resolve => setTimeout(resolve, 50)))])
      void api.invoke(invocation('1')).catch(() => undefined)
      response = await answer
    } while (response.status === 403)
    expect(response.status).toBe(200)
  })
})

describe('POST /runtime/invocation/{id}', () => {
  test('response is accepted, and is the reply byte for byte', async () => {
    const reply = await running('1')
    const response = await post('invocation/1/response', ' {"a": 1.0}\n')
    expect(response.status).toBe(202)
    expect(await response.json()).toEqual({ status: 'OK' })
    expect(await reply()).toEqual({ kind: 'response', body: Buffer.from(' {"a": 1.0}\n') })
  })

  test('error is accepted, and is the reply with the type of its header', async () => {
    const reply = await running('1')
    const response = await post('invocation/1/error', '{}', { 'Lambda-Runtime-Function-Error-Type': 'Function.Bad' })
    expect(response.status).toBe(202)
    expect(await reply()).toEqual({ kind: 'error', body: Buffer.from('{}'), errorType: 'Function.Bad' })
  })

  test('with an unknown id is refused, and the invocation goes on', async () => {
    const reply = await running('1')
    expect(await refusal(post('invocation/2/response', '{}'))).toEqual([400, 'InvalidRequestID'])
    expect(await refusal(post('invocation/2/error', '{}'))).toEqual([400, 'InvalidRequestID'])
    expect(await refusal(post('invocation/%ff/error', '{}'))).toEqual([400, 'InvalidRequestID'])
    await post('invocation/1/response', '1')
    expect(await reply()).toMatchObject({ kind: 'response' })
  })

  test.each(['response', 'error'])('a second time, as %s, is refused', async kind => {
    const reply = await running('1')
    await post('invocation/1/response', '"first"')
    expect(await refusal(post(`invocation/1/${kind}`, '"second"'))).toEqual([403, 'InvalidStateTransition'])
    expect(await reply()).toMatchObject({ body: Buffer.from('"first"') })
  })

  test('takes 6,291,556 bytes and refuses one more with 413', async () => {
    const reply = await running('1')
    expect((await post('invocation/1/response', 'x'.repeat(6_291_556))).status).toBe(202)
    expect(await reply()).toMatchObject({ kind: 'response' })
    const next = await running('2')
    expect(await refusal(post('invocation/2/response', 'x'.repeat(6_291_557)))).toEqual([
      413,
      'Function.ResponseSizeTooLarge',
    ])
    expect(await next()).toEqual({ kind: 'too-large', size: 6_291_557, limit: 6_291_556 })
  })

  test('streamed takes more than that', async () => {
    const reply = await running('1')
    const headers = { 'Lambda-Runtime-Function-Response-Mode': 'streaming' }
    expect((await post('invocation/1/response', 'x'.repeat(7_000_000), headers)).status).toBe(202)
    expect(await reply()).toMatchObject({ kind: 'response' })
  })
})

describe('POST /runtime/init/error', () => {
  test('is accepted before the first invocation is asked for', async () => {
    const response = await post('init/error', '{"errorType":"A"}', { 'Lambda-Runtime-Function-Error-Type': 'A' })
    expect(response.status).toBe(202)
    expect(await api.initError).toEqual({ kind: 'error', body: Buffer.from('{"errorType":"A"}'), errorType: 'A' })
  })

  test('is refused after it', async () => {
    await running('1')
    expect(await refusal(post('init/error', '{}'))).toEqual([403, 'InvalidStateTransition'])
  })
})

test('any other path is not found, any other method not allowed', async () => {
  expect((await call('nothing')).status).toBe(404)
  expect((await fetch(`http://${api.address}/`)).status).toBe(404)
  expect((await post('invocation/next', '')).status).toBe(405)
  expect((await call('invocation/1/response')).status).toBe(405)
})

test('an invocation is refused while another has no reply', async () => {
  void api.invoke(invocation('1'))
  await expect(api.invoke(invocation('2'))).rejects.toThrow('invocation 1 has no reply yet')
})

function invocation(requestId: string): RuntimeRequest {
  return {
    requestId,
    deadlineMs: 1_700_000_000_000,
    invokedFunctionArn: 'arn',
    traceId: 'Root=1',
    body: Buffer.from('{}'),
  }
}

/** Has the runtime take an invocation; what is returned waits for its reply. */
async function running(requestId: string): Promise<() => ReturnType<RuntimeApi['invoke']>> {
  const reply = api.invoke(invocation(requestId))
  await (await call('invocation/next')).text()
  return () => reply
}

function call(path: string): Promise<Response> {
  return fetch(`http://${api.address}/2018-06-01/runtime/${path}`)
}

function post(path: string, body: string, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`http://${api.address}/2018-06-01/runtime/${path}`, { method: 'POST', body, headers })
}

async function refusal(response: Promise<Response>): Promise<[number, unknown]> {
  const { status } = await response
  return [status, ((await (await response).json()) as { errorType: unknown }).errorType]
}
