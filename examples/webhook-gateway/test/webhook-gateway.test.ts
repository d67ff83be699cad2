// The built function under Lambda's Runtime API, as the partner sees it.
import { createHmac } from 'node:crypto'
import { join } from 'node:path'
import { type LambdaFunction, startFunction } from '@lambent/local'
import { lambdaFunctionUrlEvent } from '@lambent/testing'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { credentials, type Dynamo, type Stub, startDynamo, startStub } from './emulators.ts'

const KEY = '0123456789abcdef0123'
let dynamo: Dynamo
let secretsManager: Stub
let warehouse: Stub
let receive: LambdaFunction
let down = false
const told: string[] = []
beforeAll(async () => {
  dynamo = await startDynamo({ state: ['id'] })
  secretsManager = await startStub(() => [
    200,
    { Name: 'partner', ARN: 'arn', VersionId: 'v1', SecretString: JSON.stringify({ key: KEY }) },
  ])
  warehouse = await startStub(({ path }) => {
    told.push(path)
    return [down ? 503 : 204, {}]
  })
  receive = await startFunction({
    handler: join(import.meta.dirname, '../dist/receive.handler'),
    timeout: 10_000,
    region: 'eu-west-1',
    environment: {
      ...credentials,
      AWS_ENDPOINT_URL_DYNAMODB: dynamo.url,
      AWS_ENDPOINT_URL_SECRETS_MANAGER: secretsManager.url,
      WAREHOUSE_URL: warehouse.url,
      STATE_TABLE: 'state',
      PARTNER_SECRET: 'partner',
    },
  })
})
afterAll(async () => {
  await receive.stop()
  for (const each of [dynamo, secretsManager, warehouse]) await each[Symbol.asyncDispose]()
})

interface Answer {
  readonly statusCode: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

async function post(value: unknown, { key = KEY, age = 0, raw = JSON.stringify(value) } = {}): Promise<Answer> {
  const time = Math.floor(Date.now() / 1000) - age
  const signature = createHmac('sha256', key).update(`${time}.${raw}`).digest('hex')
  const headers = { 'content-type': 'application/json', 'x-signature': `t=${time},v1=${signature}` }
  const result = await receive.invoke(lambdaFunctionUrlEvent({ method: 'POST', path: '/', body: raw, headers }))
  expect(result.functionError).toBeUndefined()
  return result.payload as Answer
}

const delivery = (deliveryId: string) => ({ deliveryId, orderId: `o-${deliveryId}`, status: 'sent' })

it('takes a delivery once', async () => {
  expect((await post(delivery('1'))).statusCode).toBe(202)
  expect((await post(delivery('1'))).statusCode).toBe(202)
  expect(told).toEqual(['/shipments/o-1'])
})

it('refuses what is not signed by the partner, or was long ago, and says no more', async () => {
  for (const wrong of [{ key: 'another key, as long' }, { age: 3600 }]) {
    const { statusCode, body } = await post(delivery('2'), wrong)
    expect([statusCode, JSON.parse(body ?? '')]).toEqual([
      401,
      expect.objectContaining({ detail: 'the signature is not valid' }),
    ])
  }
  const unsigned = await receive.invoke(lambdaFunctionUrlEvent({ method: 'POST', path: '/', body: '{}' }))
  expect(unsigned.payload).toMatchObject({ statusCode: 401 })
  expect(told).toHaveLength(1)
})

it('says what is wrong with a delivery', async () => {
  expect((await post({ deliveryId: '3' })).statusCode).toBe(422)
  expect((await post(undefined, { raw: '{"cut off' })).statusCode).toBe(400)
})

it('spares a warehouse that is down, and says when to come again', async () => {
  down = true
  const before = told.length
  const answers: Answer[] = []
  for (let i = 0; i < 12; i++) answers.push(await post(delivery(`down-${i}`)))
  expect(new Set(answers.map(({ statusCode }) => statusCode))).toEqual(new Set([503]))
  const asked = told.length - before
  expect(asked).toBeGreaterThanOrEqual(5)
  expect(asked).toBeLessThan(24) // two attempts each, had nobody stopped it
  expect(Number(answers.at(-1)?.headers?.['retry-after'])).toBeGreaterThan(0)
})
