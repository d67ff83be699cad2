import type { SNSEvent, SNSEventRecord } from 'aws-lambda'
import { expectTypeOf, it } from 'vitest'
import { drop, fail, type SnsAttribute, type SnsNotification, sns } from './sns.ts'

it('the context is typed: the event before .each(), the notification after it', () => {
  sns().handle(ctx => {
    expectTypeOf(ctx.event).toEqualTypeOf<SNSEvent>()
    expectTypeOf(ctx.records).toEqualTypeOf<readonly SnsNotification[]>()
    // @ts-expect-error
    ctx.notification
  })
  sns()
    .each({ concurrency: 2 })
    .handle(ctx => {
      expectTypeOf(ctx.event).toEqualTypeOf<SNSEventRecord>()
      expectTypeOf(ctx.notification).toEqualTypeOf<SnsNotification>()
      expectTypeOf(ctx.notification.subject).toEqualTypeOf<string | undefined>()
      expectTypeOf(ctx.notification.attributes.a).toEqualTypeOf<SnsAttribute | undefined>()
      // @ts-expect-error
      ctx.records
    })
})

it('there is no partial response: a handler returns nothing, or a verdict on a record', () => {
  // @ts-expect-error
  sns().handle(() => ({ batchItemFailures: [] }))
  // @ts-expect-error
  sns().handle(() => 'done')
  const each = sns().each()
  each.handle(({ notification }) => (notification.message === '' ? drop('empty') : undefined))
  each.handle(async () => fail('no'))
  // @ts-expect-error
  each.handle(() => 'done')
})
