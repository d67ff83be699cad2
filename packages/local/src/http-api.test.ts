// Requests by fetch, through an HTTP API, to functions that show their event.
import type { APIGatewayProxyEventV2 } from 'aws-lambda'
import { afterEach, expect, it, vi } from 'vitest'
import { type HttpApi, startHttpApi } from './http-api.ts'
import type { InvocationResult } from './invocation-result.ts'

let api: HttpApi | undefined
afterEach(() => api?.stop())

const returns = (payload: unknown) => ({ invoke: async () => ({ payload }) as InvocationResult })
const echo = (name = 'echo') => ({
  invoke: async (event?: unknown) =>
    ({ payload: { statusCode: 200, body: JSON.stringify({ name, event }) } }) as InvocationResult,
})

async function seen(path: string, init?: RequestInit): Promise<{ name: string; event: APIGatewayProxyEventV2 }> {
  const answer = await fetch(`${api?.url}${path}`, init)
  expect(answer.status).toBe(200)
  return (await answer.json()) as never
}

it('gives the request as payload format 2.0 has it', async () => {
  api = await startHttpApi({ routes: { 'PUT /orders/{orderId}/items/{path+}': echo() } })
  const before = Date.now()
  const { event } = await seen('/orders/o%201/items/a/b%2Fc?x=1&x=2&y=%20', {
    method: 'PUT',
    headers: { 'Content-Type': 'application/json; charset=utf-8', 'X-Tenant': 'acme', cookie: 'a=1; b=2' },
    body: '{"ü":1}',
  })
  expect(event).toMatchObject({
    version: '2.0',
    routeKey: 'PUT /orders/{orderId}/items/{path+}',
    rawPath: '/orders/o%201/items/a/b%2Fc',
    rawQueryString: 'x=1&x=2&y=%20',
    queryStringParameters: { x: '1,2' },
    pathParameters: { orderId: 'o 1', path: 'a/b/c' },
    cookies: ['a=1', 'b=2'],
    headers: { 'x-tenant': 'acme', 'content-type': 'application/json; charset=utf-8' },
    requestContext: { http: { method: 'PUT' }, routeKey: 'PUT /orders/{orderId}/items/{path+}' },
    body: '{"ü":1}',
    isBase64Encoded: false,
  })
  expect(event.requestContext.timeEpoch).toBeGreaterThanOrEqual(before)
})

it('a path may begin with two slashes', async () => {
  api = await startHttpApi({ routes: { $default: echo() } })
  expect((await seen('//evil.example/x?y=1')).event).toMatchObject({
    rawPath: '//evil.example/x',
    queryStringParameters: { y: '1' },
  })
})

it('bytes are base64', async () => {
  api = await startHttpApi({ routes: { $default: echo() } })
  const body = new Uint8Array([0, 255, 128])
  const { event } = await seen('/', { method: 'POST', body, headers: { 'content-type': 'image/png' } })
  expect([event.isBase64Encoded, event.body]).toEqual([true, 'AP+A'])
})

it('the most specific route serves, whatever their order', async () => {
  const keys = ['$default', 'ANY /{proxy+}', 'GET /orders/{id}', 'ANY /orders/latest', 'GET /orders/latest']
  api = await startHttpApi({ routes: Object.fromEntries(keys.map(key => [key, echo(key)])) })
  for (const [path, method, key] of [
    ['/orders/latest', 'GET', 'GET /orders/latest'],
    ['/orders/latest', 'POST', 'ANY /orders/latest'],
    ['/orders/7', 'GET', 'GET /orders/{id}'],
    ['/orders/7', 'DELETE', 'ANY /{proxy+}'],
    ['/', 'GET', '$default'],
  ] as const)
    expect([path, method, (await seen(path, { method })).name]).toEqual([path, method, key])
})

it('writes what the function answers: status, headers, cookies, bytes', async () => {
  const payload = {
    statusCode: 201,
    headers: { location: '/o/1', 'transfer-encoding': 'chunked' },
    cookies: ['a=1; Path=/', 'b=2'],
    body: 'AP+A',
    isBase64Encoded: true,
  }
  api = await startHttpApi({ routes: { $default: returns(payload), 'GET /plain': returns({ orderId: 'o-1' }) } })
  const answer = await fetch(api.url)
  expect([answer.status, answer.headers.get('location'), answer.headers.getSetCookie()]).toEqual([
    201,
    '/o/1',
    ['a=1; Path=/', 'b=2'],
  ])
  expect(new Uint8Array(await answer.arrayBuffer())).toEqual(new Uint8Array([0, 255, 128]))
  const plain = await fetch(`${api.url}/plain`)
  expect([plain.status, await plain.json()]).toEqual([200, { orderId: 'o-1' }])
})

it('no route, a function that fails, a body that is too large', async () => {
  const failed = { invoke: async () => ({ functionError: 'Unhandled', payload: { stack: 'secret' } }) as never }
  const throws = { invoke: () => Promise.reject(new Error('it has been stopped')) }
  const told = vi.spyOn(console, 'error').mockReturnValue()
  api = await startHttpApi({ routes: { 'POST /failed': failed, 'POST /stopped': throws, 'POST /large': echo() } })
  const post = async (path: string, body = '{}') => {
    const answer = await fetch(`${api?.url}${path}`, { method: 'POST', body })
    return [answer.status, await answer.json()]
  }
  expect(await post('/elsewhere')).toEqual([404, { message: 'Not Found' }])
  expect(await post('/failed')).toEqual([500, { message: 'Internal Server Error' }])
  expect(await post('/stopped')).toEqual([500, { message: 'Internal Server Error' }])
  expect(told.mock.calls.join()).toContain('it has been stopped')
  expect(await post('/large', 'x'.repeat(10_485_761))).toEqual([413, { message: 'Request Entity Too Large' }])
})

it.each(['/orders', 'post /orders', 'POST orders', 'POST'])('%j is no route key', async key => {
  await expect(startHttpApi({ routes: { [key]: echo() } })).rejects.toThrow('is no route key')
})
