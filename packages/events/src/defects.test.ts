// Regressions: each was wrong once.
import { setTimeout as sleep } from 'node:timers/promises'
import { firehoseTransformationEvent, kinesisStreamEvent, lambdaContext, sqsEvent } from '@lambent/testing'
import { expect, it, vi } from 'vitest'
import { listen } from '../test/telemetry.ts'
import { firehose } from './firehose.ts'
import { failures, kinesis } from './kinesis.ts'
import { drop, retryLater, sqs } from './sqs.ts'

const window = { start: '2026-01-15T12:00:00Z', end: '2026-01-15T12:01:00Z' }

it('what a failing record has changed in the state of its window is not the state', async () => {
  const event = { ...kinesisStreamEvent([{}, {}]), window, state: { clicks: 5 } }
  const handler = kinesis({ window: { initial: () => ({ clicks: 0 }) } })
    .each()
    .handle(({ window: { state } }) => {
      state.clicks++
      throw new Error('no')
    })
  expect(await handler(event, lambdaContext())).toMatchObject({ state: { clicks: 5 } })
})

it('a queue that does not answer ChangeMessageVisibility neither hides the verdict nor holds up the batch', async () => {
  vi.useFakeTimers()
  try {
    const ear = listen()
    const handler = sqs({ client: { changeMessageVisibility: () => new Promise(() => {}) } })
      .use(ear)
      .each({ concurrency: 1 })
      .handle(({ message }) => (message.id === '1' ? retryLater({ delaySeconds: 0 }) : undefined))
    const answer = handler(sqsEvent([{ messageId: '1' }, { messageId: '2' }]), lambdaContext({ timeout: 60_000 }))
    await vi.advanceTimersByTimeAsync(3000)
    expect(await answer).toEqual({ batchItemFailures: [{ itemIdentifier: '1' }] })
    expect(ear.said.map(({ name }) => name)).toEqual(['batch.record.failed', 'sqs.retryLater', 'batch.failures'])
    expect(ear.said[0]).toMatchObject({ error: { code: 'RetryLater' } })
  } finally {
    vi.useRealTimers()
  }
})

it('a record that ends after the answer changes nothing any more', async () => {
  const changeMessageVisibility = vi.fn()
  const handler = sqs({ client: { changeMessageVisibility } })
    .use(listen())
    .each()
    .handle(async () => {
      await sleep(250)
      return retryLater({ delaySeconds: 0 })
    })
  const answer = await handler(sqsEvent([{ messageId: '1' }]), lambdaContext({ timeout: 150 }))
  expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: '1' }] })
  await sleep(200)
  expect(changeMessageVisibility).not.toHaveBeenCalled()
})

it('a drop() after the answer is not told: the record was told as one that did not end', async () => {
  const ear = listen()
  const handler = sqs()
    .use(ear)
    .each()
    .handle(async () => {
      await sleep(250)
      return drop('late')
    })
  await handler(sqsEvent([{ messageId: '1' }]), lambdaContext({ timeout: 150 }))
  await sleep(200)
  expect(ear.said.map(({ name }) => name)).toEqual(['batch.record.failed', 'batch.failures'])
})

it('nothing starts after a narrowed deadline, also one whose remaining time goes below zero', async () => {
  const at = Date.now() + 60
  let started = 0
  const handler = sqs()
    .use(listen())
    .use((_ctx, next) => next({ deadline: { at, remaining: () => at - Date.now() } }))
    .each({ concurrency: 1 })
    .handle(async () => {
      started++
      await sleep(40)
    })
  const answer = await handler(sqsEvent([{}, {}, {}, {}, {}, {}]), lambdaContext({ timeout: 60_000 }))
  expect(started).toBeLessThanOrEqual(2)
  expect(answer.batchItemFailures.length).toBeGreaterThanOrEqual(4)
})

it.each([Number.NaN, 0, -1000])(
  'a reserve of %d is the default: waiting records are not failed at once',
  async reserve => {
    const handler = sqs({ reserve })
      .each()
      .handle(() => sleep(5))
    expect(await handler(sqsEvent([{}]), lambdaContext({ timeout: 1000 }))).toEqual({ batchItemFailures: [] })
  },
)

it('a deadline that a middleware narrows, far before the timeout, is kept', async () => {
  const at = Date.now() + 50
  const handler = sqs()
    .use(listen())
    .use((_ctx, next) => next({ deadline: { at, remaining: () => at - Date.now() } }))
    .each({ concurrency: 1 })
    .handle(() => new Promise<never>(() => {})) // waited for, it would outlast this test
  const answer = await handler(sqsEvent([{}, {}]), lambdaContext({ timeout: 60_000 }))
  expect(answer.batchItemFailures).toHaveLength(2)
})

it('throwOnFullFailure has what was thrown, undefined too', async () => {
  const handler = sqs()
    .use(listen())
    .each({ throwOnFullFailure: true })
    .handle(() => {
      throw undefined
    })
  await expect(handler(sqsEvent([{}, {}]), lambdaContext())).rejects.toMatchObject({ errors: [undefined, undefined] })
})

it('batch.failures counts records, not ids, also for a whole batch', async () => {
  const ear = listen()
  const handler = kinesis()
    .use(ear)
    .handle(({ records }) => failures(...records))
  await handler(kinesisStreamEvent([{}, {}, {}]), lambdaContext())
  expect(ear.said).toMatchObject([{ name: 'batch.failures', level: 'error', fields: { total: 3, failed: 3 } }])
})

it.each([
  ['a Map', new Map([[1, 2]])],
  ['a Set', new Set([1])],
  ['a RegExp', /x/],
  ['a Blob', new Blob(['x'])],
])('Firehose gets no {} for %s: the record fails with its own data', async (_name, value) => {
  const handler = firehose()
    .use(listen())
    .each()
    .handle(() => value as never)
  const { records } = await handler(firehoseTransformationEvent([{}]), lambdaContext())
  expect(records[0]?.result).toBe('ProcessingFailed')
})

it.each(['drop', 'fail'])('what a sender writes is no verdict in Firehose: %s', async verdict => {
  const handler = firehose()
    .use(listen())
    .each()
    .handle(() => JSON.parse(JSON.stringify({ 'lambent.verdict': verdict, error: 'e' })))
  const { records } = await handler(firehoseTransformationEvent([{}]), lambdaContext())
  expect(records[0]?.result).toBe('Ok')
})
