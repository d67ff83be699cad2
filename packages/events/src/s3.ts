// Amazon S3 event notifications: an invocation has one or more records, and no partial response.
import type { BatchPipeline, BatchSource, Context, RecordTypes, SourceTypes, Unit } from '@lambent/core'
import { isS3TestEvent } from '@lambent/core/event-kind'
import type { S3Event, S3EventRecord } from 'aws-lambda'
import { throwNotDone } from './all-tried.ts'
import { batchPipeline } from './batch-pipeline.ts'
import { recordsOf } from './expected.ts'
import { type EachOptions, mustBeConcurrency, type Nothing, type SourceOptions } from './options.ts'
import { eachRecord } from './records.ts'
import { epochMillis, invocationUnit } from './units.ts'
import type { Drop, Fail } from './verdicts.ts'

export type { EachOptions, SourceOptions } from './options.ts'
export { type Drop, drop, type Fail, fail } from './verdicts.ts'

/**
 * What happened, as records name it: without the `s3:` that notification configurations have.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-event-types-and-destinations.html
 */
export type S3EventName =
  | `ObjectCreated:${'Put' | 'Post' | 'Copy' | 'CompleteMultipartUpload'}`
  | `ObjectCreated:${string}`
  | `ObjectRemoved:${string}`
  | `ObjectRestore:${string}`
  | `ObjectTagging:${string}`
  | `ObjectAcl:${string}`
  | `Replication:${string}`
  | `LifecycleExpiration:${string}`
  | 'LifecycleTransition'
  | 'IntelligentTiering'
  | 'ReducedRedundancyLostObject'

export interface S3Object {
  readonly bucket: string
  /** As it is in the bucket: `+` and `%XX` decoded. The raw key where that is no valid encoding. */
  readonly key: string
  /** As it is in the event. */
  readonly rawKey: string
  /** In buckets with versions. */
  readonly versionId: string | undefined
  /** Bytes; not of removed objects. */
  readonly size: number | undefined
  /** Not of removed objects. */
  readonly eTag: string | undefined
  /**
   * Hexadecimal digits that ascend with what happened to one key: compare them, padded with zeros to one length, to
   * see which of two events is the later. Some kinds of events have none.
   */
  readonly sequencer: string | undefined
}

export interface S3Notification {
  readonly event: S3EventRecord
  readonly eventName: S3EventName
  readonly object: S3Object
}

export interface S3Types extends SourceTypes {
  readonly event: S3Event | S3TestEvent
  readonly context: { readonly event: S3Event; readonly records: readonly S3Notification[] }
  readonly returns: Nothing
  readonly response: Nothing
}

/** What S3 sends once, when a notification is configured. */
export interface S3TestEvent {
  readonly Service: 'Amazon S3'
  readonly Event: 's3:TestEvent'
  readonly Time: string
  readonly Bucket: string
  readonly RequestId: string
  readonly HostId: string
}

export interface S3RecordTypes extends RecordTypes {
  readonly context: S3Notification
  readonly returns: Nothing | Drop | Fail
  readonly options: EachOptions
}

/**
 * Notifications of a bucket. Lambda has no partial response here: an error makes it send the whole event again, twice
 * by default, and then to the on-failure destination.
 *
 * `.each()` runs up to 10 records at once (`concurrency`), also after one has failed. Then, if any failed, the invocation fails:
 * with the error itself where the event has one record, which is what S3 sends, and else with an AggregateError.
 *
 * The test event, which S3 sends when a notification is configured, succeeds: it passes the middlewares before
 * `.each()` as an event without records, is told as `s3.test` in telemetry, and does not reach the handler.
 *
 * ```ts
 * export const handler = s3().each().handle(async ({ object }) => resize(object.bucket, object.key))
 * ```
 *
 * An event of another kind fails with an UnexpectedEventError.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
 */
export function s3(options: SourceOptions = {}): BatchPipeline<S3Types, S3RecordTypes> {
  const source: BatchSource<S3Types, S3RecordTypes> = {
    name: 'aws:s3',
    reserve: options.reserve,
    open(event, lambda) {
      if (isS3TestEvent(event)) {
        const { Bucket } = event as S3TestEvent
        const sourceArn = typeof Bucket === 'string' ? `arn:aws:s3:::${Bucket}` : undefined
        return { unit: invocationUnit('aws:s3', event, lambda, sourceArn), event: { Records: [] }, records: [] }
      }
      const given = recordsOf<S3EventRecord>(event, 'aws:s3', missing)
      const unit = invocationUnit('aws:s3', event, lambda, given[0]?.s3.bucket.arn)
      return { unit, event: event as S3Event, records: given.map(notification) }
    },
    respond() {},
    each: ({ concurrency = 10 } = {}) => {
      mustBeConcurrency(concurrency)
      return async (ctx, run) => {
        if (isTest(ctx)) return
        const notDone = await eachRecord(ctx, ctx.records, 'independent', open, run, { concurrency })
        throwNotDone(notDone, ctx.records.length, item => unitOf(item).id)
      }
    },
  }
  // The handler of a whole batch does not see the test event either: inside of the middlewares, where telemetry is heard.
  return batchPipeline(source, work => ctx => (isTest(ctx as Batch) ? undefined : work(ctx)))
}

type Batch = Context & S3Types['context']

function isTest(ctx: Batch): boolean {
  if (!isS3TestEvent(ctx.unit.raw)) return false
  ctx.telemetry.emit({ name: 's3.test', level: 'info', message: 'test event of S3: nothing to do', unit: ctx.unit })
  return true
}

function missing({ s3, eventName }: Partial<S3EventRecord>): string | undefined {
  if (typeof s3?.bucket?.name !== 'string') return 's3.bucket.name'
  if (typeof s3.object?.key !== 'string') return 's3.object.key'
  return typeof eventName === 'string' ? undefined : 'eventName'
}

function notification(event: S3EventRecord): S3Notification {
  const { eventName, s3 } = event
  // Removed objects have no size, some events no sequencer: the types of aws-lambda promise too much.
  const { key, versionId, size, eTag, sequencer }: Partial<S3EventRecord['s3']['object']> & { key: string } = s3.object
  const object = { bucket: s3.bucket.name, key: decodeKey(key), rawKey: key, versionId, size, eTag, sequencer }
  return { event, eventName: eventName as S3EventName, object }
}

function decodeKey(rawKey: string): string {
  try {
    return decodeURIComponent(rawKey.replaceAll('+', ' '))
  } catch {
    return rawKey
  }
}

function open(record: S3Notification): S3Notification & { readonly unit: Unit } {
  return { unit: unitOf(record), ...record }
}

function unitOf({ event, eventName, object }: S3Notification): Unit {
  const { bucket, key, rawKey, versionId, eTag, sequencer } = object
  const { eventTime, responseElements, awsRegion, s3 } = event as Partial<S3EventRecord>
  // A delivery that is repeated has the same request id. One request can delete many keys, and many versions of one.
  const request = responseElements?.['x-amz-request-id'] ?? eventTime ?? ''
  return {
    kind: 'record',
    source: 'aws:s3',
    id: `${request}/${sequencer ?? versionId ?? eTag ?? ''}/${rawKey}`,
    sourceArn: s3?.bucket.arn,
    raw: event,
    sentAt: epochMillis(eventTime),
    origin: { eventName, eventTime, awsRegion, bucket, key, versionId },
  }
}
