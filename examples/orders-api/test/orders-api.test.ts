// The built functions under Lambda's Runtime API, as a client sees them.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type LambdaFunction, startFunction } from '@lambent/local'
import { apiGatewayProxyEventV2, type HttpRequest } from '@lambent/testing'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { credentials, type Dynamo, type Stub, startDynamo, startStub } from './emulators.ts'

const root = join(import.meta.dirname, '..')
const event = (name: string) => JSON.parse(readFileSync(join(root, 'events', `${name}.json`), 'utf8'))

let dynamo: Dynamo
let secretsManager: Stub
let functions: Record<string, LambdaFunction>
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
    startFunction({ handler: join(root, `dist/${name}.handler`), environment, region: 'eu-west-1' })
  functions = {
    'POST /orders': await start('create-order'),
    'GET /orders/{orderId}': await start('get-order'),
    'POST /orders/{orderId}/cancel': await start('cancel-order'),
  }
})
afterAll(async () => {
  for (const each of Object.values(functions)) await each.stop()
  await dynamo[Symbol.asyncDispose]()
  await secretsManager[Symbol.asyncDispose]()
})

interface Answer {
  readonly statusCode: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

async function send(route: string, given: unknown): Promise<Answer> {
  const result = await functions[route]?.invoke(given)
  expect(result?.functionError).toBeUndefined()
  return result?.payload as Answer
}

const order = (orderId: string, request: HttpRequest) => ({
  ...apiGatewayProxyEventV2({ path: `/orders/${orderId}`, ...request }),
  pathParameters: { orderId },
})

it('an order is placed once for its key, read, and cancelled once', async () => {
  const created = await send('POST /orders', event('create-order'))
  expect(created).toMatchObject({ statusCode: 201 })
  const { orderId, cents, paymentLink } = JSON.parse(created.body)
  expect([cents, created.headers.location]).toEqual([3998, `/orders/${orderId}`])
  expect(paymentLink).toMatch(/signature=[\w-]{43}$/)
  expect(await send('POST /orders', event('create-order'))).toEqual(created)
  expect((await dynamo.call('Scan', { TableName: 'orders' })).Count).toBe(1)

  const read = await send('GET /orders/{orderId}', order(orderId, { method: 'GET' }))
  expect(JSON.parse(read.body)).toMatchObject({ orderId, status: 'placed', cents: 3998 })
  const cancel = () => send('POST /orders/{orderId}/cancel', order(orderId, { method: 'POST' }))
  expect([(await cancel()).statusCode, (await cancel()).statusCode]).toEqual([204, 409])
})

it('what is wrong with an order is said, and frees its key', async () => {
  const invalid = event('create-order-invalid')
  invalid.headers['idempotency-key'] = '"another-key"'
  const refused = await send('POST /orders', invalid)
  expect([refused.statusCode, JSON.parse(refused.body).issues]).toEqual([
    422,
    [expect.objectContaining({ path: '/items/0/quantity' })],
  ])
  const mended = event('create-order')
  mended.headers['idempotency-key'] = '"another-key"'
  expect((await send('POST /orders', mended)).statusCode).toBe(201)
})

it('a key that comes with another order is refused, and so is an order without one', async () => {
  const other = event('create-order')
  other.body = other.body.replace('c-7', 'c-8')
  expect((await send('POST /orders', other)).statusCode).toBe(422)
  delete other.headers['idempotency-key']
  expect((await send('POST /orders', other)).statusCode).toBe(400)
})

it('an order that is not there is 404', async () => {
  const missing = order('7b6f2b3e-0000-4000-8000-000000000000', { method: 'GET' })
  expect((await send('GET /orders/{orderId}', missing)).statusCode).toBe(404)
  expect((await send('POST /orders/{orderId}/cancel', missing)).statusCode).toBe(404)
})
