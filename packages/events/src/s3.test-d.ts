import { type S3TestEvent as FactoryTestEvent, s3TestEvent } from '@lambent/testing'
import type { S3Event, S3EventRecord, S3Handler } from 'aws-lambda'
import { expectTypeOf, it } from 'vitest'
import { type S3EventName, type S3Notification, type S3Object, type S3TestEvent, s3 } from './s3.ts'

it('a handler is one of S3, and takes the test event too', () => {
  const handler = s3()
    .each()
    .handle(async () => {})
  expectTypeOf(handler).parameter(0).toEqualTypeOf<S3Event | S3TestEvent>()
  expectTypeOf(handler).toExtend<S3Handler>()
  expectTypeOf(s3TestEvent()).toExtend<S3TestEvent>()
  expectTypeOf<FactoryTestEvent>().toExtend<Parameters<typeof handler>[0]>()
})

it('a record has its object', () => {
  s3()
    .each()
    .handle(({ event, object, eventName }) => {
      expectTypeOf(event).toEqualTypeOf<S3EventRecord>()
      expectTypeOf(object).toEqualTypeOf<S3Object>()
      expectTypeOf(object.key).toEqualTypeOf<string>()
      expectTypeOf(object.versionId).toEqualTypeOf<string | undefined>()
      expectTypeOf(eventName).toEqualTypeOf<S3EventName>()
    })
})

it('a misspelt event name does not compile', () => {
  s3()
    .each()
    .handle(({ eventName }) => {
      if (eventName === 'ObjectCreated:Put' || eventName === 'ObjectRemoved:DeleteMarkerCreated') return
      // @ts-expect-error
      if (eventName === 's3:ObjectCreated:Put') return
      // @ts-expect-error
      if (eventName === 'ObjectDeleted:Delete') return
    })
})

it('the batch has no test event and no partial response', () => {
  s3().handle(({ event, records }) => {
    expectTypeOf(event).toEqualTypeOf<S3Event>()
    expectTypeOf(records).toEqualTypeOf<readonly S3Notification[]>()
  })
  // @ts-expect-error
  s3().handle(() => ({ batchItemFailures: [] }))
})
