// A mapping end to end: the queue's protocol over the wire, the function in a process of its own.
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { ids, type Run, type RunOptions, removeNotes, startHandler, startRun } from '../../test/mapping.ts'
import { clientOf, type Queues, startQueues, type TestQueue } from '../../test/queues.ts'
import { type SqsClient, startEventSourceMapping } from '../index.ts'

let queues: Queues
const start = (queue: TestQueue, options?: RunOptions): Promise<Run> => startRun(queues, queue, options)

beforeAll(async () => {
  queues = await startQueues()
})
afterAll(async () => {
  await queues[Symbol.asyncDispose]()
  removeNotes()
})

describe.concurrent('an event', () => {
  test('of a standard queue has what Lambda gives: attributes, message attributes and their digests', async () => {
    const queue = queues.create()
    await queues.sqs.sendMessage({
      QueueUrl: queue.url,
      MessageBody: 'grüße, 世界',
      MessageAttributes: {
        text: { DataType: 'String', StringValue: 'ü' },
        count: { DataType: 'Number.int', StringValue: '12' },
        bytes: { DataType: 'Binary', BinaryValue: new Uint8Array([0, 255, 16]) },
      },
    })
    await using run = await start(queue, { handler: 'echo.handler' })
    const { event, invocation } = await run.batch(0)
    expect((invocation.payload as { event: unknown }).event).toEqual(event)
    const md5 = expect.stringMatching(/^[0-9a-f]{32}$/)
    const time = expect.stringMatching(/^\d{13}$/)
    expect(event).toEqual({
      Records: [
        {
          messageId: expect.stringMatching(/^[0-9a-f-]{36}$/),
          receiptHandle: expect.any(String),
          body: 'grüße, 世界',
          attributes: {
            ApproximateReceiveCount: '1',
            SentTimestamp: time,
            SenderId: expect.any(String),
            ApproximateFirstReceiveTimestamp: time,
          },
          messageAttributes: {
            text: { stringValue: 'ü', stringListValues: [], binaryListValues: [], dataType: 'String' },
            count: { stringValue: '12', stringListValues: [], binaryListValues: [], dataType: 'Number.int' },
            bytes: { binaryValue: 'AP8Q', stringListValues: [], binaryListValues: [], dataType: 'Binary' },
          },
          md5OfBody: md5,
          md5OfMessageAttributes: md5,
          eventSource: 'aws:sqs',
          eventSourceARN: queue.arn,
          awsRegion: 'eu-central-1',
        },
      ],
    })
    await vi.waitFor(() => expect(queue.size()).toBe(0), 60_000)
    await run.mapping.stop() // a batch is told after its messages are deleted
  })

  test('of a FIFO queue has group, deduplication id and sequence number too', async () => {
    const queue = queues.create({ fifo: true })
    await queue.send([{ id: 'a', group: 'g' }])
    await using run = await start(queue)
    const { event } = await run.batch(0)
    expect(event.Records).toMatchObject([
      {
        attributes: {
          MessageGroupId: 'g',
          MessageDeduplicationId: expect.any(String),
          SequenceNumber: expect.stringMatching(/^\d{20}$/),
        },
        messageAttributes: {},
      },
    ])
    expect(event.Records[0]).not.toHaveProperty('md5OfMessageAttributes')
  })

  test('has up to batchSize messages', async () => {
    const queue = queues.create()
    await queue.send(ids(7))
    await using run = await start(queue, { batchSize: 3 })
    await vi.waitFor(() => expect(queue.size()).toBe(0), 60_000)
    await run.mapping.stop() // a batch is told after its messages are deleted
    expect(run.batches.map(({ event }) => event.Records.length)).toEqual([3, 3, 1])
  })

  test('collects over a batching window, across requests', async () => {
    const queue = queues.create({ visibilityTimeout: 30 })
    await queue.send(ids(25))
    await using run = await start(queue, { batchSize: 100, maximumBatchingWindow: 3000 })
    await delay(300)
    await queue.send([{ id: 'late' }])
    const { event } = await run.batch(0)
    expect(event.Records).toHaveLength(26)
    await vi.waitFor(() => expect(queue.size()).toBe(0), 60_000)
    await run.mapping.stop() // a batch is told after its messages are deleted
  })

  test('does not wait for the end of the window when it is full', async () => {
    const queue = queues.create({ visibilityTimeout: 100 })
    await using run = await start(queue, { batchSize: 15, maximumBatchingWindow: 60_000 })
    await queue.send(ids(15))
    expect((await run.batch(0)).event.Records).toHaveLength(15)
  })
})

describe.concurrent('stop', () => {
  test('lets the batch under way end, deletes it, and receives no more', async () => {
    const queue = queues.create()
    await queue.send(ids(2, 'slow'))
    await using run = await start(queue, { batchSize: 1 })
    await vi.waitFor(() => expect(run.begun()).toHaveLength(1), 60_000)
    await Promise.all([run.mapping.stop(), run.mapping.stop()])
    expect(run.batches).toHaveLength(1)
    expect(run.batches[0]?.deleted).toHaveLength(1)
    expect(queue.size()).toBe(1)
    await queue.send([{ id: 'later' }])
    await delay(1200)
    expect(run.batches).toHaveLength(1)
    expect(queue.size()).toBe(2)
  })

  test('takes no longer than the poll under way, and leaves nothing that receives in its name', async () => {
    const queue = queues.create()
    const polls: number[] = []
    const receiveMessage: SqsClient['receiveMessage'] = (input, options) => {
      polls.push(input.WaitTimeSeconds)
      return queues.sqs.receiveMessage(input, options)
    }
    const sqs: SqsClient = {
      getQueueAttributes: (...args) => queues.sqs.getQueueAttributes(...args),
      receiveMessage,
      deleteMessageBatch: (...args) => queues.sqs.deleteMessageBatch(...args),
    }
    await using run = await start(queue, { sqs })
    await vi.waitFor(() => expect(polls).not.toHaveLength(0), 60_000)
    const before = polls.length
    await run.mapping.stop()
    expect(polls.slice(before)).toEqual([]) // none but the one under way
    expect(polls.every(seconds => seconds <= 1)).toBe(true)
    await queue.send([{ id: 'a' }])
    const { Messages } = await queues.sqs.receiveMessage({ QueueUrl: queue.url })
    expect(Messages).toHaveLength(1)
  })

  test('does not wait for the end of a batching window', async () => {
    const queue = queues.create({ visibilityTimeout: 100 })
    await queue.send(ids(3))
    await using run = await start(queue, { batchSize: 100, maximumBatchingWindow: 60_000 })
    await vi.waitFor(() => expect(queue.received()).toBe(3), 60_000)
    await run.mapping.stop()
    expect(run.batches.map(({ deleted }) => deleted.length)).toEqual([3])
    expect(queue.size()).toBe(0)
  })
})

describe.concurrent('a queue', () => {
  test('that does not exist is an error of the start', async () => {
    const queueUrl = `http://127.0.0.1:${queues.server.port}/000000000000/missing`
    await using handler = await startHandler('sqs.handler')
    await expect(startEventSourceMapping({ queueUrl, sqs: queues.sqs, function: handler })).rejects.toThrow(
      /^startEventSourceMapping: GetQueueAttributes on \S+\/missing failed: QueueDoesNotExist: /,
    )
  })

  test('that cannot be reached for a while is polled again when it is back', async () => {
    let other = await startQueues()
    const { port } = other.server
    const sqs = clientOf(port)
    const queue = other.create()
    await using run = await start(queue, { sqs })
    await other[Symbol.asyncDispose]()
    await vi.waitFor(() => expect(run.errors.length).toBeGreaterThan(1), 60_000)
    expect(run.errors.at(-1)?.message).toMatch(
      /^Event source mapping of arn:\S+: ReceiveMessage on \S+ failed: .*(ECONN|socket).* Going on in \d+ ms\.$/,
    )
    other = await startQueues(port)
    const again = other.create()
    await again.send([{ id: 'a' }])
    await vi.waitFor(() => expect(again.size()).toBe(0), 60_000)
    expect(run.ended()).toEqual(['a'])
    await run.mapping.stop()
    await other[Symbol.asyncDispose]()
    sqs.destroy()
  })

  test('whose function may take longer than its visibility timeout is refused', async () => {
    await expect(start(queues.create(), { timeout: 3001 })).rejects.toThrow(
      /the timeout of sqs, 3001 ms, is longer than the visibility timeout of arn:aws:sqs:eu-central-1:\d+:queue-\d+, 3000 ms/,
    )
  })

  test.each([
    [{ batchSize: 11, maximumBatchingWindow: 1000 }, /is FIFO: batchSize may be 10 at most, got 11/],
    [{ maximumBatchingWindow: 1000 }, /is FIFO: Lambda has no maximumBatchingWindow there/],
  ])('that is FIFO refuses %o', async (options, message) => {
    await expect(start(queues.create({ fifo: true }), options)).rejects.toThrow(message)
  })
})
