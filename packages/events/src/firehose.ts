// Amazon Data Firehose, transformation of data: an invocation is a batch of records, each of which gets one answer.
import {
  type BatchPipeline,
  type BatchSource,
  type Context,
  LambentError,
  type RecordTypes,
  type SourceTypes,
  UnexpectedEventError,
  type Unit,
} from '@lambent/core'
import { isObject } from '@lambent/core/event-kind'
import type { FirehoseRecordMetadata, FirehoseTransformationEvent, FirehoseTransformationEventRecord } from 'aws-lambda'
import { batchPipeline } from './batch-pipeline.ts'
import { unexpected } from './expected.ts'
import { announce } from './failures.ts'
import {
  type Answer,
  answerOf,
  FAILED,
  type FirehoseResponse,
  type FirehoseReturn,
  MAX_RESPONSE_BYTES,
  response,
} from './firehose-answer.ts'
import { type EachOptions, mustBeConcurrency, type SourceOptions } from './options.ts'
import { eachRecord } from './records.ts'
import { invocationUnit } from './units.ts'
import { isOwnDrop } from './verdicts.ts'

export {
  type FirehoseData,
  type FirehoseResponse,
  type FirehoseResultRecord,
  type FirehoseReturn,
  type Partitioned,
  type PartitionKeys,
  partitioned,
} from './firehose-answer.ts'
export type { EachOptions, SourceOptions } from './options.ts'
export { type Drop, drop, type Fail, fail } from './verdicts.ts'

/** Of a stream that is fed by Amazon MSK. */
export interface FirehoseMskRecordMetadata {
  readonly offset: string
  readonly partitionId: string
  /** Epoch milliseconds. */
  readonly approximateArrivalTimestamp: number
}

/** A record as Firehose sends it. In a stream that is fed by Amazon MSK, `kafkaRecordValue` is in the place of `data`. */
export interface FirehoseEventRecord extends Omit<FirehoseTransformationEventRecord, 'data'> {
  /** Base64. */
  readonly data?: string | undefined
  /** Base64. */
  readonly kafkaRecordValue?: string | undefined
  readonly mskRecordMetadata?: FirehoseMskRecordMetadata | undefined
}

export interface FirehoseEvent extends Omit<FirehoseTransformationEvent, 'records'> {
  readonly sourceMSKArn?: string | undefined
  readonly records: readonly FirehoseEventRecord[]
}

/** A record in plain values. */
export interface FirehoseRecord {
  readonly recordId: string
  /** Decoded when it is first read. */
  readonly data: Uint8Array
  /** Epoch milliseconds. Throws an UnexpectedEventError when it is read and is none. */
  readonly approximateArrivalTimestamp: number
  /** Of a stream that is fed by a Kinesis stream. */
  readonly kinesisRecordMetadata: FirehoseRecordMetadata | undefined
  /** Of a stream that is fed by Amazon MSK. */
  readonly mskRecordMetadata: FirehoseMskRecordMetadata | undefined
}

export interface FirehoseTypes extends SourceTypes {
  readonly event: FirehoseEvent
  readonly context: {
    readonly event: FirehoseEvent
    /** The records of the batch. */
    readonly records: readonly FirehoseRecord[]
  }
  /** One for each of `records`, in their order. */
  readonly returns: readonly FirehoseReturn[]
  readonly response: FirehoseResponse
}

export interface FirehoseRecordTypes extends RecordTypes {
  readonly context: { readonly event: FirehoseEventRecord; readonly record: FirehoseRecord }
  readonly returns: FirehoseReturn
  readonly options: EachOptions
}

/**
 * Records that Firehose has transformed on their way to a destination.
 *
 * After `.each()` the handler returns the new data: text as it is, bytes as they are, any other object as one line of
 * JSON; nothing leaves the record as it is. `drop()` leaves it out, `partitioned(data, keys)` names its partition. Up to
 * 10 records run at once (`concurrency`); the answer is in the order of the batch.
 *
 * A record whose handler throws, or returns `fail()`, is `ProcessingFailed`, and so is one that the deadline leaves no
 * time to start or end, and one whose data would make the response larger than 6 MiB, told as `firehose.oversize` in
 * telemetry. Firehose does not send these again: it writes them to `processing-failed` in S3. An invocation that failed
 * would take all others with it: Firehose promises to repeat it after a network timeout or a throttle, not an error.
 *
 * Without `.each()` the handler gets all `records` and returns an array with one result for each, in their order.
 *
 * ```ts
 * export const handler = firehose()
 *   .each()
 *   .use(parse(json(View)))
 *   .handle(({ body }) => (body.robot ? drop() : { at: body.at, page: body.page }))
 * ```
 *
 * An event of another kind, or with a record that has no id, fails with an UnexpectedEventError.
 * @see https://docs.aws.amazon.com/firehose/latest/dev/data-transformation.html
 * @see https://docs.aws.amazon.com/firehose/latest/dev/data-transformation-failure-handling.html
 */
export function firehose(options: SourceOptions = {}): BatchPipeline<FirehoseTypes, FirehoseRecordTypes> {
  const source: BatchSource<FirehoseTypes, FirehoseRecordTypes> = {
    name: 'aws:firehose',
    reserve: options.reserve,
    open(event, lambda) {
      const given = checked(event)
      const unit = invocationUnit('aws:firehose', event, lambda, given.deliveryStreamArn)
      return { unit, event: given, records: given.records.map(record => new Incoming(record, given)) }
    },
    respond(value, ctx) {
      const records = ctx.records as readonly Incoming[]
      if (!Array.isArray(value) || value.length !== records.length) throw wrongResults(value, records.length)
      const result = response(records, answers(value, records, ctx))
      tellOversize(result.oversize, records, ctx)
      return result.response
    },
    each: ({ concurrency = 10 } = {}) => {
      mustBeConcurrency(concurrency)
      return async (ctx, run) => {
        const answered = new Map<FirehoseRecord, Answer>()
        const work = async (opened: Opened) => {
          const value = await run(opened)
          answered.set(opened.record, answerOf(value))
          return isOwnDrop(value) ? value : undefined
        }
        await eachRecord(ctx, ctx.records, 'independent', open, work, { concurrency })
        return ctx.records.map(record => answered.get(record) ?? FAILED) as readonly object[]
      }
    },
  }
  return batchPipeline(source)
}

function checked(event: unknown): FirehoseEvent {
  const { deliveryStreamArn, records } = isObject(event) ? event : {}
  if (typeof deliveryStreamArn !== 'string' || !Array.isArray(records) || records.length === 0)
    throw unexpected('a Firehose event with records', event)
  for (let index = 0; index < records.length; index++) {
    const lack = missing(records[index])
    if (lack) throw new UnexpectedEventError(`expected a Firehose event with records: records[${index}] has no ${lack}`)
  }
  return event as FirehoseEvent
}

/** Without its id a record cannot be answered, and Firehose would take the whole batch for failed. */
function missing(record: unknown): string | undefined {
  if (!isObject(record) || typeof record.recordId !== 'string' || record.recordId === '') return 'recordId'
  return typeof (record.data ?? record.kafkaRecordValue) === 'string' ? undefined : 'data'
}

function wrongResults(value: unknown, expected: number): LambentError {
  const given = Array.isArray(value) ? `${value.length} results` : typeof value
  return new LambentError(
    `the handler of a batch returned ${given}: return an array with one for each of the ${expected} records, in their order`,
    { code: 'WrongResults' },
  )
}

function answers(values: readonly unknown[], records: readonly Incoming[], ctx: Batch): readonly Answer[] {
  let failed = 0
  const all = records.map((record, index) => {
    try {
      return answerOf(values[index])
    } catch (error) {
      failed++
      const message = 'a record failed'
      ctx.telemetry.emit({ name: 'batch.record.failed', level: 'warn', message, unit: open(record).unit, error })
      return FAILED
    }
  })
  if (failed > 0) announce(ctx, records.length, failed, 0)
  return all
}

type Batch = Context & FirehoseTypes['context']

function tellOversize(oversize: readonly number[], records: readonly Incoming[], ctx: Batch): void {
  if (oversize.length === 0) return
  ctx.telemetry.emit({
    name: 'firehose.oversize',
    level: 'error',
    message:
      `${oversize.length} of ${records.length} records failed: their data has no place in a response of ` +
      `${MAX_RESPONSE_BYTES} bytes. Set a smaller BufferSizeInMBs of the transformation`,
    unit: ctx.unit,
    fields: { total: records.length, failed: oversize.length },
  })
}

type Opened = FirehoseRecordTypes['context'] & { readonly unit: Unit }

function open(record: FirehoseRecord): Opened {
  const { event, batch } = record as Incoming
  const { kinesisRecordMetadata, mskRecordMetadata } = event
  const { deliveryStreamArn, sourceKinesisStreamArn, sourceMSKArn } = batch
  const unit: Unit = {
    kind: 'record',
    source: 'aws:firehose',
    id: event.recordId,
    sourceArn: deliveryStreamArn,
    get raw() {
      return record.data
    },
    sentAt: arrivedAt(event),
    origin: { sourceArn: sourceKinesisStreamArn ?? sourceMSKArn, kinesisRecordMetadata, mskRecordMetadata },
  }
  return { unit, event, record }
}

function arrivedAt({ approximateArrivalTimestamp: time }: FirehoseEventRecord): number | undefined {
  return typeof time === 'number' ? time : undefined
}

class Incoming implements FirehoseRecord {
  readonly event: FirehoseEventRecord
  readonly batch: FirehoseEvent
  #data: Uint8Array | undefined

  constructor(event: FirehoseEventRecord, batch: FirehoseEvent) {
    this.event = event
    this.batch = batch
  }

  get recordId(): string {
    return this.event.recordId
  }
  get field(): 'data' | 'kafkaRecordValue' {
    return this.event.data === undefined ? 'kafkaRecordValue' : 'data'
  }
  get encoded(): string {
    return this.event.data ?? this.event.kafkaRecordValue ?? '' // the source has checked that one is there
  }
  get data(): Uint8Array {
    this.#data ??= new Uint8Array(Buffer.from(this.encoded, 'base64'))
    return this.#data
  }
  get approximateArrivalTimestamp(): number {
    const time = arrivedAt(this.event)
    if (time !== undefined) return time
    throw new UnexpectedEventError(`record ${this.recordId}: approximateArrivalTimestamp is not a number`)
  }
  get kinesisRecordMetadata(): FirehoseRecordMetadata | undefined {
    return this.event.kinesisRecordMetadata
  }
  get mskRecordMetadata(): FirehoseMskRecordMetadata | undefined {
    return this.event.mskRecordMetadata
  }
}
