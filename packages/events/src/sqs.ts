// Amazon SQS, standard and FIFO: an invocation is a batch of messages, of which some may fail.
import {
  type BatchPipeline,
  type BatchSource,
  type RecordTypes,
  type SourceTypes,
  UnexpectedEventError,
  type Unit,
} from '@lambent/core'
import type { SQSBatchResponse, SQSEvent, SQSMessageAttribute, SQSRecord } from 'aws-lambda'
import { batchPipeline } from './batch-pipeline.ts'
import { exactNumber } from './exact-number.ts'
import { recordsOf } from './expected.ts'
import { type BatchItem, batchResponse, type Failures, type Identity } from './failures.ts'
import { mustBeConcurrency, type Nothing, type PartialEachOptions, type SourceOptions } from './options.ts'
import { eachPartial } from './partial.ts'
import { invocationUnit } from './units.ts'
import type { Drop, Fail } from './verdicts.ts'
import { delayed, type RetryLater, type SqsVisibilityClient, type VisibilityOptions } from './visibility.ts'

export { type BatchItem, type Failures, failures } from './failures.ts'
export type { EachOptions, PartialEachOptions, SourceOptions } from './options.ts'
export { type Drop, drop, type Fail, fail } from './verdicts.ts'
export {
  type QueueUrl,
  type RetryLater,
  retryLater,
  type SqsVisibilityClient,
  type VisibilityOptions,
} from './visibility.ts'

/**
 * A message of SQS in plain values. All but `id` and `body` are read from the record when they are read here, and throw
 * an UnexpectedEventError where the record lacks what their type promises.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
 */
export interface SqsMessage {
  readonly id: string
  readonly body: string
  /**
   * The message attributes: String as a string, Number as a number where that is exact and else as the string of its
   * digits, Binary as bytes.
   */
  readonly attributes: Readonly<Record<string, string | number | Uint8Array>>
  /** How often it was received, this time included. */
  readonly receiveCount: number
  /** Epoch milliseconds. */
  readonly sentAt: number
  /** Epoch milliseconds. */
  readonly firstReceivedAt: number
  /** The message group: what FIFO queues keep in order, and what fair queues share their time by. */
  readonly groupId: string | undefined
  /** Of FIFO queues. */
  readonly deduplicationId: string | undefined
  /** Of FIFO queues. */
  readonly sequenceNumber: string | undefined
  readonly queueName: string
  readonly fifo: boolean
}

export interface SqsTypes extends SourceTypes {
  readonly event: SQSEvent
  readonly context: {
    readonly event: SQSEvent
    /** The messages of the batch. */
    readonly records: readonly SqsBatchMessage[]
  }
  readonly returns: Nothing | Failures<'aws:sqs'>
  readonly response: SQSBatchResponse
}

/** A message that `failures()` takes. */
export type SqsBatchMessage = SqsMessage & BatchItem<'aws:sqs'>

export interface SqsRecordTypes<Verdict = Drop | Fail> extends RecordTypes {
  readonly context: { readonly event: SQSRecord; readonly message: SqsMessage }
  readonly returns: Nothing | Verdict
  readonly options: PartialEachOptions
}

export interface SqsOptions extends SourceOptions, VisibilityOptions {}

/**
 * Messages of a queue. The event source mapping must have `ReportBatchItemFailures`, or Lambda ignores what is reported.
 *
 * `.each()` runs up to 10 messages at once (`concurrency`). Those that throw are reported and come again; the others are
 * done. In a FIFO queue (its ARN ends with `.fifo`) the messages of one group run one after the other, and those after a
 * failed one are not run and come again too. Messages that are not started before the deadline come again, and so do
 * those that do not end within half of the reserve after it. A handler may return `drop()`, `fail()` and, where `client`
 * is given, `retryLater()`.
 *
 * Without `.each()` the handler gets all `records`, and returns nothing or `failures(...)`.
 *
 * ```ts
 * export const handler = sqs().each().handle(async ({ message }) => ship(JSON.parse(message.body)))
 * ```
 *
 * An event of another kind fails with an UnexpectedEventError.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
 */
export function sqs(
  options: SqsOptions & { readonly client: SqsVisibilityClient },
): BatchPipeline<SqsTypes, SqsRecordTypes<Drop | Fail | RetryLater>>
export function sqs(options?: SqsOptions & { readonly client?: undefined }): BatchPipeline<SqsTypes, SqsRecordTypes>
export function sqs(
  options: SqsOptions = {},
): BatchPipeline<SqsTypes, SqsRecordTypes<Drop | Fail | RetryLater>> | BatchPipeline<SqsTypes, SqsRecordTypes> {
  const source: BatchSource<SqsTypes, SqsRecordTypes<Drop | Fail | RetryLater>> = {
    name: 'aws:sqs',
    reserve: options.reserve,
    permissions: options.client ? [{ actions: ['sqs:ChangeMessageVisibility'], resources: ['*'] }] : [],
    open(event, lambda) {
      const given = recordsOf<SQSRecord>(event, 'aws:sqs', missing)
      const unit = invocationUnit('aws:sqs', event, lambda, given[0]?.eventSourceARN)
      return {
        unit,
        event: event as SQSEvent,
        records: given.map(record => new Message(record)) as unknown as Messages,
      }
    },
    respond: (value, ctx) => batchResponse(value, ctx, 'grouped', identify),
    each: ({ concurrency = 10, throwOnFullFailure } = {}) => {
      mustBeConcurrency(concurrency)
      return (ctx, run) =>
        eachPartial(ctx, 'grouped', open, run, {
          concurrency,
          throwOnFullFailure,
          failed: (record, error) => delayed(error, record, options, ctx.telemetry),
        })
    },
  }
  return batchPipeline(source)
}

type Messages = readonly SqsBatchMessage[]

/** What every record must have: without an id it cannot be reported, without the queue's ARN its order is not known. */
function missing(record: SQSRecord): string | undefined {
  if (typeof record.messageId !== 'string' || record.messageId === '') return 'messageId'
  if (typeof record.eventSourceARN !== 'string') return 'eventSourceARN'
  return typeof record.body === 'string' ? undefined : 'body'
}

function open(message: SqsMessage): SqsRecordTypes['context'] & { readonly unit: Unit } {
  const { record } = message as unknown as Message
  const { attributes } = record
  const { groupId } = identify(message)
  const unit: Unit = {
    kind: 'record',
    source: 'aws:sqs',
    id: record.messageId,
    sourceArn: record.eventSourceARN,
    raw: record.body,
    attempt: count(attributes?.ApproximateReceiveCount),
    groupId,
    sentAt: count(attributes?.SentTimestamp),
    origin: { attributes, messageAttributes: record.messageAttributes },
  }
  return { unit, event: record, message }
}

/** A standard queue can have groups too (fair queues), but no order in them: each message is then on its own. */
function identify({ id, fifo, groupId = '' }: SqsMessage): Identity {
  return { itemIdentifier: id, groupId: fifo ? groupId : undefined }
}

function count(digits: unknown): number | undefined {
  return typeof digits === 'string' && /^\d+$/.test(digits) ? Number(digits) : undefined
}

// Getters on a prototype: a message costs one small object until somebody reads it.
class Message implements SqsMessage {
  readonly record: SQSRecord
  #attributes: SqsMessage['attributes'] | undefined

  constructor(record: SQSRecord) {
    this.record = record
  }

  get id(): string {
    return this.record.messageId
  }
  get body(): string {
    return this.record.body
  }
  get attributes(): SqsMessage['attributes'] {
    this.#attributes ??= Object.fromEntries(
      Object.entries(this.record.messageAttributes ?? {}).map(([name, value]) => [name, this.#plain(name, value)]),
    )
    return this.#attributes
  }
  get receiveCount(): number {
    return this.#count('ApproximateReceiveCount')
  }
  get sentAt(): number {
    return this.#count('SentTimestamp')
  }
  get firstReceivedAt(): number {
    return this.#count('ApproximateFirstReceiveTimestamp')
  }
  get groupId(): string | undefined {
    return this.record.attributes?.MessageGroupId
  }
  get deduplicationId(): string | undefined {
    return this.record.attributes?.MessageDeduplicationId
  }
  get sequenceNumber(): string | undefined {
    return this.record.attributes?.SequenceNumber
  }
  get queueName(): string {
    return this.record.eventSourceARN.slice(this.record.eventSourceARN.lastIndexOf(':') + 1)
  }
  get fifo(): boolean {
    return this.record.eventSourceARN.endsWith('.fifo')
  }

  #count(name: 'ApproximateReceiveCount' | 'SentTimestamp' | 'ApproximateFirstReceiveTimestamp'): number {
    return count(this.record.attributes?.[name]) ?? this.#fail(`attributes.${name} is not a number`)
  }

  #plain(
    name: string,
    { dataType, stringValue, binaryValue }: Partial<SQSMessageAttribute>,
  ): string | number | Uint8Array {
    const [type] = `${dataType}`.split('.') // `Number.float` and the like: labels of the sender's
    if (type === 'Binary' && typeof binaryValue === 'string') return new Uint8Array(Buffer.from(binaryValue, 'base64'))
    if (type === 'Binary' || typeof stringValue !== 'string')
      return this.#fail(`messageAttributes.${name} has no value`)
    return type === 'Number' ? exactNumber(stringValue) : stringValue
  }

  #fail(what: string): never {
    throw new UnexpectedEventError(`message ${this.id}: ${what}`)
  }
}
