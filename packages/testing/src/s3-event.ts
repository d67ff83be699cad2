// Amazon S3: notifications about objects, and the test that S3 sends when a notification is configured.
import type { S3Event, S3EventRecord } from 'aws-lambda'
import { type EventOptions, epochMillis, type RecordOptions } from './clock.ts'
import { base64Id, hexId, region, sequenceNumber, withoutIds } from './ids.ts'
import { merge, type Overrides } from './merge.ts'

/** What may be laid over an S3 record. */
export type S3RecordOverrides = Overrides<S3EventRecord> & {
  /**
   * The bucket's name: fills `s3.bucket.name` and `s3.bucket.arn`.
   * @default 'orders'
   */
  readonly bucket?: string | undefined
  /**
   * The object's key as it is in the bucket: fills `s3.object.key`, URL-encoded as S3 does it (a space becomes `+`).
   * @default 'orders/o-1.json'
   */
  readonly key?: string | undefined
}

/**
 * One S3 notification, as Lambda hands it over. Without `size` and `eTag` where an object was removed, as S3 has it.
 *
 * Defaults: `ObjectCreated:Put` of an object of 1024 bytes in eu-west-1, in a bucket without versions.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
 */
export function s3Record(overrides: S3RecordOverrides = {}, options: RecordOptions = {}): S3EventRecord {
  const { bucket = 'orders', key = 'orders/o-1.json', ...rest } = overrides
  const index = options.index ?? 0
  const name = rest.s3?.bucket?.name ?? bucket
  const record: S3EventRecord = {
    eventVersion: '2.1',
    eventSource: 'aws:s3',
    awsRegion: region,
    eventTime: new Date(epochMillis(options)).toISOString(),
    eventName: 'ObjectCreated:Put',
    userIdentity: { principalId: 'AWS:AIDAIENQZJOLO23YVJ4VO' },
    requestParameters: { sourceIPAddress: '203.0.113.10' },
    responseElements: s3Ids(index).responseElements,
    s3: {
      s3SchemaVersion: '1.0',
      configurationId: 'orders-notification',
      bucket: {
        name,
        ownerIdentity: { principalId: 'A3NL1KOZZKExample' },
        arn: `arn:aws:s3:::${name}`,
      },
      object: {
        key: encodeKey(key),
        size: 1024,
        eTag: hexId('s3-etag', index, 32),
        sequencer: s3Ids(index).s3.object.sequencer,
      },
    },
  }
  if (!rest.eventName?.startsWith('ObjectRemoved:')) return merge(record, rest)
  return merge(merge(record, { s3: { object: { size: undefined, eTag: undefined } } }), rest)
}

/**
 * An S3 event, of one record by default. Ids that were not given are numbered by the place in the event, also those of
 * records made with {@link s3Record}.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/with-s3.html
 */
export function s3Event(records: readonly S3RecordOverrides[] = [{}], options: EventOptions = {}): S3Event {
  return { Records: records.map((record, index) => s3Record(withoutIds(record, s3Ids(0)), { ...options, index })) }
}

/** What S3 sends once when a notification is configured, where other events have records. */
export interface S3TestEvent {
  Service: 'Amazon S3'
  Event: 's3:TestEvent'
  /** ISO 8601. */
  Time: string
  Bucket: string
  RequestId: string
  HostId: string
}

/**
 * The test event of S3: it has no `Records`.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
 */
export function s3TestEvent(overrides: Overrides<S3TestEvent> = {}, options: EventOptions = {}): S3TestEvent {
  const event: S3TestEvent = {
    Service: 'Amazon S3',
    Event: 's3:TestEvent',
    Time: new Date(epochMillis(options)).toISOString(),
    Bucket: 'orders',
    RequestId: hexId('s3-request', 0, 16).toUpperCase(),
    HostId: base64Id('s3-host', 0, 48),
  }
  return merge(event, overrides)
}

function s3Ids(index: number): {
  responseElements: { 'x-amz-request-id': string; 'x-amz-id-2': string }
  s3: { object: { sequencer: string } }
} {
  return {
    responseElements: {
      'x-amz-request-id': hexId('s3-request', index, 16).toUpperCase(),
      'x-amz-id-2': base64Id('s3-host', index, 48),
    },
    // Hexadecimal digits that ascend: the order of what happened to one key.
    s3: { object: { sequencer: `006968${sequenceNumber('1000000000', index)}` } },
  }
}

/** Form encoding, with the slashes left. */
function encodeKey(key: string): string {
  const form = new URLSearchParams({ '': key }).toString().slice(1)
  return form.replaceAll('%2F', '/')
}
