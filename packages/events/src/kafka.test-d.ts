import type { MSKEvent, MSKRecord, SelfManagedKafkaEvent } from 'aws-lambda'
import { expectTypeOf, it } from 'vitest'
import { drop, failures, type KafkaBatchRecord, type KafkaBatchResponse, type KafkaRecord, kafka } from './kafka.ts'
import { sqs } from './sqs.ts'

it('the context is typed: the event before .each(), the record after it', () => {
  kafka().handle(ctx => {
    expectTypeOf(ctx.event).toEqualTypeOf<MSKEvent | SelfManagedKafkaEvent>()
    expectTypeOf(ctx.records).toEqualTypeOf<readonly KafkaBatchRecord[]>()
    // @ts-expect-error
    ctx.record
  })
  kafka()
    .each()
    .handle(ctx => {
      expectTypeOf(ctx.event).toExtend<MSKRecord>()
      expectTypeOf(ctx.record).toEqualTypeOf<KafkaRecord>()
      expectTypeOf(ctx.record.value).toEqualTypeOf<Uint8Array | null>()
      expectTypeOf(ctx.record.headers.trace).toEqualTypeOf<readonly Uint8Array[] | undefined>()
      // @ts-expect-error
      ctx.records
    })
})

it('failures are for a source that reports them, of its own records, and no bare object', () => {
  const reporting = kafka({ reportBatchItemFailures: true })
  reporting.handle(({ records }) => failures(...records))
  reporting.handle(() => {})
  // @ts-expect-error
  reporting.handle(() => ({ batchItemFailures: [{ itemIdentifier: { partition: 'a-0', offset: 1 } }] }))
  sqs().handle(({ records }) => {
    // @ts-expect-error
    reporting.handle(() => failures(...records))
  })
  // @ts-expect-error
  kafka().handle(({ records }) => failures(...records))
  // @ts-expect-error
  kafka({ reportBatchItemFailures: false }).handle(({ records }) => failures(...records))
})

it('the response is what Lambda reads, or nothing', () => {
  const reporting = kafka({ reportBatchItemFailures: true }).handle(() => {})
  expectTypeOf(reporting).returns.resolves.toEqualTypeOf<KafkaBatchResponse>()
  expectTypeOf(kafka().handle(() => {})).returns.resolves.toEqualTypeOf<void>()
})

it('.each() takes what has an effect', () => {
  kafka().each({ concurrency: 4 })
  kafka({ reportBatchItemFailures: true }).each({ concurrency: 4, throwOnFullFailure: true })
  // @ts-expect-error
  kafka().each({ throwOnFullFailure: true })
  kafka()
    .each()
    .handle(() => drop('tombstone'))
  kafka()
    .each()
    // @ts-expect-error
    .handle(() => failures())
})
