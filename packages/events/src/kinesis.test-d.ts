import type {
  KinesisStreamBatchResponse,
  KinesisStreamEvent,
  KinesisStreamHandler,
  KinesisStreamRecord,
} from 'aws-lambda'
import { describe, expectTypeOf, it } from 'vitest'
import {
  drop,
  dynamoDbStream,
  failures,
  type KinesisBatchRecord,
  type KinesisRecord,
  kinesis,
  type Window,
} from './index.ts'

it('a handler is one of Kinesis', () => {
  const handler = kinesis()
    .each()
    .handle(({ event, record }) => {
      expectTypeOf(event).toEqualTypeOf<KinesisStreamRecord>()
      expectTypeOf(record).toEqualTypeOf<KinesisRecord>()
      expectTypeOf(record.data).toEqualTypeOf<Uint8Array>()
    })
  expectTypeOf(handler).parameter(0).toEqualTypeOf<KinesisStreamEvent>()
  expectTypeOf(handler).returns.toEqualTypeOf<Promise<KinesisStreamBatchResponse>>()
  expectTypeOf(handler).toExtend<KinesisStreamHandler>()
})

it('a whole batch reports its own records', () => {
  kinesis().handle(({ records }) => {
    expectTypeOf(records).toEqualTypeOf<readonly KinesisBatchRecord[]>()
    return failures(...records)
  })
  // @ts-expect-error
  dynamoDbStream().handle(() => failures({} as KinesisBatchRecord))
})

it('streams say how many run at once and what a failure means', () => {
  kinesis().each({ concurrency: 4, onFailure: 'continue', throwOnFullFailure: true })
  // @ts-expect-error
  kinesis().each({ onFailure: 'ignore' })
})

describe('a window', () => {
  interface State {
    readonly count: number
  }
  const window = { initial: (): State => ({ count: 0 }) }

  it('has the state that initial gives', () => {
    kinesis({ window }).handle(ctx => {
      expectTypeOf(ctx.window).toEqualTypeOf<Window<State>>()
      return { state: ctx.window.state, failures: failures(...ctx.records) }
    })
    dynamoDbStream({ window, view: 'KEYS_ONLY' })
      .each()
      .handle(ctx => {
        expectTypeOf(ctx.window.state).toEqualTypeOf<State>()
        if (ctx.change.eventName === 'INSERT') expectTypeOf(ctx.change.newImage).toEqualTypeOf<undefined>()
        return { state: { count: ctx.window.state.count + 1 } }
      })
  })

  it('must be returned with its state by a whole batch, and may be by a record', () => {
    const windows = kinesis({ window })
    // @ts-expect-error
    windows.handle(() => {})
    // @ts-expect-error
    windows.handle(({ records }) => failures(...records))
    // @ts-expect-error
    windows.handle(() => ({ state: { sum: 0 } }))
    windows.each().handle(() => {})
    windows.each().handle(() => drop())
    windows.each().handle(() => ({ state: { count: 1 } }))
    // @ts-expect-error
    windows.each().handle(() => ({ state: { sum: 0 } }))
  })

  it('goes from record to record: one at a time, and no further than a failure', () => {
    kinesis({ window }).each({ throwOnFullFailure: true })
    // @ts-expect-error
    kinesis({ window }).each({ concurrency: 2 })
    // @ts-expect-error
    kinesis({ window }).each({ onFailure: 'continue' })
  })

  it('is there only where it is asked for', () => {
    // @ts-expect-error
    kinesis().handle(({ window }) => void window)
    // @ts-expect-error
    kinesis({ window: {} })
    const kinesisRecords = kinesis().each()
    // @ts-expect-error
    kinesisRecords.handle(() => ({ state: { count: 1 } }))
  })
})
