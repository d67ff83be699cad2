// `s3()`: a notification of S3 in an SQS message, or in an SNS message in one.
import { type Codec, insideOf, type OutputOf, type Schema, together, type Where } from './codec.ts'
import { isObject, objectOf, otherwise } from './envelope.ts'

/** What happened to one object. */
export interface S3Notification {
  /** `ObjectCreated:Put`, `ObjectRemoved:Delete`, … */
  readonly eventName: string
  /** ISO 8601. */
  readonly eventTime: string
  readonly awsRegion: string
  /** Name of the bucket. */
  readonly bucket: string
  /** Decoded: as the S3 API takes it. */
  readonly key: string
  /** In bytes; none of removed objects. */
  readonly size?: number
  readonly eTag?: string
  /** Where the bucket has versions. */
  readonly versionId?: string
  /** Compare as hexadecimal numbers to tell which of two events of one key is the later. */
  readonly sequencer?: string
}

/**
 * The records of a notification, their keys decoded: `parse(s3())`, `parse(sns(s3()))`. `inner` is given each record.
 * The `s3:TestEvent`, which S3 sends when a notification is configured, is an empty array.
 *
 * @throws {ParseError} `EmptyBody`, `MalformedJson`, `MalformedEnvelope` when it is no notification: 400; those of `inner`
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
 */
export function s3(): Codec<readonly S3Notification[]>
export function s3<Inner extends Codec | Schema>(inner: Inner): Codec<readonly OutputOf<Inner>[]>
export function s3(inner?: Codec | Schema): Codec<readonly unknown[]> {
  const decode = inner ? insideOf(inner) : (record: unknown) => record
  return {
    decode(raw, where) {
      const event = objectOf(raw, where, 'an S3 notification')
      if (event.Event === 's3:TestEvent') return []
      if (!Array.isArray(event.Records)) throw otherwise(where, 'an S3 notification', 'there are no Records')
      return together(event.Records, (record, index) => {
        const inside = { name: `${where.name}.Records[${index}]` }
        return decode(notificationOf(record, inside), inside)
      })
    },
  }
}

function notificationOf(record: unknown, where: Where): S3Notification {
  const { eventName, eventTime, awsRegion, s3 } = isObject(record) ? record : {}
  const { bucket, object } = isObject(s3) ? s3 : {}
  if (!isObject(bucket) || !isObject(object) || !areTexts(eventName, eventTime, awsRegion, bucket.name, object.key))
    throw otherwise(where, 'a record of an S3 notification', 'it lacks eventName, eventTime, awsRegion, bucket or key')
  const { size, eTag, versionId, sequencer } = object
  return {
    eventName: eventName as string,
    eventTime: eventTime as string,
    awsRegion: awsRegion as string,
    bucket: bucket.name as string,
    key: decodeKey(object.key as string, where),
    ...(typeof size === 'number' && { size }),
    ...(typeof eTag === 'string' && { eTag }),
    ...(typeof versionId === 'string' && { versionId }),
    ...(typeof sequencer === 'string' && { sequencer }),
  }
}

function areTexts(...values: readonly unknown[]): boolean {
  return values.every(value => typeof value === 'string')
}

/** As HTML forms encode: a plus sign is a space. */
function decodeKey(key: string, where: Where): string {
  try {
    return decodeURIComponent(key.replaceAll('+', ' '))
  } catch {
    throw otherwise(where, 'an object key in percent-encoding', 'a per cent sign in it encodes nothing')
  }
}
