import type { FirehoseTransformationEvent, FirehoseTransformationHandler } from 'aws-lambda'
import { describe, expectTypeOf, it } from 'vitest'
import { drop, type FirehoseEventRecord, type FirehoseRecord, fail, firehose, partitioned } from './firehose.ts'

interface View {
  page: string
}
declare const view: View

it('the context is typed: the event before .each(), the record after it', () => {
  firehose().handle(({ event, records }) => {
    expectTypeOf(event.deliveryStreamArn).toEqualTypeOf<string>()
    expectTypeOf(records).toEqualTypeOf<readonly FirehoseRecord[]>()
    return []
  })
  firehose()
    .each({ concurrency: 2 })
    .handle(ctx => {
      expectTypeOf(ctx.event).toEqualTypeOf<FirehoseEventRecord>()
      expectTypeOf(ctx.record.data).toEqualTypeOf<Uint8Array>()
      // @ts-expect-error
      ctx.records
    })
})

it('the handler takes the event of aws-lambda and gives its result', () => {
  const handler = firehose()
    .each()
    .handle(() => {})
  expectTypeOf<FirehoseTransformationEvent>().toExtend<Parameters<typeof handler>[0]>()
  expectTypeOf<Awaited<ReturnType<typeof handler>>>().toExtend<
    NonNullable<Awaited<ReturnType<FirehoseTransformationHandler>>>
  >()
})

describe('what a handler returns', () => {
  it('for a record is data, nothing or a verdict', () => {
    const each = firehose().each()
    each.handle(() => {})
    each.handle(async () => undefined)
    each.handle(() => 'text')
    each.handle(() => new Uint8Array())
    each.handle(() => view)
    each.handle(async () => view)
    each.handle(() => [view])
    each.handle(() => partitioned(view, { page: view.page }))
    each.handle(({ record }) => (record.data.length === 0 ? drop() : fail('no')))
    // @ts-expect-error
    each.handle(() => 1)
    // @ts-expect-error
    each.handle(async () => 1)
    // @ts-expect-error
    each.handle(() => true)
    // @ts-expect-error
    partitioned(view, { page: 1 })
    // @ts-expect-error
    partitioned(Promise.resolve(view), {})
  })

  it('for a batch is one for each of its records', () => {
    firehose().handle(({ records }) => records.map(() => view))
    firehose().handle(async ({ records }) => records.map(({ data }) => (data.length === 0 ? drop() : undefined)))
    // @ts-expect-error
    firehose().handle(() => {})
    // @ts-expect-error
    firehose().handle(() => ({ records: [] }))
    // @ts-expect-error the results are promises
    firehose().handle(({ records }) => records.map(async () => view))
  })
})
