import type { Middleware } from '@lambent/core'
import type { SQSBatchResponse, SQSEvent, SQSHandler, SQSRecord } from 'aws-lambda'
import { describe, expectTypeOf, it } from 'vitest'
import { type BatchChange, failures, type SqsBatchMessage, type SqsMessage, sqs } from './index.ts'

declare const change: BatchChange

it('a handler is one of SQS', () => {
  const handler = sqs()
    .each()
    .handle(async () => {})
  expectTypeOf(handler).parameter(0).toEqualTypeOf<SQSEvent>()
  expectTypeOf(handler).returns.toEqualTypeOf<Promise<SQSBatchResponse>>()
  expectTypeOf(handler).toExtend<SQSHandler>()
})

it('the batch has all messages, each has its own', () => {
  sqs().handle(ctx => {
    expectTypeOf(ctx.event).toEqualTypeOf<SQSEvent>()
    expectTypeOf(ctx.records).toEqualTypeOf<readonly SqsBatchMessage[]>()
    // @ts-expect-error
    ctx.message
  })
  sqs()
    .each()
    .handle(ctx => {
      expectTypeOf(ctx.event).toEqualTypeOf<SQSRecord>()
      expectTypeOf(ctx.message).toEqualTypeOf<SqsMessage>()
      // @ts-expect-error
      ctx.records
    })
})

it('what middlewares add before and after .each() is there', () => {
  const outer: Middleware<unknown, { log: string }> = (_, next) => next({ log: 'x' })
  const inner: Middleware<{ log: string; message: SqsMessage }, { size: number }> = (ctx, next) =>
    next({ size: ctx.message.body.length })
  sqs()
    .use(outer)
    .each()
    .use(inner)
    .handle(({ log, size }) => {
      expectTypeOf(log).toEqualTypeOf<string>()
      expectTypeOf(size).toEqualTypeOf<number>()
    })
  // @ts-expect-error ctx.message is needed here, but there is none before .each()
  sqs().use(outer).use(inner)
})

describe('what a handler returns', () => {
  it('for a message is nothing', () => {
    const each = sqs().each()
    // @ts-expect-error
    each.handle(() => 'done')
    // @ts-expect-error
    each.handle(async () => failures())
  })

  it('for a batch is nothing, or failures of its records', () => {
    sqs().handle(() => {})
    sqs().handle(async () => failures())
    sqs().handle(async ({ records }) => failures(...records))
    sqs().handle(async ({ records }) => {
      const failed = records.filter(({ body }) => body === '')
      if (failed.length > 0) return failures(...failed)
      return undefined
    })
  })

  it('for a batch is no bare object, and no failures of anything else', () => {
    // @ts-expect-error
    sqs().handle(() => ({ batchItemFailures: [{ itemIdentifier: 'x' }] }))
    // @ts-expect-error
    failures({ id: 'x' })
    // @ts-expect-error
    failures('x')
    // @ts-expect-error
    sqs().handle(({ event }) => failures(...event.Records))
    // @ts-expect-error
    sqs().handle(() => failures(change))
  })
})

it('there are no options that do nothing', () => {
  sqs({ reserve: 1000 }).each()
  // @ts-expect-error
  sqs({ reserved: 1000 })
  // @ts-expect-error
  sqs().each({ concurency: 10 })
  // @ts-expect-error .each() is there once
  sqs().each().each
})
