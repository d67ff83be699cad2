// Amazon SNS: an invocation has the notifications of a topic, one by one as SNS sends them, and no partial response.
import {
  type BatchPipeline,
  type BatchSource,
  type RecordTypes,
  type SourceTypes,
  UnexpectedEventError,
  type Unit,
} from '@lambent/core'
import type { SNSEvent, SNSEventRecord, SNSMessageAttribute } from 'aws-lambda'
import { throwNotDone } from './all-tried.ts'
import { batchPipeline } from './batch-pipeline.ts'
import { exactNumber } from './exact-number.ts'
import { recordsOf } from './expected.ts'
import { type EachOptions, mustBeConcurrency, type Nothing, type SourceOptions } from './options.ts'
import { eachRecord } from './records.ts'
import { epochMillis, invocationUnit } from './units.ts'
import type { Drop, Fail } from './verdicts.ts'

export type { EachOptions, SourceOptions } from './options.ts'
export { type Drop, drop, type Fail, fail } from './verdicts.ts'

/** An item of an attribute of the type String.Array. */
export type SnsArrayItem = string | number | boolean | null

/** The value of a message attribute. */
export type SnsAttribute = string | number | Uint8Array | readonly SnsArrayItem[]

/**
 * A notification in plain values. `timestamp` and `attributes` are read from the record when they are read here, and
 * throw an UnexpectedEventError where the record lacks what their type promises.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html
 */
export interface SnsNotification {
  readonly messageId: string
  readonly topicArn: string
  readonly topicName: string
  readonly subject: string | undefined
  readonly message: string
  /** `Notification`: SNS sends nothing else to a function. */
  readonly type: string
  /** When it was published, in epoch milliseconds. */
  readonly timestamp: number
  /**
   * The message attributes: String as a string, Number as a number where that is exact and else as the string of its
   * digits, Binary as bytes, String.Array as an array.
   * @see https://docs.aws.amazon.com/sns/latest/dg/sns-message-attributes.html
   */
  readonly attributes: Readonly<Record<string, SnsAttribute>>
}

export interface SnsTypes extends SourceTypes {
  readonly event: SNSEvent
  readonly context: {
    readonly event: SNSEvent
    /** The notifications of the event. */
    readonly records: readonly SnsNotification[]
  }
  readonly returns: Nothing
  readonly response: Nothing
}

export interface SnsRecordTypes extends RecordTypes {
  readonly context: { readonly event: SNSEventRecord; readonly notification: SnsNotification }
  readonly returns: Nothing | Drop | Fail
  readonly options: EachOptions
}

/**
 * Notifications of a topic. Lambda has no partial response here: an error makes it send the whole event again, twice
 * by default, and then to the on-failure destination.
 *
 * `.each()` runs up to 10 records at once (`concurrency`), also after one has failed. Then, if any failed, the
 * invocation fails: with the error itself where the event has one record, which is what SNS sends, and else with an
 * AggregateError. A handler may return `drop()` and `fail()`.
 *
 * ```ts
 * export const handler = sns().each().handle(async ({ notification }) => notify(JSON.parse(notification.message)))
 * ```
 *
 * An event of another kind fails with an UnexpectedEventError. So does one from a queue that is subscribed to a topic:
 * that is `sqs()`, with `parse(sns(…))` of `@lambent/schema`.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html
 */
export function sns(options: SourceOptions = {}): BatchPipeline<SnsTypes, SnsRecordTypes> {
  const source: BatchSource<SnsTypes, SnsRecordTypes> = {
    name: 'aws:sns',
    reserve: options.reserve,
    open(event, lambda) {
      const given = recordsOf<SNSEventRecord>(event, 'aws:sns', missing)
      const unit = invocationUnit('aws:sns', event, lambda, given[0]?.Sns.TopicArn)
      return { unit, event: event as SNSEvent, records: given.map(record => new Notification(record)) }
    },
    respond() {},
    each: ({ concurrency = 10 } = {}) => {
      mustBeConcurrency(concurrency)
      return async (ctx, run) => {
        const notDone = await eachRecord(ctx, ctx.records, 'independent', open, run, { concurrency })
        throwNotDone(notDone, ctx.records.length, ({ messageId }) => messageId)
      }
    },
  }
  return batchPipeline(source)
}

function missing({ Sns }: Partial<SNSEventRecord>): string | undefined {
  if (typeof Sns?.MessageId !== 'string' || Sns.MessageId === '') return 'Sns.MessageId'
  if (typeof Sns.TopicArn !== 'string') return 'Sns.TopicArn'
  return typeof Sns.Message === 'string' ? undefined : 'Sns.Message'
}

function open(notification: SnsNotification): SnsRecordTypes['context'] & { readonly unit: Unit } {
  const { record } = notification as Notification
  const { Sns, EventSubscriptionArn } = record
  const unit: Unit = {
    kind: 'record',
    source: 'aws:sns',
    id: Sns.MessageId,
    sourceArn: Sns.TopicArn,
    raw: Sns.Message,
    sentAt: epochMillis(Sns.Timestamp),
    origin: {
      subject: notification.subject,
      messageAttributes: Sns.MessageAttributes,
      subscriptionArn: EventSubscriptionArn,
    },
  }
  return { unit, event: record, notification }
}

// Getters on a prototype: a notification costs one small object until somebody reads it.
class Notification implements SnsNotification {
  readonly record: SNSEventRecord
  #attributes: SnsNotification['attributes'] | undefined

  constructor(record: SNSEventRecord) {
    this.record = record
  }

  get messageId(): string {
    return this.record.Sns.MessageId
  }
  get topicArn(): string {
    return this.record.Sns.TopicArn
  }
  get topicName(): string {
    return this.topicArn.slice(this.topicArn.lastIndexOf(':') + 1)
  }
  get subject(): string | undefined {
    return this.record.Sns.Subject ?? undefined // a notification without subject has null
  }
  get message(): string {
    return this.record.Sns.Message
  }
  get type(): string {
    return this.record.Sns.Type
  }
  get timestamp(): number {
    return epochMillis(this.record.Sns.Timestamp) ?? this.#fail('Timestamp is not a time')
  }
  get attributes(): SnsNotification['attributes'] {
    this.#attributes ??= Object.fromEntries(
      Object.entries(this.record.Sns.MessageAttributes ?? {}).map(([name, value]) => [name, this.#plain(name, value)]),
    )
    return this.#attributes
  }

  #plain(name: string, { Type, Value }: Partial<SNSMessageAttribute>): SnsAttribute {
    if (typeof Value !== 'string') return this.#fail(`MessageAttributes.${name} has no Value`)
    if (Type === 'Binary') return new Uint8Array(Buffer.from(Value, 'base64'))
    if (Type === 'String.Array') return this.#array(name, Value)
    return Type === 'Number' ? exactNumber(Value) : Value
  }

  #array(name: string, json: string): readonly SnsArrayItem[] {
    try {
      const items: unknown = JSON.parse(json)
      if (Array.isArray(items)) return items
    } catch {} // its error would show the text
    return this.#fail(`MessageAttributes.${name} is no JSON array`)
  }

  #fail(what: string): never {
    throw new UnexpectedEventError(`notification ${this.messageId}: ${what}`)
  }
}
