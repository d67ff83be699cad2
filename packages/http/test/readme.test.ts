import { readFile } from 'node:fs/promises'
import { apiGatewayProxyEvent, apiGatewayProxyEventV2, invoke } from '@lambent/testing'
import { expect, test } from 'vitest'
import { handler } from './readme.example.ts'

test('the example of the README is the one that is run here', async () => {
  const file = await readFile(new URL('readme.example.ts', import.meta.url), 'utf8')
  const code = file
    .slice(file.indexOf('\n') + 1)
    .replace('type HttpHandler, ', '')
    .replace(': HttpHandler', '')
  expect(await readFile(new URL('../README.md', import.meta.url), 'utf8')).toContain(code)
})

test('it finds, pays and refuses', async () => {
  const get = (path: string) => apiGatewayProxyEventV2({ path, routeKey: 'GET /orders/{id}' })
  const post = apiGatewayProxyEvent({ method: 'POST', path: '/orders/17', resource: '/orders/{id}' })
  expect(await invoke(handler, get('/orders/17'))).toMatchObject({ statusCode: 200, body: '{"id":"17","paid":false}' })
  expect(await invoke(handler, get('/orders/18'))).toMatchObject({ statusCode: 404 })
  expect(await invoke(handler, post)).toMatchObject({ statusCode: 201, headers: { location: '/orders/17/payment' } })
  const again = await invoke(handler, post)
  expect(JSON.parse(again.body)).toEqual({
    type: 'about:blank',
    title: 'Conflict',
    detail: 'the order is paid already',
    paid: true,
    status: 409,
  })
})
