import { done, type Middleware, PermanentError } from '@lambent/core'
import { invoke, lambdaContext, s3Event, sqsEvent } from '@lambent/testing'
import { describe, expect, it, vi } from 'vitest'
import { listen } from '../test/telemetry.ts'
import { s3 } from './s3.ts'
import { drop, fail, retryLater, type SqsVisibilityClient, sqs } from './sqs.ts'

const event = sqsEvent([{ messageId: '1' }, { messageId: '2' }])
const reported = { batchItemFailures: [{ itemIdentifier: '1' }] }
const none = { batchItemFailures: [] }

describe('drop()', () => {
  it('acknowledges, and is told with its reason', async () => {
    const ear = listen()
    const handler = sqs()
      .use(ear)
      .each()
      .handle(({ message }) => (message.id === '1' ? drop('cancelled') : undefined))
    expect(await invoke(handler, event)).toEqual(none)
    expect(ear.said).toMatchObject([
      { name: 'batch.record.dropped', level: 'info', unit: { id: '1' }, fields: { reason: 'cancelled' } },
    ])
  })

  it('is one too when a middleware has stored it as JSON and replays it', async () => {
    const ear = listen()
    const replay: Middleware = async () => done(JSON.parse(JSON.stringify(drop('seen'))))
    expect(await invoke(sqs().use(ear).each().use(replay).handle(vi.fn()), event)).toEqual(none)
    expect(ear.said.map(({ name }) => name)).toEqual(['batch.record.dropped', 'batch.record.dropped'])
  })
})

describe('fail()', () => {
  const error = new PermanentError('no such customer')

  it.each([
    ['with an error', () => fail(error), error],
    ['with a reason', () => fail('no stock'), { code: 'RecordFailed', message: 'no stock' }],
    ['with nothing', () => fail(), { code: 'RecordFailed' }],
    ['with anything', () => fail(7), 7],
  ])('%s reports the record, and is told', async (_, verdict, told) => {
    const ear = listen()
    const handler = sqs()
      .use(ear)
      .each()
      .handle(({ message }) => (message.id === '1' ? verdict() : undefined))
    expect(await invoke(handler, event)).toEqual(reported)
    const [first] = ear.said
    expect(first).toMatchObject({ name: 'batch.record.failed', unit: { id: '1' } })
    if (typeof told === 'object') expect(first?.error).toMatchObject(told)
    else expect(first?.error).toBe(told)
  })

  // A middleware that stores results would else store that the record is done, and never let it be tried again.
  it('is an error to the middlewares of the record, and not a result', async () => {
    const seen: unknown[] = []
    const watch: Middleware = async (_, next) => {
      try {
        const result = await next()
        seen.push(result.value)
        return result
      } catch (error) {
        seen.push(error)
        throw error
      }
    }
    const handler = sqs()
      .use(listen())
      .each()
      .use(watch)
      .handle(({ message }) => (message.id === '1' ? fail(error) : undefined))
    expect(await invoke(handler, event)).toEqual(reported)
    expect(seen).toHaveLength(2)
    expect(new Set(seen)).toEqual(new Set([error, undefined]))
  })

  it('can be what a middleware says', async () => {
    const refuse: Middleware = async ({ unit }, next) => (unit.id === '1' ? done(fail('closed')) : next())
    const handler = sqs()
      .use(listen())
      .each()
      .use(refuse)
      .handle(() => {})
    expect(await invoke(handler, event)).toEqual(reported)
  })

  it('fails an invocation that has no partial response', async () => {
    const handler = s3()
      .use(listen())
      .each()
      .handle(() => fail(error))
    await expect(invoke(handler, s3Event())).rejects.toBe(error)
  })
})

describe('anything else that a handler of a record returns', () => {
  it.each(['done', 1, true, [], {}, { batchItemFailures: [] }, { statusCode: 200 }, () => {}])(
    'is refused, and its record reported: %j',
    async value => {
      const ear = listen()
      const handler = sqs()
        .use(ear)
        .each()
        .handle(({ message }) => (message.id === '1' ? (value as never) : undefined))
      expect(await handler(event, lambdaContext())).toEqual(reported)
      expect(ear.said[0]?.error).toMatchObject({
        code: 'UnknownVerdict',
        message: `the handler of a record returned ${typeof value}: return nothing, or a verdict such as drop() or fail()`,
      })
    },
  )

  it('but null, which is nothing', async () => {
    const handler = sqs()
      .each()
      .handle(() => null as never)
    expect(await invoke(handler, event)).toEqual(none)
  })
})

describe('retryLater()', () => {
  it('is among the permissions of a handler that has a client for it', () => {
    const client: SqsVisibilityClient = { changeMessageVisibility: async () => ({}) }
    const [permission] = sqs({ client }).handle(() => {}).permissions
    expect(permission).toEqual({ actions: ['sqs:ChangeMessageVisibility'], resources: ['*'] })
    expect(sqs().handle(() => {}).permissions).toEqual([])
  })

  const ARN = 'arn:aws:sqs:eu-west-1:123456789012:orders'
  const later = (delaySeconds: number, options: Parameters<typeof sqs>[0] = {}) => {
    const calls: unknown[] = []
    const ear = listen()
    const client: SqsVisibilityClient = { changeMessageVisibility: async input => calls.push(input) }
    const given = { client, ...options } as { readonly client: SqsVisibilityClient }
    const handler = sqs(given)
      .use(ear)
      .each()
      .handle(({ message }) => (message.id === '1' ? retryLater({ delaySeconds }) : undefined))
    return { handler, calls, ear }
  }
  const one = (eventSourceARN: string) => sqsEvent([{ messageId: '1', receiptHandle: 'handle', eventSourceARN }])

  it('changes the visibility of the message, and reports it', async () => {
    const { handler, calls, ear } = later(90)
    expect(await invoke(handler, one(ARN))).toEqual(reported)
    expect(calls).toEqual([
      {
        QueueUrl: 'https://sqs.eu-west-1.amazonaws.com/123456789012/orders',
        ReceiptHandle: 'handle',
        VisibilityTimeout: 90,
      },
    ])
    expect(ear.said[0]).toMatchObject({
      name: 'batch.record.failed',
      error: { code: 'RetryLater', retryable: true, retryAfter: 90_000 },
    })
  })

  it.each([
    [
      'arn:aws-cn:sqs:cn-north-1:123456789012:orders.fifo',
      'https://sqs.cn-north-1.amazonaws.com.cn/123456789012/orders.fifo',
    ],
    ['arn:aws-us-gov:sqs:us-gov-west-1:123456789012:o', 'https://sqs.us-gov-west-1.amazonaws.com/123456789012/o'],
  ])('knows the URL of the queue %s', async (arn, QueueUrl) => {
    const { handler, calls } = later(0, {})
    await invoke(handler, one(arn))
    expect(calls).toMatchObject([{ QueueUrl, VisibilityTimeout: 0 }])
  })

  it.each([
    ['text', 'http://localhost:4566/q'],
    ['function', (arn: string) => `http://localhost:4566/${arn.slice(-6)}`],
  ])('takes the URL of the queue as a %s', async (_, queueUrl) => {
    const { handler, calls } = later(5, { queueUrl })
    await invoke(handler, one(ARN))
    expect(calls).toMatchObject([{ QueueUrl: typeof queueUrl === 'string' ? queueUrl : queueUrl(ARN) }])
  })

  it.each([
    ['the call fails', { changeMessageVisibility: () => Promise.reject(new Error('AccessDenied')) }],
    ['the client is none', {}],
  ])('reports the message also when %s, and says so', async (_, client) => {
    const { handler, ear } = later(5, { client: client as never })
    expect(await invoke(handler, one(ARN))).toEqual(reported)
    expect(ear.said[1]).toMatchObject({
      name: 'sqs.retryLater',
      level: 'warn',
      message: expect.stringContaining('ChangeMessageVisibility failed'),
      error: expect.any(Error),
    })
  })

  it('reports the message also where no queue URL is known, and says what to do', async () => {
    const { handler, calls, ear } = later(5)
    expect(await invoke(handler, one('arn:aws-iso:sqs:us-iso-east-1:123456789012:orders'))).toEqual(reported)
    expect(calls).toEqual([])
    expect(ear.said[1]?.error).toMatchObject({ message: expect.stringContaining('give it by sqs({ queueUrl })') })
  })

  it('reports the message also without a client, and says what to do', async () => {
    const { handler, ear } = later(5, { client: undefined })
    expect(await invoke(handler, one(ARN))).toEqual(reported)
    expect(ear.said[1]).toMatchObject({ name: 'sqs.retryLater', message: expect.stringContaining('give a client') })
  })

  it('rounds fractions up, and refuses what SQS would', () => {
    const secondsOf = (delaySeconds: number) => retryLater({ delaySeconds }).error.retryAfter
    expect(secondsOf(0)).toBe(0)
    expect(secondsOf(0.2)).toBe(1000)
    expect(secondsOf(43_200)).toBe(43_200_000)
    for (const bad of [-1, 43_200.5, Number.NaN, Infinity, '5x' as never, undefined as never])
      expect(() => retryLater({ delaySeconds: bad })).toThrow(/takes 0 to 43200 seconds, not /)
  })
})
