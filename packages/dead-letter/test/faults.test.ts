// Records of many batches and invocations at once, through SQS's batch calls, while the calls fail in all their ways.
import { PermanentError } from '@lambent/core'
import { sqs } from '@lambent/events/sqs'
import { lambdaContext, sqsEvent } from '@lambent/testing'
import fc from 'fast-check'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest'
import { deadLetter, type SqsPort, sqsQueue } from '../src/index.ts'
import { answerJson, startWire, type Wire } from './wire.ts'

let wire: Wire
let dlq: string
let number = 0
beforeAll(async () => {
  wire = await startWire()
})
afterAll(() => wire[Symbol.asyncDispose]())
beforeEach(() => {
  dlq = wire.queue(`faults-${++number}`)
  wire.fault = undefined
  wire.requests.length = 0
  vi.spyOn(console, 'warn').mockImplementation(() => {})
  vi.spyOn(console, 'error').mockImplementation(() => {})
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

const BATCH = 'AmazonSQS.SendMessageBatch'
const sends = () =>
  wire.requests
    .filter(({ target }) => target === BATCH)
    .map(({ body }) => (JSON.parse(body) as { Entries: { Id: string; MessageBody: string }[] }).Entries)

const failing = (url = dlq) =>
  sqs()
    .each({ concurrency: 100 })
    .use(deadLetter({ to: sqsQueue({ url, client: wire.sqs }) }))
    .handle(() => {
      throw new PermanentError('poison')
    })

const bodies = (total: number, prefix = 'm') => Array.from({ length: total }, (_, i) => `${prefix}-${i}`)
const batch = (all: readonly string[]) => sqsEvent(all.map(body => ({ body, messageId: body.slice(0, 20) })))
const context = () => lambdaContext({ getRemainingTimeInMillis: () => 20_000 })
const reported = ({ batchItemFailures }: { batchItemFailures: { itemIdentifier: string }[] }) =>
  batchItemFailures.map(({ itemIdentifier }) => itemIdentifier)
const stored = async () => (await wire.drain(dlq)).map(({ Body = '' }) => Body).sort()

it('sends the records of a batch together, 10 a call', async () => {
  expect(reported(await failing()(batch(bodies(25)), context()))).toEqual([])
  expect(
    sends()
      .map(entries => entries.length)
      .sort((a, b) => b - a),
  ).toEqual([10, 10, 5])
  expect(await stored()).toEqual(bodies(25).sort())
})

it('sends no more than 1 MiB a call', async () => {
  const large = bodies(5).map(body => body.padEnd(400_000, '.'))
  expect(reported(await failing()(batch(large), context()))).toEqual([])
  // They are on their way at the same time, and arrive in any order.
  const sizes = sends().map(entries => entries.length)
  expect(sizes.sort()).toEqual([1, 2, 2])
})

it('sends a record that is alone at once', async () => {
  const immediately = vi.spyOn(globalThis, 'setTimeout')
  await failing()(batch(['m-0']), context())
  // Neither a wait for others, nor a retry: the timers of a deadline are longer.
  expect(immediately.mock.calls.filter(([, ms]) => ms === 50)).toEqual([])
  expect(sends()).toHaveLength(1)
})

it('sends together what fails while a call is on its way', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }) // nobody waits too long for the call on its way
  const called = Promise.withResolvers<void>()
  const gate = Promise.withResolvers<void>()
  const calls: string[][] = []
  const client: SqsPort = {
    async sendMessageBatch({ Entries }) {
      calls.push(Entries.map(({ MessageBody }) => MessageBody))
      called.resolve()
      await gate.promise
      return { Successful: Entries.map(({ Id }) => ({ Id })), Failed: [] }
    },
  }
  const to = sqsQueue({ url: dlq, client })
  const one = sqs()
    .each()
    .use(deadLetter({ to }))
    .handle(() => {
      throw new PermanentError('poison')
    })
  const running = [one(batch(['a']), context())]
  await called.promise
  for (const body of ['b', 'c', 'd']) {
    running.push(one(batch([body]), context()))
    await new Promise(resolve => setImmediate(resolve))
  }
  gate.resolve()
  expect((await Promise.all(running)).flatMap(reported)).toEqual([])
  expect(calls).toEqual([['a'], ['b', 'c', 'd']])
})

it('Failed entries are those of their own records: the others are done', async () => {
  wire.fault = ({ target, body }, response) => {
    if (target !== BATCH) return undefined
    const { Entries } = JSON.parse(body) as { Entries: { Id: string; MessageBody: string }[] }
    const bad = Entries.filter(({ MessageBody }) => /[37]$/.test(MessageBody))
    if (bad.length === 0) return undefined
    return answerJson(response, 200, {
      Successful: Entries.filter(each => !bad.includes(each)).map(({ Id }) => ({
        Id,
        MessageId: 'x',
        MD5OfMessageBody: '',
      })),
      Failed: bad.map(({ Id }) => ({ Id, Code: 'InvalidParameterValue', SenderFault: true, Message: 'no' })),
    })
  }
  const client = new (await import('@aws-sdk/client-sqs')).SQS({
    endpoint: wire.endpoint,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'k', secretAccessKey: 's' },
    md5: false,
  })
  const handler = sqs()
    .each()
    .use(deadLetter({ to: sqsQueue({ url: dlq, client }) }))
    .handle(() => {
      throw new PermanentError('poison')
    })
  expect(reported(await handler(batch(bodies(10)), context()))).toEqual(['m-3', 'm-7'])
  expect(sends()).toHaveLength(1) // what is the sender's fault is not sent again
  client.destroy()
})

it('sends again what SQS did not take for a moment, and gives up on what it never takes', async () => {
  const tries = new Map<string, number>()
  wire.fault = ({ target, body }, response) => {
    if (target !== BATCH) return undefined
    const { Entries } = JSON.parse(body) as { Entries: { Id: string; MessageBody: string }[] }
    for (const { MessageBody } of Entries) tries.set(MessageBody, (tries.get(MessageBody) ?? 0) + 1)
    const bad = Entries.filter(({ MessageBody }) => MessageBody === 'never' || tries.get(MessageBody) === 1)
    if (bad.length === 0) return undefined
    // The good ones of this call are lost too, as far as the answer says: it does not name them.
    return answerJson(response, 200, {
      Failed: bad.map(({ Id }) => ({ Id, Code: 'InternalError', SenderFault: false, Message: 'later' })),
    })
  }
  expect(reported(await failing()(batch(['a', 'b', 'never']), context()))).toEqual(['never'])
  expect(tries.get('never')).toBe(5)
  expect(await stored()).toEqual(['a', 'b'])
})

it('one entry that makes the whole call invalid does not take the others with it', async () => {
  wire.fault = ({ target, body }, response) => {
    if (target !== BATCH || !body.includes('"bad"')) return undefined
    return answerJson(response, 400, { __type: 'com.amazonaws.sqs#InvalidMessageContents', message: 'no' })
  }
  expect(reported(await failing()(batch(['a', 'bad', 'c']), context()))).toEqual(['bad'])
  expect(await stored()).toEqual(['a', 'c'])
})

it('stores a unit that comes again once in a FIFO queue, in its own group, and distinct units each', async () => {
  const url = wire.queue(`faults-${number}-dlq.fifo`, { FifoQueue: 'true' })
  const arn = 'arn:aws:sqs:eu-central-1:123456789012:orders.fifo'
  const record = (messageId: string, MessageGroupId: string) => ({
    messageId,
    body: 'the same body',
    eventSourceARN: arn,
    attributes: { MessageGroupId },
  })
  const event = sqsEvent([record('1', 'a'), record('2', 'a'), record('3', 'b')])
  for (let delivery = 0; delivery < 2; delivery++) expect(reported(await failing(url)(event, context()))).toEqual([])
  const groups = (await wire.drain(url)).map(({ Attributes }) => Attributes?.MessageGroupId)
  expect(groups.sort()).toEqual(['a', 'a', 'b'])
})

it('two functions that share a queue for dead letters do not hide each other’s', async () => {
  const url = wire.queue(`faults-${number}-shared.fifo`, { FifoQueue: 'true' })
  for (const functionName of ['one', 'two'])
    await failing(url)(batch(['a']), lambdaContext({ functionName, getRemainingTimeInMillis: () => 20_000 }))
  expect(await wire.drain(url)).toHaveLength(2)
})

it('property: whatever goes wrong, what is acknowledged is stored, and each record hears of its own', async () => {
  const fate = fc.constantFrom(
    'pass',
    'pass',
    'throttle',
    'reset',
    'lose the answer',
    'slow',
    'partial',
    'denied',
    'empty',
  )
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 1, max: 14 }), { minLength: 1, maxLength: 8 }),
      fc.array(fate, { minLength: 1, maxLength: 12 }),
      fc.infiniteStream(fc.boolean()),
      async (sizes, fates, coins) => {
        dlq = wire.queue(`property-${++number}`)
        let call = 0
        wire.fault = ({ target, body }, response) => {
          if (target !== BATCH) return undefined
          const now = fates[call++ % fates.length]
          if (now === 'throttle')
            return answerJson(response, 400, { __type: 'com.amazonaws.sqs#RequestThrottled', message: 'slow' })
          if (now === 'denied') return answerJson(response, 403, { __type: 'AccessDeniedException', message: 'no' })
          if (now === 'empty') return answerJson(response, 200, {})
          if (now === 'reset') {
            response.destroy()
            return 'answered'
          }
          if (now === 'lose the answer' || now === 'slow') return now
          if (now !== 'partial') return undefined
          const { Entries } = JSON.parse(body) as { Entries: { Id: string }[] }
          const SenderFault = coins.next().value as boolean
          return answerJson(response, 200, {
            Failed: Entries.map(({ Id }) => ({ Id, Code: 'Fault', SenderFault, Message: '' })),
          })
        }
        const handler = failing()
        // Invocations interleave in one process, with the same sink.
        const outcomes = await Promise.all(
          sizes.map(async (size, index) => {
            const all = bodies(size, `i${index}`)
            const failed = new Set(reported(await handler(batch(all), context())))
            return all.filter(body => !failed.has(body))
          }),
        )
        wire.fault = undefined
        const found = new Set(await stored())
        expect(outcomes.flat().filter(body => !found.has(body))).toEqual([])
        if (fates.every(each => each === 'pass')) expect(found.size).toBe(sizes.reduce((a, b) => a + b))
      },
    ),
    { numRuns: 25 },
  )
}, 60_000)

it('64 invocations at once, each with its own records', async () => {
  const handler = failing()
  const outcomes = await Promise.all(
    Array.from({ length: 64 }, (_, index) => handler(batch(bodies(3, `i${index}`)), context())),
  )
  expect(outcomes.flatMap(reported)).toEqual([])
  expect(await stored()).toHaveLength(192)
  expect(sends().length).toBeLessThanOrEqual(25)
})
