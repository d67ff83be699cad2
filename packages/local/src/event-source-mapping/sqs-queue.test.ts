import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { SqsClient } from './sqs-client.ts'
import { backoff, describeError, openQueue } from './sqs-queue.ts'

describe('a request without an answer', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  test.each([
    ['heeds', (signal: AbortSignal) => new Promise<never>((_, reject) => signal.addEventListener('abort', reject))],
    ['does not heed', () => new Promise<never>(() => undefined)],
  ])('is given up, by a client that %s the signal', async (_, never) => {
    const Attributes = { QueueArn: 'arn:aws:sqs:eu-central-1:000000000000:orders', VisibilityTimeout: '30' }
    const client: SqsClient = {
      getQueueAttributes: async () => ({ Attributes }),
      receiveMessage: (_input, { abortSignal }) => never(abortSignal),
      deleteMessageBatch: (_input, { abortSignal }) => never(abortSignal),
    }
    const queue = await openQueue(client, 'orders')
    const received = expect(queue.receive(10, 1)).rejects.toThrow(
      'ReceiveMessage on orders failed: no answer in 11000 ms',
    )
    await vi.advanceTimersByTimeAsync(11_000)
    await received
    expect(vi.getTimerCount()).toBe(0)
  })
})

test('pauses double from 50 to 100 ms on, and never exceed 10 s', () => {
  for (let failures = 1; failures < 100; failures++) {
    const most = Math.min(10_000, 100 * 2 ** (failures - 1))
    expect(backoff(failures)).toBeGreaterThanOrEqual(most / 2)
    expect(backoff(failures)).toBeLessThanOrEqual(most)
  }
})

test.each([
  [new RangeError('too large'), 'RangeError: too large'],
  [Object.assign(new AggregateError([]), { code: 'ECONNREFUSED' }), 'AggregateError ECONNREFUSED'],
  [
    Object.assign(new Error('gone'), { name: 'QueueDoesNotExist', code: 'QueueDoesNotExist' }),
    'QueueDoesNotExist: gone',
  ],
  ['a string', 'string thrown'],
  [undefined, 'undefined thrown'],
])('%o is described as %s', (error, line) => {
  expect(describeError(error)).toBe(line)
})
