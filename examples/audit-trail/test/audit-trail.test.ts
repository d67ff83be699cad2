// The built function under Lambda's Runtime API, on records of a stream.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type LambdaFunction, startFunction } from '@lambent/local'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { credentials, type Dynamo, type Stub, startDynamo, startStub } from './emulators.ts'

const changes = (from = 0) => {
  const event = JSON.parse(readFileSync(join(import.meta.dirname, '../events/changes.json'), 'utf8'))
  return { Records: event.Records.slice(from) }
}

interface Entry {
  readonly DetailType: string
  readonly Detail: string
}

let dynamo: Dynamo
let eventBridge: Stub
let sqs: Stub
let publish: LambdaFunction
const published: Entry[] = []
const letters: string[] = []
let refused = 0
beforeAll(async () => {
  dynamo = await startDynamo({ idempotency: ['id'] })
  eventBridge = await startStub(({ body }) => {
    const { Entries } = JSON.parse(body)
    if (refused > 0) {
      refused--
      return [200, { FailedEntryCount: 1, Entries: [{ ErrorCode: 'ThrottlingException', ErrorMessage: 'slow down' }] }]
    }
    published.push(...Entries)
    return [200, { FailedEntryCount: 0, Entries: [{ EventId: 'e' }] }]
  })
  sqs = await startStub(({ body }) => {
    const { Entries } = JSON.parse(body)
    for (const { MessageBody } of Entries) letters.push(MessageBody)
    return [
      200,
      {
        Successful: Entries.map(({ Id }: { Id: string }) => ({ Id, MessageId: 'm', MD5OfMessageBody: '' })),
        Failed: [],
      },
    ]
  })
  publish = await startFunction({
    handler: join(import.meta.dirname, '../dist/publish.handler'),
    timeout: 20_000,
    region: 'eu-west-1',
    environment: {
      ...credentials,
      AWS_ENDPOINT_URL_DYNAMODB: dynamo.url,
      AWS_ENDPOINT_URL_EVENTBRIDGE: eventBridge.url,
      AWS_ENDPOINT_URL_SQS: sqs.url,
      BUS_NAME: 'shop',
      IDEMPOTENCY_TABLE: 'idempotency',
      DLQ_URL: `${sqs.url}/123456789012/audit-dlq`,
      POWERTOOLS_SERVICE_NAME: 'audit-trail',
      POWERTOOLS_METRICS_NAMESPACE: 'Shop',
    },
  })
})
afterAll(async () => {
  await publish.stop()
  for (const each of [dynamo, eventBridge, sqs]) await each[Symbol.asyncDispose]()
})

it('tells each change once, in order, although the batch comes again', async () => {
  refused = 2 // the retries of the first record
  expect((await publish.invoke(changes())).payload).toEqual({ batchItemFailures: [] })
  expect((await publish.invoke(changes(1))).payload).toEqual({ batchItemFailures: [] })
  expect(published.map(({ DetailType }) => DetailType)).toEqual(['OrderPlaced', 'OrderChanged', 'OrderRemoved'])
  const [, changed] = published.map(({ Detail }) => JSON.parse(Detail))
  expect(changed).toMatchObject({
    keys: { orderId: 'o-7' },
    changed: ['status'],
    metadata: { correlationId: expect.any(String) },
  })
})

it('a change that can’t be told after an hour is a dead letter with all of it, and the shard goes on', async () => {
  refused = 100
  const event = changes()
  for (const [index, record] of event.Records.entries()) record.dynamodb.SequenceNumber = `2220${index}`
  expect((await publish.invoke(event)).payload).toEqual({ batchItemFailures: [] }) // of March: long ago
  refused = 0
  expect(letters.map(body => JSON.parse(body).NewImage?.status?.S)).toEqual(['placed', 'paid', undefined])
})

it('a change of this minute is reported, and the stream sends it again', async () => {
  refused = 100
  const event = changes()
  const now = Math.floor(Date.now() / 1000)
  for (const [index, { dynamodb }] of event.Records.entries())
    Object.assign(dynamodb, { SequenceNumber: `3330${index}`, ApproximateCreationDateTime: now })
  expect((await publish.invoke(event)).payload).toEqual({ batchItemFailures: [{ itemIdentifier: '33300' }] })
  refused = 0
})
