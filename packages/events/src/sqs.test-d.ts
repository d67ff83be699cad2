import type { Middleware } from '@lambent/core'
import type { SQSBatchResponse, SQSEvent, SQSHandler, SQSRecord } from 'aws-lambda'
import { describe, expectTypeOf, it } from 'vitest'
import {
  type BatchChange,
  drop,
  dynamoDbStream,
  fail,
  failures,
  kinesis,
  retryLater,
  type SqsBatchMessage,
  type SqsMessage,
  type SqsVisibilityClient,
  s3,
  sqs,
} from './index.ts'

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
    // @ts-expect-error
    each.handle(async () => ({}))
  })

  it('for a message can be a verdict', () => {
    const each = sqs().each()
    each.handle(() => drop())
    each.handle(async ({ message }) => (message.body === '' ? drop('empty') : undefined))
    each.handle(async ({ message }) => {
      if (message.body === '') return fail('empty')
      if (message.fifo) return fail(new Error('x'))
      return drop()
    })
    // @ts-expect-error
    drop(1)
  })

  it('can be retryLater() for SQS only, where a client is given', () => {
    const client: SqsVisibilityClient = { changeMessageVisibility: async () => ({}) }
    const later = () => retryLater({ delaySeconds: 5 })
    sqs({ client }).each().handle(later)
    sqs({ client, queueUrl: 'https://example.com/q', reserve: 1 })
      .each({ concurrency: 2 })
      .handle(async ({ message }) => {
        if (message.receiveCount > 3) return fail()
        if (message.body === '') return retryLater({ delaySeconds: 2 ** message.receiveCount })
        return undefined
      })
    // @ts-expect-error
    sqs().each().handle(later)
    // @ts-expect-error
    sqs({ client: undefined }).each().handle(later)
    // @ts-expect-error
    sqs({ client: {} })
    // @ts-expect-error
    s3().each().handle(later)
    // @ts-expect-error
    kinesis().each().handle(later)
    // @ts-expect-error
    dynamoDbStream().each().handle(later)
    // @ts-expect-error
    retryLater(5)
  })

  it('can be retryLater() with the client of the AWS SDK v3', () => {
    // Its method has overloads, optional fields and a second argument.
    interface Input {
      QueueUrl: string | undefined
      ReceiptHandle: string | undefined
      VisibilityTimeout: number | undefined
    }
    interface Sdk {
      changeMessageVisibility(args: Input, options?: { abortSignal?: AbortSignal }): Promise<{ $metadata: object }>
      changeMessageVisibility(args: Input, cb: (err: unknown, data?: object) => void): void
      changeMessageVisibility(args: Input, options: object, cb: (err: unknown, data?: object) => void): void
    }
    expectTypeOf<Sdk>().toExtend<SqsVisibilityClient>()
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
  sqs().each({ concurrency: 10, throwOnFullFailure: true })
  // @ts-expect-error
  sqs().each({ concurrency: '10' })
  // @ts-expect-error only streams go on or stop
  sqs().each({ onFailure: 'continue' })
  // @ts-expect-error S3 has no partial response
  s3().each({ throwOnFullFailure: true })
  // @ts-expect-error .each() is there once
  sqs().each().each
})
