// The built function behind a function URL, as the partner sees it.
import { createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type HttpApi, type LambdaFunction, startFunction, startHttpApi } from '@lambent/local'
import { lambdaFunctionUrlEvent } from '@lambent/testing'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { credentials, type Dynamo, type Stub, startDynamo, startStub } from './emulators.ts'

const root = join(import.meta.dirname, '..')
const KEY = '0123456789abcdef0123'

let dynamo: Dynamo
let secretsManager: Stub
let warehouse: Stub
let receive: LambdaFunction
let url: HttpApi
let answers = 204 // of the warehouse
const told: string[] = []
/** An execution environment. */
function start(): Promise<LambdaFunction> {
  return startFunction({
    handler: join(root, 'dist/receive.handler'),
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
}

beforeAll(async () => {
  dynamo = await startDynamo({ state: ['id'] })
  secretsManager = await startStub(() => [
    200,
    { Name: 'partner', ARN: 'arn', VersionId: 'v1', SecretString: JSON.stringify({ key: KEY }) },
  ])
  warehouse = await startStub(({ path }) => {
    told.push(path)
    return [answers, {}]
  })
  receive = await start()
  url = await startHttpApi({ routes: { $default: receive } })
})
afterAll(async () => {
  await url.stop()
  await receive.stop()
  for (const each of [dynamo, secretsManager, warehouse]) await each[Symbol.asyncDispose]()
})

function sign(body: string, { key = KEY, age = 0 } = {}): string {
  const time = Math.floor(Date.now() / 1000) - age
  return `t=${time},v1=${createHmac('sha256', key).update(`${time}.${body}`).digest('hex')}`
}

function post(body: string, signature = sign(body)): Promise<Response> {
  return fetch(url.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-signature': signature },
    body,
  })
}

const delivery = (deliveryId: string) => JSON.stringify({ deliveryId, orderId: `o-${deliveryId}`, status: 'sent' })

it('takes a delivery once', async () => {
  expect((await post(delivery('1'))).status).toBe(202)
  expect((await post(delivery('1'))).status).toBe(202)
  expect(told).toEqual(['/shipments/o-1'])
})

it('refuses what is not signed by the partner, was signed long ago, or was changed, and says no more', async () => {
  const body = delivery('2')
  const good = sign(body)
  for (const signature of [
    sign(body, { key: 'another key, as long' }),
    sign(body, { age: 3600 }),
    sign(body, { age: -3600 }),
    sign(`${body} `),
    good.replace(/.$/, last => (last === '0' ? '1' : '0')),
    good.slice(0, -2),
    good.toUpperCase(),
    `${good},v1=${'0'.repeat(64)}`,
    `t=0,v1=${'0'.repeat(64)}`,
    't=,v1=',
    '',
  ]) {
    const answer = await post(body, signature)
    expect([signature, answer.status, await answer.json()]).toEqual([
      signature,
      401,
      expect.objectContaining({ detail: 'the signature is not valid' }),
    ])
  }
  expect((await fetch(url.url, { method: 'POST', body })).status).toBe(401)
  expect(told).toHaveLength(1)
})

it('events/delivery.json is of March: its signature is good, and too old', async () => {
  const event = JSON.parse(readFileSync(join(root, 'events/delivery.json'), 'utf8'))
  expect(await receive.invoke(event)).toMatchObject({ payload: { statusCode: 401 } })
  const now = { ...event, headers: { ...event.headers, 'x-signature': sign(event.body) } }
  expect(await receive.invoke(now)).toMatchObject({ payload: { statusCode: 202 } })
})

it('says what is wrong with a delivery', async () => {
  expect((await post('{"deliveryId":"3"}')).status).toBe(422)
  expect((await post('{"cut off')).status).toBe(400)
})

it('what the warehouse refuses for good is asked once, and closes it to nobody', async () => {
  answers = 404
  const before = told.length
  for (let i = 0; i < 8; i++) expect((await post(delivery(`refused-${i}`))).status).toBe(500)
  expect(told.length - before).toBe(8)
  answers = 204
  expect((await post(delivery('after'))).status).toBe(202)
})

it('spares a warehouse that is down, says when to come again, and goes on when it is back', async () => {
  answers = 503
  const before = told.length
  const refused: Response[] = []
  for (let i = 0; i < 12; i++) refused.push(await post(delivery(`down-${i}`)))
  expect(new Set(refused.map(({ status }) => status))).toEqual(new Set([503]))
  const asked = told.length - before
  expect(asked).toBeGreaterThanOrEqual(5)
  expect(asked).toBeLessThan(24) // two attempts each, had nobody stopped it
  expect(Number(refused.at(-1)?.headers.get('retry-after'))).toBeGreaterThan(0)

  // Another environment knows it from the table, and does not ask at all.
  const asks = async (deliveryId: string): Promise<unknown> => {
    await using other = await start()
    const body = delivery(deliveryId)
    const event = lambdaFunctionUrlEvent({
      method: 'POST',
      path: '/',
      headers: { 'content-type': 'application/json', 'x-signature': sign(body) },
      body,
    })
    return (await other.invoke(event)).payload
  }
  answers = 204
  expect(await asks('elsewhere')).toMatchObject({ statusCode: 503 })
  expect(told.length - before).toBe(asked)

  // When its time is over, a probe closes it for all.
  const circuit = async () => {
    const { Items } = await dynamo.call('Scan', { TableName: 'state' })
    return (Items as readonly Record<string, Record<string, string>>[]).find(item => item.until)
  }
  const open = await circuit()
  expect(open?.state).toEqual({ S: 'open' })
  await dynamo.call('PutItem', { TableName: 'state', Item: { ...open, until: { N: `${Date.now() - 1}` } } })
  expect(await asks('probe')).toMatchObject({ statusCode: 202 })
  expect((await circuit())?.state).toEqual({ S: 'closed' })
})
