// Properties of a mapping over random messages, outcomes and faults of the network, against a model of the queue.
import type { SQSEvent } from 'aws-lambda'
import fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import { type Fault, type ModelOptions, type ModelQueue, modelQueue } from '../../test/model-queue.ts'
import {
  type BatchResult,
  type EventSourceMappingOptions,
  type InvocationResult,
  type MappedFunction,
  startEventSourceMapping,
} from '../index.ts'

// Pauses after failures are a hundredth of what they are.
vi.mock(import('node:timers/promises'), async importOriginal => {
  const original = await importOriginal()
  const shortened: typeof original.setTimeout = (ms, ...rest) => original.setTimeout((ms ?? 0) / 100, ...rest)
  return { ...original, setTimeout: shortened }
})

type Outcome = 'ok' | 'fail' | 'error' | 'malformed'

describe('each message ends as deleted after a success or in the dead-letter queue after maxReceiveCount receives', () => {
  const faults = fc.array(fc.constantFrom<Fault>('none', 'none', 'none', 'refused', 'answer lost'), { maxLength: 20 })
  const plans = fc.array(
    fc.array(fc.constantFrom<Outcome>('ok', 'ok', 'ok', 'fail', 'fail', 'error', 'malformed'), { maxLength: 4 }),
    { minLength: 1, maxLength: 40 },
  )
  const scenario = fc.record({
    plans,
    faults,
    groups: fc.integer({ min: 1, max: 6 }),
    maxReceiveCount: fc.integer({ min: 1, max: 4 }),
    batchSize: fc.integer({ min: 1, max: 10 }),
    copies: fc.integer({ min: 1, max: 3 }),
  })

  test.each([
    ['standard', false],
    ['FIFO', true],
  ])('in a %s queue', async (_, fifo) => {
    await fc.assert(
      fc.asyncProperty(scenario, async ({ plans, faults, groups, maxReceiveCount, batchSize, copies }) => {
        const queue = modelQueue({ fifo, maxReceiveCount, faults })
        const ids = plans.map((_, index) => `m${index}`)
        const groupOf = (id: string): string => `g${Number(id.slice(1)) % groups}`
        for (const [index, id] of ids.entries()) {
          queue.send(id, JSON.stringify(plans[index]), fifo ? groupOf(id) : undefined)
        }
        const succeeded: string[] = []
        const running = new Set<string>()

        async function handle({ Records }: SQSEvent): Promise<InvocationResult> {
          const batchGroups = new Set(fifo ? Records.map(({ messageId }) => groupOf(messageId)) : [])
          for (const group of batchGroups) {
            expect(running, 'a group is in one batch at a time').not.toContain(group)
            running.add(group)
          }
          await new Promise(resolve => setImmediate(resolve))
          for (const group of batchGroups) running.delete(group)
          const outcomes = Records.map(({ body, attributes }) => {
            const plan = JSON.parse(body) as Outcome[]
            return plan[Number(attributes.ApproximateReceiveCount) - 1] ?? 'ok'
          })
          if (outcomes.includes('error')) return failure()
          if (outcomes.includes('malformed')) return success({ batchItemFailures: [{ itemIdentifier: '' }] })
          const failedGroups = new Set<string>()
          const batchItemFailures: { itemIdentifier: string }[] = []
          for (const [index, { messageId }] of Records.entries()) {
            if (outcomes[index] === 'fail' || failedGroups.has(groupOf(messageId))) {
              batchItemFailures.push({ itemIdentifier: messageId })
              if (fifo) failedGroups.add(groupOf(messageId))
            } else succeeded.push(messageId)
          }
          return success({ batchItemFailures })
        }

        const { batches, errors } = await runUntilEmpty(queue, handle, { batchSize, copies })

        const dead = queue.deadLetters.map(({ id }) => id)
        expect([...queue.deleted, ...dead].sort()).toEqual([...ids].sort())
        for (const id of queue.deleted) expect(succeeded).toContain(id)
        // Where all tries of a deletion failed, the message has come again, and may have failed then.
        const allDeleted = !errors.some(({ message }) => message.includes('They come again'))
        if (allDeleted) expect(new Set(queue.deleted)).toEqual(new Set(succeeded))
        for (const { receives } of queue.deadLetters) expect(receives).toBe(maxReceiveCount)
        for (const { deleted, batchItemFailures, event } of batches) {
          const told = new Set([...deleted, ...batchItemFailures])
          if (allDeleted) expect(told).toEqual(new Set(event.Records.map(({ messageId }) => messageId)))
        }
        if (!fifo) return
        for (let group = 0; group < groups; group++) {
          const order = [...new Set(succeeded)].filter(id => groupOf(id) === `g${group}`)
          expect(order).toEqual(ids.filter(id => order.includes(id)))
        }
      }),
      { numRuns: 150 },
    )
  })
})

describe('a message that the queue does not delete', () => {
  test('at first is deleted at another try, and is not handled twice', async () => {
    const undeletable = new Map([['m1', { times: 3, senderFault: false }]])
    const { batches, errors, queue } = await handleAll(3, { undeletable })
    expect(batches.map(({ deleted }) => deleted)).toEqual([['m0', 'm1', 'm2']])
    expect(queue.deleted).toEqual(['m0', 'm2', 'm1'])
    expect(errors.map(({ message }) => message)).toEqual(
      Array(3).fill('DeleteMessageBatch on model did not delete 1 messages: InternalError. Trying again.'),
    )
  })

  test('at any try comes again', async () => {
    const undeletable = new Map([['m1', { times: 6, senderFault: false }]])
    const { batches, errors } = await handleAll(2, { undeletable })
    expect(batches.map(({ deleted }) => deleted)).toEqual([['m0'], ['m1']])
    expect(batches.map(({ batchItemFailures }) => batchItemFailures)).toEqual([[], []])
    expect(errors).toHaveLength(6)
    expect(errors.at(-1)?.message).toMatch(/They come again after the visibility timeout\.$/)
  })

  test('because its receipt handle is refused is not tried again at once', async () => {
    const undeletable = new Map([['m0', { times: 1, senderFault: true }]])
    const { batches, errors } = await handleAll(1, { undeletable })
    expect(batches.map(({ deleted }) => deleted)).toEqual([[], ['m0']])
    expect(errors).toHaveLength(1)
  })
})

describe('messages that are too large for one event', () => {
  // Escaped as JSON, a control character takes six bytes: ten of these messages are 12 MB.
  const large = '\u0001'.repeat(200_000)

  test('are given in several invocations, each as large as it may be', async () => {
    const { batches, queue } = await handleAll(10, {}, large)
    expect(batches.map(({ event }) => event.Records.map(({ messageId }) => messageId))).toEqual([
      ['m0', 'm1', 'm2', 'm3', 'm4'],
      ['m5', 'm6', 'm7', 'm8', 'm9'],
    ])
    for (const { event } of batches) expect(Buffer.byteLength(JSON.stringify(event))).toBeLessThanOrEqual(6_291_456)
    expect(queue.deleted).toHaveLength(10)
  })

  test('do not wait for the end of a batching window', async () => {
    const queue = modelQueue()
    for (let index = 0; index < 10; index++) queue.send(`m${index}`, large)
    const options = { batchSize: 100, maximumBatchingWindow: 60_000 } // longer than this test may take
    await runUntilEmpty(queue, async () => success(null), options)
    expect(queue.deleted).toHaveLength(10)
  })

  test('in a FIFO queue come again after one of their group has failed in an invocation before theirs', async () => {
    const queue = modelQueue({ fifo: true })
    for (let index = 0; index < 8; index++) queue.send(`m${index}`, large, index % 2 === 0 ? 'even' : 'odd')
    let failures = [{ itemIdentifier: 'm2' }, { itemIdentifier: 'm4' }]
    const handled: string[][] = []
    await runUntilEmpty(queue, async ({ Records }) => {
      handled.push(Records.map(({ messageId }) => messageId))
      const batchItemFailures = failures
      failures = []
      return success({ batchItemFailures })
    })
    expect(handled).toEqual([
      ['m0', 'm1', 'm2', 'm3', 'm4'],
      ['m5', 'm7'],
      ['m2', 'm4', 'm6'],
    ])
  })
})

describe('what does not end the polling', () => {
  test('an onBatch that throws or rejects: it is told to onError', async () => {
    const queue = modelQueue()
    for (const id of ['m0', 'm1']) queue.send(id, '')
    let calls = 0
    const { errors } = await runUntilEmpty(queue, async () => success(null), {
      batchSize: 1,
      onBatch() {
        if (++calls === 1) throw new RangeError('in onBatch')
        return Promise.reject(new RangeError('later'))
      },
    })
    expect(errors.map(({ message }) => message)).toEqual([
      'Event source mapping of arn:aws:sqs:eu-central-1:000000000000:model: onBatch failed: RangeError: in onBatch',
      'Event source mapping of arn:aws:sqs:eu-central-1:000000000000:model: onBatch failed: RangeError: later',
    ])
  })

  test.each([
    () => {
      throw new Error('in onError')
    },
    () => Promise.reject(new Error('in onError')),
  ])('an onError that fails: %s', async onError => {
    const queue = modelQueue({ faults: ['refused', 'answer lost', 'refused'] })
    queue.send('m0', '')
    await runUntilEmpty(queue, async () => success(null), { onError })
    expect(queue.deleted).toEqual(['m0'])
  })

  test('a message without a receipt handle', async () => {
    const queue = modelQueue()
    queue.send('m0', '')
    const { receiveMessage } = queue.client
    let calls = 0
    queue.client.receiveMessage = async (...args) =>
      ++calls === 1 ? { Messages: [{ MessageId: 'm0' }] } : receiveMessage(...args)
    const { errors } = await runUntilEmpty(queue, async () => success(null))
    expect(errors[0]?.message).toMatch(/without MessageId or ReceiptHandle\. Going on in \d+ ms\.$/)
  })

  test('a queue that refuses in the middle of a batching window: what has been received is handled', async () => {
    const queue = modelQueue({ faults: ['none', 'refused'] })
    for (let index = 0; index < 12; index++) queue.send(`m${index}`, '')
    const options = { batchSize: 100, maximumBatchingWindow: 1000 }
    const { batches, errors } = await runUntilEmpty(queue, async () => success(null), options)
    expect(batches.map(({ event }) => event.Records.length)).toEqual([10, 2])
    expect(errors[0]?.message).toMatch(/failed: ThrottlingException: Rate exceeded\. Going on with what there is\.$/)
  })
})

test('without onError, errors are lines on stderr', async () => {
  const print = vi.spyOn(console, 'error').mockReturnValue()
  const queue = modelQueue({ faults: ['refused'] })
  queue.send('m0', '')
  await runUntilEmpty(queue, async () => success(null), { onError: undefined })
  expect(print).toHaveBeenCalledExactlyOnceWith(
    expect.stringMatching(
      /^Event source mapping of arn:\S+:model: ReceiveMessage on model failed: ThrottlingException: /,
    ),
  )
  print.mockRestore()
})

interface Ran {
  readonly queue: ModelQueue
  readonly batches: readonly BatchResult[]
  readonly errors: readonly Error[]
}

async function handleAll(count: number, options: ModelOptions, body = ''): Promise<Ran> {
  const queue = modelQueue(options)
  for (let index = 0; index < count; index++) queue.send(`m${index}`, body)
  return runUntilEmpty(queue, async () => success(null))
}

interface RunOptions extends Pick<EventSourceMappingOptions, 'batchSize' | 'maximumBatchingWindow' | 'onBatch'> {
  readonly copies?: number
  readonly onError?: EventSourceMappingOptions['onError'] | undefined
}

async function runUntilEmpty(
  queue: ModelQueue,
  handle: (event: SQSEvent) => Promise<InvocationResult>,
  { copies = 1, onBatch, ...options }: RunOptions = {},
): Promise<Ran> {
  const batches: BatchResult[] = []
  const errors: Error[] = []
  let broken: unknown
  const lambda: MappedFunction = {
    functionName: 'model',
    timeout: 1000,
    invoke: event =>
      handle(event as SQSEvent).catch((error: unknown) => {
        broken = error
        throw error
      }),
  }
  const { onError = error => errors.push(error), ...rest } = options
  const mapping = await startEventSourceMapping({
    queueUrl: 'model',
    sqs: queue.client,
    functions: Array.from({ length: copies }, () => lambda),
    functionResponseTypes: ['ReportBatchItemFailures'],
    ...('onError' in options && options.onError === undefined ? {} : { onError }),
    onBatch(batch) {
      batches.push(batch)
      queue.batchEnded()
      return onBatch?.(batch)
    },
    ...rest,
  })
  await queue.empty
  await mapping.stop()
  if (broken !== undefined) throw broken
  return { queue, batches, errors }
}

function success(response: unknown): InvocationResult {
  const json = JSON.stringify(response)
  return { ...facts, functionError: undefined, payload: response, payloadBytes: Buffer.from(json) }
}

function failure(): InvocationResult {
  const error = { errorType: 'Error', errorMessage: 'failed' }
  return {
    ...facts,
    ...error,
    functionError: 'Unhandled',
    stackTrace: [],
    payload: error,
    payloadBytes: Buffer.from(''),
  }
}

const facts = { statusCode: 200, requestId: 'r', durationMs: 1, logs: [] } as const
