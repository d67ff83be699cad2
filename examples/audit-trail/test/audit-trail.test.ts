// The built functions under Lambda's Runtime API: records of a stream, as Lambda's event source mapping delivers them, and
// events, as EventBridge does. Both deliver again, and processes are killed.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { type LambdaFunction, startFunction } from '@lambent/local'
import { dynamoDbRecord, eventBridgeEvent } from '@lambent/testing'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { credentials, type Dynamo, type Stub, startDynamo, startStub } from './emulators.ts'

const root = join(import.meta.dirname, '..')
const eventOf = (name: string) => JSON.parse(readFileSync(join(root, 'events', `${name}.json`), 'utf8'))
const changes = (from = 0) => ({ Records: eventOf('changes').Records.slice(from) })

interface Entry {
  readonly DetailType: string
  readonly Detail: string
}
const idOf = ({ Detail }: Entry): string => JSON.parse(Detail).changeId

let dynamo: Dynamo
let eventBridge: Stub
let sqs: Stub
let publish: LambdaFunction
let keep: LambdaFunction
const published: Entry[] = []
const letters: string[] = []
let refused = 0
/** Kills the process that publishes: before the event is taken, or after, when nobody has written down that it was. */
let kill: (entry: Entry) => 'before' | 'after' | undefined = () => undefined

beforeAll(async () => {
  dynamo = await startDynamo({ idempotency: ['id'], trail: ['orderId', 'change'] })
  eventBridge = await startStub(({ body }) => {
    const { Entries } = JSON.parse(body)
    if (refused > 0) {
      refused--
      return [200, { FailedEntryCount: 1, Entries: [{ ErrorCode: 'ThrottlingException', ErrorMessage: 'slow down' }] }]
    }
    const when = kill(Entries[0])
    if (when !== 'before') published.push(...Entries)
    if (when && publish.pid) process.kill(publish.pid, 'SIGKILL')
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
  const environment = {
    ...credentials,
    AWS_ENDPOINT_URL_DYNAMODB: dynamo.url,
    AWS_ENDPOINT_URL_EVENTBRIDGE: eventBridge.url,
    AWS_ENDPOINT_URL_SQS: sqs.url,
    BUS_NAME: 'shop',
    IDEMPOTENCY_TABLE: 'idempotency',
    TRAIL_TABLE: 'trail',
    DLQ_URL: `${sqs.url}/123456789012/audit-dlq`,
    POWERTOOLS_SERVICE_NAME: 'audit-trail',
    POWERTOOLS_METRICS_NAMESPACE: 'Shop',
  }
  const start = (name: string, timeout: number) =>
    startFunction({ handler: join(root, `dist/${name}.handler`), timeout, region: 'eu-west-1', environment })
  publish = await start('publish', 5000) // as long as the lock of what was killed is held
  keep = await start('keep', 10_000)
})
afterAll(async () => {
  await publish.stop()
  await keep.stop()
  for (const each of [dynamo, eventBridge, sqs]) await each[Symbol.asyncDispose]()
})

it('tells each change once, in order, although the batch comes again', async () => {
  refused = 2 // the retries of the first record
  expect((await publish.invoke(changes())).payload).toEqual({ batchItemFailures: [] })
  expect((await publish.invoke(changes(1))).payload).toEqual({ batchItemFailures: [] })
  expect(published.map(({ DetailType }) => DetailType)).toEqual(['OrderPlaced', 'OrderChanged', 'OrderRemoved'])
  const [, changed] = published.map(({ Detail }) => JSON.parse(Detail))
  expect(changed).toMatchObject({
    changeId: '111000000000000000002',
    keys: { orderId: 'o-7' },
    at: '2026-03-12T19:03:58.000Z',
    changed: ['status'],
    metadata: { correlationId: expect.any(String) },
  })
})

it('keeps each change once, in order, although processes are killed and all is delivered again', async () => {
  published.length = 0
  const records = Array.from({ length: 40 }, (_, index) =>
    dynamoDbRecord({
      eventName: index < 5 ? 'INSERT' : 'MODIFY',
      dynamodb: {
        Keys: { orderId: { S: `k-${index % 5}` } },
        NewImage: { orderId: { S: `k-${index % 5}` }, count: { N: `${index}` } },
        ...(index >= 5 && { OldImage: { orderId: { S: `k-${index % 5}` }, count: { N: `${index - 5}` } } }),
        SequenceNumber: `44400000000000000${index + 100}`,
        ApproximateCreationDateTime: Math.floor(Date.now() / 1000),
      },
    }),
  )
  const all = records.map(({ dynamodb }) => `${dynamodb?.SequenceNumber}`)
  const kills = new Map([
    [all[3], 'after'],
    [all[11], 'before'],
    [all[39], 'after'],
  ] as const)
  kill = entry => {
    const when = kills.get(idOf(entry))
    kills.delete(idOf(entry))
    return when
  }
  // As Lambda reads a shard: from the lowest record that failed, or all of the batch again.
  let died = 0
  for (let from = 0; from < records.length; ) {
    const batch = records.slice(from, from + 10)
    const { functionError, payload } = await publish.invoke({ Records: batch })
    if (functionError) died++
    const [failure] = functionError
      ? []
      : (payload as { batchItemFailures: { itemIdentifier: string }[] }).batchItemFailures
    if (!functionError) from = failure ? all.indexOf(failure.itemIdentifier) : from + batch.length
    if (functionError || failure) await delay(250)
  }
  kill = () => undefined
  expect(kills.size).toBe(0)

  // None is missing, and those of an item came in order. Some were published twice: by the process that was killed, which did
  // not get to write it down, and by the one after it.
  expect(letters).toEqual([])
  const ids = published.map(idOf)
  const firsts = [...new Set(ids)]
  expect(firsts.toSorted()).toEqual(all)
  for (let order = 0; order < 5; order++) {
    const own = all.filter((_, index) => index % 5 === order)
    expect(firsts.filter(id => own.includes(id))).toEqual(own)
  }
  const twice = ids.filter((id, index) => ids.indexOf(id) !== index)
  expect(twice).toEqual(expect.arrayContaining([all[3], all[39]]))
  expect(twice.length).toBeLessThanOrEqual(4 * died) // no more than were under way

  // EventBridge delivers at least once, in any order.
  const deliveries = [...published, ...published].sort((a, b) => (a.Detail < b.Detail ? 1 : -1))
  for (const { DetailType, Detail } of deliveries) {
    const event = eventBridgeEvent({ source: 'shop.orders', 'detail-type': DetailType, detail: JSON.parse(Detail) })
    expect((await keep.invoke(event)).functionError).toBeUndefined()
  }
  for (let order = 0; order < 5; order++) {
    const { Items } = await dynamo.call('Query', {
      TableName: 'trail',
      KeyConditionExpression: 'orderId = :order',
      ExpressionAttributeValues: { ':order': { S: `k-${order}` } },
    })
    const kept = (Items as { change: { S: string } }[]).map(({ change }) => change.S.split('#')[1])
    expect(kept).toEqual(all.filter((_, index) => index % 5 === order))
  }
}, 120_000)

it('what a process that was killed still holds is not given up, however old it is', async () => {
  const [record] = changes().Records // of March
  record.dynamodb.SequenceNumber = '55500'
  kill = () => 'before'
  expect((await publish.invoke({ Records: [record] })).functionError).toBe('Unhandled')
  kill = () => undefined
  await publish.invoke({ Records: [record] }) // reported, while the lock is held
  expect(letters).toEqual([])
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

it('events/change-told.json is kept; what is no change fails, for the queue', async () => {
  const event = eventOf('change-told')
  expect((await keep.invoke(event)).functionError).toBeUndefined()
  expect(await keep.invoke({ ...event, detail: { changeId: '1' } })).toMatchObject({ errorType: 'ParseError' })
})
