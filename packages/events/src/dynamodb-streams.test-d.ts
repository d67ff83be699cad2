import type { DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent, DynamoDBStreamHandler } from 'aws-lambda'
import { expectTypeOf, it } from 'vitest'
import { type BatchChange, type Change, dynamoDbStream, failures, type Item } from './dynamodb-streams.ts'

it('a handler is one of DynamoDB Streams', () => {
  const handler = dynamoDbStream()
    .each()
    .handle(({ event }) => {
      expectTypeOf(event).toEqualTypeOf<DynamoDBRecord>()
    })
  expectTypeOf(handler).parameter(0).toEqualTypeOf<DynamoDBStreamEvent>()
  expectTypeOf(handler).returns.toEqualTypeOf<Promise<DynamoDBBatchResponse>>()
  expectTypeOf(handler).toExtend<DynamoDBStreamHandler>()
})

it('eventName says which images there are', () => {
  dynamoDbStream()
    .each()
    .handle(({ change }) => {
      expectTypeOf(change).toEqualTypeOf<Change>()
      expectTypeOf(change.keys).toEqualTypeOf<Item>()
      expectTypeOf(change.newImage).toEqualTypeOf<Item | undefined>()
      expectTypeOf(change.oldImage).toEqualTypeOf<Item | undefined>()
      // @ts-expect-error
      change.expired
      if (change.eventName === 'INSERT') {
        expectTypeOf(change.newImage).toEqualTypeOf<Item>()
        expectTypeOf(change.oldImage).toEqualTypeOf<undefined>()
      } else if (change.eventName === 'MODIFY') {
        expectTypeOf(change.newImage).toEqualTypeOf<Item>()
        expectTypeOf(change.oldImage).toEqualTypeOf<Item>()
      } else {
        expectTypeOf(change.eventName).toEqualTypeOf<'REMOVE'>()
        expectTypeOf(change.newImage).toEqualTypeOf<undefined>()
        expectTypeOf(change.oldImage).toEqualTypeOf<Item>()
        expectTypeOf(change.expired).toEqualTypeOf<boolean>()
      }
    })
})

it('narrows also when it is taken apart', () => {
  dynamoDbStream()
    .each()
    .handle(({ change: { eventName, newImage, oldImage } }) => {
      if (eventName === 'REMOVE') expectTypeOf(oldImage).toEqualTypeOf<Item>()
      else expectTypeOf(newImage).toEqualTypeOf<Item>()
    })
})

it('an image holds anything: it has to be parsed', () => {
  dynamoDbStream()
    .each()
    .handle(({ change }) => {
      if (change.eventName === 'INSERT') expectTypeOf(change.newImage.total).toBeUnknown()
      // @ts-expect-error
      change.keys.pk = 'x'
    })
})

it('the view type says which images there are', () => {
  dynamoDbStream({ view: 'KEYS_ONLY' })
    .each()
    .handle(({ change }) => {
      expectTypeOf(change.newImage).toEqualTypeOf<undefined>()
      expectTypeOf(change.oldImage).toEqualTypeOf<undefined>()
    })
  dynamoDbStream({ view: 'NEW_IMAGE' })
    .each()
    .handle(({ change }) => {
      if (change.eventName !== 'MODIFY') return
      expectTypeOf(change.newImage).toEqualTypeOf<Item>()
      expectTypeOf(change.oldImage).toEqualTypeOf<undefined>()
    })
  // @ts-expect-error
  dynamoDbStream({ view: 'ALL' })
})

it('a whole batch narrows and reports too', () => {
  dynamoDbStream().handle(({ records }) => {
    expectTypeOf(records).toEqualTypeOf<readonly BatchChange[]>()
    for (const change of records) if (change.eventName === 'INSERT') expectTypeOf(change.newImage).toEqualTypeOf<Item>()
    return failures(...records)
  })
  dynamoDbStream({ view: 'OLD_IMAGE' }).handle(({ records }) => failures(...records.slice(3)))
  // @ts-expect-error
  dynamoDbStream().handle(() => ({ batchItemFailures: [] }))
})
