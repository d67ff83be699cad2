// Amazon Kinesis Data Streams: an invocation is a batch of records of one shard, in their order.
import { type BatchPipeline, type RecordTypes, type SourceTypes, UnexpectedEventError, type Unit } from '@lambent/core'
import type { KinesisStreamBatchResponse, KinesisStreamEvent, KinesisStreamRecord } from 'aws-lambda'
import type { BatchItem, Failures } from './failures.ts'
import type { Nothing, SourceOptions, StreamEachOptions } from './options.ts'
import { streamPipeline, type WindowOptions, type WindowRecordTypes, type WindowTypes } from './streams.ts'
import type { Drop, Fail } from './verdicts.ts'

export { type BatchItem, type Failures, failures } from './failures.ts'
export type { EachOptions, PartialEachOptions, SourceOptions, StreamEachOptions } from './options.ts'
export type { TumblingWindowEvent, Window, WindowOptions, WindowRecordTypes, WindowTypes } from './streams.ts'
export { type Drop, drop, type Fail, fail } from './verdicts.ts'

/**
 * A record in plain values. All but `sequenceNumber` are read from the record when they are read here, and throw an
 * UnexpectedEventError where it lacks what their type promises.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html
 */
export interface KinesisRecord {
  /** Decoded when it is first read. */
  readonly data: Uint8Array
  readonly partitionKey: string
  readonly sequenceNumber: string
  /** Epoch milliseconds. */
  readonly approximateArrivalTimestamp: number
  /** Such as `shardId-000000000006`. */
  readonly shardId: string
}

/** A record that `failures()` takes. */
export type KinesisBatchRecord = KinesisRecord & BatchItem<'aws:kinesis'>

export interface KinesisTypes extends SourceTypes {
  readonly event: KinesisStreamEvent
  readonly context: {
    readonly event: KinesisStreamEvent
    /** The records of the batch. */
    readonly records: readonly KinesisBatchRecord[]
  }
  readonly returns: Nothing | Failures<'aws:kinesis'>
  readonly response: KinesisStreamBatchResponse
}

export interface KinesisRecordTypes extends RecordTypes {
  readonly context: { readonly event: KinesisStreamRecord; readonly record: KinesisRecord }
  readonly returns: Nothing | Drop | Fail
  readonly options: StreamEachOptions
}

/**
 * Records of a stream. The event source mapping must have `ReportBatchItemFailures`, or Lambda ignores what is reported.
 *
 * `.each()` runs the records in order and stops at the first that throws, that the deadline leaves no time to start, or
 * that does not end within half of the reserve after it: from there on Lambda sends all again. With a `concurrency` more
 * than 1 run at once, and those of one partition key in order. A handler may return `drop()` and `fail()`.
 *
 * Without `.each()` the handler gets all `records`, and returns nothing or `failures(...)`.
 *
 * ```ts
 * export const handler = kinesis()
 *   .each({ concurrency: 10 })
 *   .use(parse(json(Click)))
 *   .handle(async ({ body, record }) => count(record.partitionKey, body))
 * ```
 *
 * With a `window` handlers see `ctx.window`, and return the state that the next one gets.
 *
 * An event of another kind, or with a record that has no sequence number, fails with an UnexpectedEventError.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-batchfailurereporting.html
 * @see https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-windows.html
 */
export function kinesis<State extends object>(
  options: SourceOptions & { readonly window: WindowOptions<State> },
): BatchPipeline<WindowTypes<KinesisTypes, State>, WindowRecordTypes<KinesisRecordTypes, State>>
export function kinesis(
  options?: SourceOptions & { readonly window?: undefined },
): BatchPipeline<KinesisTypes, KinesisRecordTypes>
export function kinesis(
  options: SourceOptions & { readonly window?: WindowOptions<object> | undefined } = {},
): unknown {
  return streamPipeline<KinesisStreamRecord, KinesisBatchRecord>({
    name: 'aws:kinesis',
    reserve: options.reserve,
    window: options.window,
    missing,
    read: record => new StreamRecord(record) as unknown as KinesisBatchRecord,
    open,
  })
}

function missing({ kinesis }: Partial<KinesisStreamRecord>): string | undefined {
  const number = kinesis?.sequenceNumber
  return typeof number === 'string' && number !== '' ? undefined : 'kinesis.sequenceNumber'
}

function open(record: KinesisRecord): KinesisRecordTypes['context'] & { readonly unit: Unit } {
  const { event } = record as unknown as StreamRecord
  const { kinesis, eventID, awsRegion, eventSourceARN } = event
  const unit: Unit = {
    kind: 'record',
    source: 'aws:kinesis',
    id: kinesis.sequenceNumber,
    sourceArn: eventSourceARN,
    get raw() {
      return record.data
    },
    groupId: kinesis.partitionKey,
    sentAt: arrivedAt(event),
    // `arn:aws:kinesis:<region>:<account>:stream/<name>`, of a consumer with more behind it
    origin: { eventID, partitionKey: kinesis.partitionKey, awsRegion, streamName: eventSourceARN?.split('/')[1] },
  }
  return { unit, event, record }
}

/** Seconds in the event, milliseconds here. */
function arrivedAt({ kinesis }: KinesisStreamRecord): number | undefined {
  const seconds: unknown = kinesis.approximateArrivalTimestamp
  return typeof seconds === 'number' ? Math.round(seconds * 1000) : undefined
}

class StreamRecord implements KinesisRecord {
  readonly event: KinesisStreamRecord
  #data: Uint8Array | undefined

  constructor(event: KinesisStreamRecord) {
    this.event = event
  }

  get data(): Uint8Array {
    this.#data ??= new Uint8Array(Buffer.from(this.#text('data'), 'base64'))
    return this.#data
  }
  get partitionKey(): string {
    return this.#text('partitionKey')
  }
  get sequenceNumber(): string {
    return this.event.kinesis.sequenceNumber
  }
  get approximateArrivalTimestamp(): number {
    return arrivedAt(this.event) ?? this.#fail('kinesis.approximateArrivalTimestamp is not a number')
  }
  get shardId(): string {
    const [shardId, sequenceNumber] = `${this.event.eventID}`.split(':')
    return (sequenceNumber && shardId) || this.#fail('eventID names no shard')
  }

  #text(name: 'data' | 'partitionKey'): string {
    const text: unknown = this.event.kinesis[name]
    return typeof text === 'string' ? text : this.#fail(`kinesis.${name} is not a string`)
  }

  #fail(what: string): never {
    throw new UnexpectedEventError(`record ${this.sequenceNumber}: ${what}`)
  }
}
