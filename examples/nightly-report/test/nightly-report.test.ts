// The built functions under Lambda's Runtime API, with a table and a bucket.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { S3 } from '@lambent/aws/s3'
import { type LambdaFunction, startFunction } from '@lambent/local'
import { type FauxqsServer, startFauxqs } from 'fauxqs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { credentials, type Dynamo, startDynamo } from './emulators.ts'

const root = join(import.meta.dirname, '..')
const event = (name: string) => JSON.parse(readFileSync(join(root, 'events', `${name}.json`), 'utf8'))
const region = 'eu-west-1'

let server: FauxqsServer
let dynamo: Dynamo
let s3: S3
let collect: LambdaFunction
let report: LambdaFunction
beforeAll(async () => {
  server = await startFauxqs({ port: 0, host: '127.0.0.1', logger: false })
  server.createBucket('reports')
  dynamo = await startDynamo({ sales: ['day', 'orderId'], idempotency: ['id'] })
  const endpoint = `http://127.0.0.1:${server.port}`
  s3 = new S3({ endpoint, region, credentials: { accessKeyId: 'local', secretAccessKey: 'local' } })
  const environment = {
    ...credentials,
    AWS_ENDPOINT_URL_DYNAMODB: dynamo.url,
    AWS_ENDPOINT_URL_S3: endpoint,
    SALES_TABLE: 'sales',
    IDEMPOTENCY_TABLE: 'idempotency',
    REPORTS_BUCKET: 'reports',
    POWERTOOLS_SERVICE_NAME: 'nightly-report',
    POWERTOOLS_METRICS_NAMESPACE: 'Shop',
  }
  collect = await startFunction({ handler: join(root, 'dist/collect.handler'), region, environment, timeout: 10_000 })
  report = await startFunction({ handler: join(root, 'dist/report.handler'), region, environment, timeout: 20_000 })
})
afterAll(async () => {
  await collect.stop()
  await report.stop()
  await dynamo[Symbol.asyncDispose]()
  await server.stop()
})

const sale = (orderId: string, cents: number, paidAt: string) => {
  const paid = event('order-paid')
  return { ...paid, detail: { ...paid.detail, orderId, cents, paidAt } }
}

it('reports the sales of the day before, each once', async () => {
  const events = [
    event('order-paid'),
    event('order-paid'), // EventBridge delivers at least once
    sale('=HYPERLINK("x")', 100, '2026-03-12T23:59:59.999Z'),
    sale('o-9', 100, '2026-03-13T00:00:00.000Z'), // the next day's
  ]
  for (const each of events) expect((await collect.invoke(each)).functionError).toBeUndefined()
  expect((await report.invoke(event('two-in-the-morning'))).functionError).toBeUndefined()
  const read = async () =>
    (await s3.getObject({ Bucket: 'reports', Key: 'sales/2026-03-12.csv' })).Body?.transformToString()
  const first = await read()
  expect(first?.split('\r\n')).toEqual([
    'orderId,currency,cents,paidAt',
    `"'=HYPERLINK(""x"")",EUR,100,2026-03-12T23:59:59.999Z`,
    'o-7,EUR,3998,2026-03-12T19:03:57.120Z',
    '',
  ])
  // It fires twice, and a sale has come late: the report stays what it was.
  await collect.invoke(sale('o-10', 1, '2026-03-12T20:00:00.000Z'))
  await report.invoke(event('two-in-the-morning'))
  expect(await read()).toBe(first)
})

it('what is no sale fails, so that the rule’s queue gets it', async () => {
  const result = await collect.invoke({ ...event('order-paid'), detail: { orderId: 'o-1' } })
  expect(result).toMatchObject({ functionError: 'Unhandled', errorType: 'ParseError' })
})

it('more sales than a page has are all in the report', async () => {
  const Item = (index: number) => ({
    day: { S: '2026-04-01' },
    orderId: { S: `o-${index}`.padEnd(1000, 'x') },
    cents: { N: '1' },
    currency: { S: 'EUR' },
    paidAt: { S: '2026-04-01T00:00:00.000Z' },
  })
  for (let page = 0; page < 60; page++)
    await dynamo.call('BatchWriteItem', {
      RequestItems: {
        sales: Array.from({ length: 25 }, (_, index) => ({ PutRequest: { Item: Item(page * 25 + index) } })),
      },
    })
  await report.invoke({ ...event('two-in-the-morning'), time: '2026-04-02T02:00:00Z' })
  const { Body } = await s3.getObject({ Bucket: 'reports', Key: 'sales/2026-04-01.csv' })
  expect((await Body?.transformToString())?.trim().split('\r\n')).toHaveLength(1501)
})
