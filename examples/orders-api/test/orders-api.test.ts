// The built functions under Lambda's Runtime API, behind their routes, as a client sees them.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type HttpApi, type LambdaFunction, startFunction, startHttpApi } from '@lambent/local'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { credentials, type Dynamo, type Stub, startDynamo, startStub } from './emulators.ts'

const root = join(import.meta.dirname, '..')

let dynamo: Dynamo
let secretsManager: Stub
let create: LambdaFunction
let another: LambdaFunction
let read: LambdaFunction
let cancel: LambdaFunction
let api: HttpApi
let beside: HttpApi
beforeAll(async () => {
  dynamo = await startDynamo({ orders: ['orderId'], idempotency: ['id'] })
  secretsManager = await startStub(() => [
    200,
    { Name: 'orders-api/links', ARN: 'arn', VersionId: 'v1', SecretString: '{"key":"0123456789abcdef"}' },
  ])
  const environment = {
    ...credentials,
    AWS_ENDPOINT_URL_DYNAMODB: dynamo.url,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: secretsManager.url,
    ORDERS_TABLE: 'orders',
    IDEMPOTENCY_TABLE: 'idempotency',
    LINKS_SECRET: 'orders-api/links',
    POWERTOOLS_SERVICE_NAME: 'orders-api',
    POWERTOOLS_METRICS_NAMESPACE: 'Shop',
  }
  const start = (name: string) =>
    startFunction({ handler: join(root, `dist/${name}.handler`), environment, region: 'eu-west-1', timeout: 10_000 })
  create = await start('create-order')
  another = await start('create-order') // a second execution environment
  read = await start('get-order')
  cancel = await start('cancel-order')
  api = await startHttpApi({
    routes: { 'POST /orders': create, 'GET /orders/{orderId}': read, 'POST /orders/{orderId}/cancel': cancel },
  })
  beside = await startHttpApi({ routes: { 'POST /orders': another } })
})
afterAll(async () => {
  await api.stop()
  await beside.stop()
  for (const each of [create, another, read, cancel]) await each.stop()
  await dynamo[Symbol.asyncDispose]()
  await secretsManager[Symbol.asyncDispose]()
})

const order = (quantity = 2) => ({
  customerId: 'c-7',
  currency: 'EUR',
  items: [{ sku: 'book-1', quantity, cents: 1999 }],
})

function place(key: string | undefined, body: unknown, { url } = api): Promise<Response> {
  return fetch(`${url}/orders`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(key && { 'idempotency-key': `"${key}"` }) },
    body: JSON.stringify(body),
  })
}

const count = async () => (await dynamo.call('Scan', { TableName: 'orders', Select: 'COUNT' })).Count

it('an order is placed once for its key, read, and cancelled once', async () => {
  const created = await place('key-1', order())
  expect(created.status).toBe(201)
  const text = await created.text()
  const { orderId, cents, paymentLink } = JSON.parse(text)
  expect([cents, created.headers.get('location')]).toEqual([3998, `/orders/${orderId}`])
  expect(paymentLink).toMatch(/signature=[\w-]{43}$/)
  const again = await place('key-1', order())
  expect([again.status, again.headers.get('location'), await again.text()]).toEqual([201, `/orders/${orderId}`, text])
  expect(await count()).toBe(1)

  const found = await fetch(`${api.url}/orders/${orderId}`)
  expect(await found.json()).toMatchObject({ orderId, status: 'placed', cents: 3998 })
  const cancelled = () => fetch(`${api.url}/orders/${orderId}/cancel`, { method: 'POST' })
  expect([(await cancelled()).status, (await cancelled()).status]).toEqual([204, 409])
})

it('a key that is sent to two environments at once makes one order', async () => {
  for (let round = 0; round < 5; round++) {
    const before = Number(await count())
    const answers = await Promise.all([api, beside, api, beside].map(each => place(`round-${round}`, order(), each)))
    // Who comes while the first is at work is told so, by 409, and may ask again.
    const created = answers.filter(({ status }) => status === 201)
    expect(answers.filter(({ status }) => status === 409).length + created.length).toBe(4)
    expect(new Set(await Promise.all(created.map(answer => answer.text()))).size).toBe(1)
    expect(await count()).toBe(before + 1)
  }
})

it('what is wrong with an order is said, and frees its key', async () => {
  const refused = await place('key-2', order(0))
  const { issues } = (await refused.json()) as { readonly issues: unknown }
  expect([refused.status, refused.headers.get('content-type'), issues]).toEqual([
    422,
    'application/problem+json',
    [expect.objectContaining({ path: '/items/0/quantity' })],
  ])
  expect((await place('key-2', order())).status).toBe(201)
})

it('a key that comes with another order is refused, and so is an order without one', async () => {
  expect((await place('key-1', order(3))).status).toBe(422)
  expect((await place(undefined, order())).status).toBe(400)
})

it('an order that is not there is 404', async () => {
  const missing = `${api.url}/orders/7b6f2b3e-0000-4000-8000-000000000000`
  expect((await fetch(missing)).status).toBe(404)
  expect((await fetch(`${missing}/cancel`, { method: 'POST' })).status).toBe(404)
})

it.each([
  ['create-order', () => create, 201],
  ['create-order-invalid', () => create, 422],
  ['get-order', () => read, 404],
  ['cancel-order', () => cancel, 404],
])('events/%s.json, as API Gateway would send it', async (name, lambda, statusCode) => {
  const event = JSON.parse(readFileSync(join(root, 'events', `${name}.json`), 'utf8'))
  expect(await lambda().invoke(event)).toMatchObject({ payload: { statusCode } })
})
