// What a response means for each message of the batch, from the bytes that the function sent to the queue.
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { REPORTING, startHandler } from '../../test/mapping.ts'
import { type Queues, startQueues } from '../../test/queues.ts'
import { type BatchResult, type LambdaFunction, startEventSourceMapping } from '../index.ts'

let queues: Queues
let respond: LambdaFunction

beforeAll(async () => {
  queues = await startQueues()
  respond = await startHandler('sqs.respond', { timeout: 10_000 })
})
afterAll(async () => {
  await respond.stop()
  await queues[Symbol.asyncDispose]()
})

describe.concurrent('a response', () => {
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
    const queue = queues.create({ visibilityTimeout: 30 })
    const sent = await queue.send([response === '' ? ' ' : response, 'second'])
    const batches: BatchResult[] = []
    const onBatch = (batch: BatchResult) => batches.push(batch)
    const options = { queueUrl: queue.url, sqs: queues.sqs, function: respond, onBatch }
    await using _ = await startEventSourceMapping({ ...options, ...REPORTING })
    await vi.waitFor(() => expect(batches).toHaveLength(1), 10_000)
    const failed: string[] = { all: sent, none: [], first: sent.slice(0, 1) }[which]
    expect(batches[0]).toMatchObject({
      invocation: { functionError: undefined },
      batchItemFailures: failed,
      deleted: sent.filter(id => !failed.includes(id)),
    })
    expect(batches[0]?.reason !== undefined).toBe(which === 'all' || response.includes('batchItemFailure"'))
    expect(queue.size()).toBe(failed.length)
  })
})
