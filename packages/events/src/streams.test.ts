// Tumbling windows, which both streams have.

import { dynamoDbStreamEvent, invoke, kinesisStreamEvent, lambdaContext } from '@lambent/testing'
import { describe, expect, it } from 'vitest'
import { listen } from '../test/telemetry.ts'
import { drop, dynamoDbStream } from './dynamodb-streams.ts'
import { failures, kinesis } from './kinesis.ts'

const window = { initial: () => ({ sum: 0 }) }
const numbers = (count: number) =>
  kinesisStreamEvent(
    Array.from({ length: count }, (_, i) => ({ kinesis: { data: new TextEncoder().encode(`${i + 1}`) } })),
  )
const numberOf = (data: Uint8Array) => Number(new TextDecoder().decode(data))

/** An event as Lambda sends it where the event source mapping has `TumblingWindowInSeconds`. */
function windowed<Event extends { Records: readonly { readonly eventSourceARN?: string | undefined }[] }>(
  event: Event,
  more: object = {},
) {
  return {
    ...event,
    window: { start: '2026-01-15T12:00:00Z', end: '2026-01-15T12:02:00Z' },
    state: {},
    shardId: 'shardId-000000000006',
    eventSourceARN: 'arn:aws:kinesis:eu-west-1:123456789012:stream/orders',
    isFinalInvokeForWindow: false,
    isWindowTerminatedEarly: false,
    ...more,
  }
}

const summing = () =>
  kinesis({ window })
    .use(listen())
    .each()
    .handle(({ record, window }) => {
      const value = numberOf(record.data)
      if (value === 3) throw new Error('no')
      if (value === 2) return drop('even')
      return { state: { sum: window.state.sum + value } }
    })

describe('record by record', () => {
  it('each sees the state that the one before returned, and the last one is the response', async () => {
    expect(await invoke(summing(), windowed(numbers(2), { state: { sum: 10 } }))).toEqual({
      batchItemFailures: [],
      state: { sum: 11 },
    })
  })

  it('the first of a window begins with the initial state', async () => {
    for (const state of [{}, null, undefined])
      expect(await summing()(windowed(numbers(1), { state }) as never, lambdaContext())).toMatchObject({
        state: { sum: 1 },
      })
  })

  it('what failed is reported together with the state of those before it', async () => {
    const event = windowed(numbers(4))
    expect(await invoke(summing(), event)).toEqual({
      batchItemFailures: [{ itemIdentifier: event.Records[2]?.kinesis.sequenceNumber }],
      state: { sum: 1 },
    })
  })

  it('takes no concurrency and does not go on after a failure: the state would not be theirs', () => {
    for (const options of [{ concurrency: 2 }, { onFailure: 'continue' }])
      expect(() => kinesis({ window }).each(options as object)).toThrow('.each() of a window hands the state')
  })
})

describe('the whole batch', () => {
  it('returns the state and what failed', async () => {
    const handler = kinesis({ window })
      .use(listen())
      .handle(({ records, window }) => ({
        state: { sum: window.state.sum + records.length },
        failures: failures(...records.slice(1)),
      }))
    const event = windowed(numbers(3))
    expect(await invoke(handler, event)).toEqual({
      batchItemFailures: [{ itemIdentifier: event.Records[1]?.kinesis.sequenceNumber }],
      state: { sum: 3 },
    })
  })

  it('sees the window', async () => {
    let seen: unknown
    const handler = kinesis({ window }).handle(ctx => {
      seen = ctx.window
      return { state: ctx.window.state }
    })
    await invoke(handler, windowed(numbers(1), { state: { sum: 5 }, isWindowTerminatedEarly: true }))
    expect(seen).toEqual({
      start: Date.UTC(2026, 0, 15, 12, 0),
      end: Date.UTC(2026, 0, 15, 12, 2),
      state: { sum: 5 },
      isFinalInvokeForWindow: false,
      isWindowTerminatedEarly: true,
    })
  })

  it.each([undefined, null, {}, 'x', { state: 1 }, { sum: 1 }])(
    'that returns no state fails, as Lambda would fail it: %j',
    async value => {
      const handler = kinesis({ window }).handle(() => value as never)
      await expect(invoke(handler, windowed(numbers(1)))).rejects.toThrow('returned no state: return { state }')
    },
  )
})

describe('the last invocation of a window', () => {
  const last = windowed({ Records: [] }, { state: { sum: 7 }, isFinalInvokeForWindow: true })

  it('has the result, and may have no records', async () => {
    const results: number[] = []
    const handler = kinesis({ window })
      .use(async ({ window, unit }, next) => {
        if (window.isFinalInvokeForWindow) results.push(window.state.sum)
        expect(unit.sourceArn).toBe(last.eventSourceARN)
        return next()
      })
      .each({ throwOnFullFailure: true })
      .handle(() => {})
    expect(await invoke(handler, last as never)).toEqual({ batchItemFailures: [], state: { sum: 7 } })
    expect(results).toEqual([7])
  })

  it('of another kind of stream is refused', async () => {
    await expect(
      dynamoDbStream({ window })
        .each()
        .handle(() => {})(last as never, lambdaContext()),
    ).rejects.toThrow('expected a DynamoDB Streams event with records')
  })

  it('is no event of a stream without windows', async () => {
    await expect(
      kinesis()
        .each()
        .handle(() => {})(last as never, lambdaContext()),
    ).rejects.toThrow('expected a Kinesis event with records')
  })
})

it('changes of a table have windows too', async () => {
  const handler = dynamoDbStream({ window: { initial: () => ({ inserts: 0 }) } })
    .each()
    .handle(({ change, window }) => {
      if (change.eventName === 'INSERT') return { state: { inserts: window.state.inserts + 1 } }
      return undefined
    })
  const event = windowed(
    dynamoDbStreamEvent([{ eventName: 'INSERT' }, { eventName: 'REMOVE' }, { eventName: 'INSERT' }]),
  )
  expect(await invoke(handler, event as never)).toEqual({ batchItemFailures: [], state: { inserts: 2 } })
})

it('an event without a window, where one is expected, says what to set', async () => {
  await expect(invoke(summing(), numbers(1))).rejects.toThrow('set TumblingWindowInSeconds of the event source mapping')
})
