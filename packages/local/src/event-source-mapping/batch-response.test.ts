// What a response means for each message of the batch, from the bytes that the function sent to the queue.
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { REPORTING, startHandler } from '../../test/mapping.ts'
import { type Queues, startQueues, type TestQueue } from '../../test/queues.ts'
import { type BatchResult, type EventSourceMapping, type LambdaFunction, startEventSourceMapping } from '../index.ts'

const batches: BatchResult[] = []
let queues: Queues
let queue: TestQueue
let respond: LambdaFunction
let mapping: EventSourceMapping

beforeAll(async () => {
  queues = await startQueues()
  // What failed in one test does not come again in the next.
  queue = queues.create({ visibilityTimeout: 100 })
  respond = await startHandler('sqs.respond', { timeout: 10_000 })
  const onBatch = (batch: BatchResult) => batches.push(batch)
  mapping = await startEventSourceMapping({
    queueUrl: queue.url,
    sqs: queues.sqs,
    function: respond,
    onBatch,
    ...REPORTING,
  })
})
afterAll(async () => {
  await mapping.stop()
  await respond.stop()
  await queues[Symbol.asyncDispose]()
})

describe('a response', () => {
  const cases: [string, 'all' | 'none' | 'first'][] = [
    ['', 'none'],
    ['null', 'none'],
    ['""', 'none'],
    ['{}', 'none'],
    ['{"batchItemFailures":[]}', 'none'],
    ['{"batchItemFailures":null}', 'none'],
    ['{"batchItemFailure":[{"itemIdentifier":"<id>"}]}', 'none'],
    ['{"batchItemFailures":[{"itemIdentifier":"<id>"}]}', 'first'],
    ['{"batchItemFailures":[{"itemIdentifier":"<id>"},{"itemIdentifier":"<id>"}],"more":1}', 'first'],
    ['{"batchItemFailures":[{"itemIdentifier":"unknown"}]}', 'all'],
    ['{"batchItemFailures":[{"itemIdentifier":"<id>"},{"itemIdentifier":"unknown"}]}', 'all'],
    ['{"batchItemFailures":[{"itemIdentifier":""}]}', 'all'],
    ['{"batchItemFailures":[{"itemIdentifier":null}]}', 'all'],
    ['{"batchItemFailures":[{"itemIdentifier":7}]}', 'all'],
    ['{"batchItemFailures":[{"messageId":"<id>"}]}', 'all'],
    ['{"batchItemFailures":["<id>"]}', 'all'],
    ['{"batchItemFailures":[null]}', 'all'],
    ['{"batchItemFailures":"<id>"}', 'all'],
    ['{"batchItemFailures":{"itemIdentifier":"<id>"}}', 'all'],
    ['[{"itemIdentifier":"<id>"}]', 'all'],
    ['"done"', 'all'],
    ['{"batchItemFailures":[', 'all'],
    ['done', 'all'],
  ]
  test.each(cases)('of %s fails %s of the batch', async (response, which) => {
    const hidden = queue.size()
    const sent = await queue.send([response === '' ? ' ' : response, 'second'])
    await vi.waitFor(() => expect(batches).toHaveLength(1), 60_000)
    const [batch] = batches.splice(0)
    const failed: string[] = { all: sent, none: [], first: sent.slice(0, 1) }[which]
    expect(batch).toMatchObject({
      invocation: { functionError: undefined },
      batchItemFailures: failed,
      deleted: sent.filter(id => !failed.includes(id)),
    })
    expect(batch?.reason !== undefined).toBe(which === 'all' || response.includes('batchItemFailure"'))
    expect(queue.size()).toBe(hidden + failed.length)
  })
})
