// `s3Prefix({ bucket, prefix })`: each dead letter an object of JSON.
import { mustBeText } from './checks.ts'
import { s3PutClient } from './clients.ts'
import { safeJson } from './json.ts'
import type { S3PutPort } from './port.ts'
import { type DeadLetterMessage, documentOf, type Sink } from './sink.ts'

export interface S3PrefixOptions {
  /** Its name. A TypeError where it is undefined: an environment variable that is not set. */
  readonly bucket: string | undefined
  /** Keys are `<prefix><function>/<date>/<digits>.json`. @default 'dead-letters/' */
  readonly prefix?: string | undefined
  /** `new S3()` of @lambent/aws or of the AWS SDK, or anything with this method. @default that of @lambent/aws */
  readonly client?: S3PutPort | undefined
}

const MAX_BYTES = 100 * 1024 * 1024 // far above what Lambda hands over, far below what one PutObject takes

/**
 * A prefix of a bucket for dead letters: the letter with its body as one JSON document each, at
 * `<prefix><function>/<date>/<digits>.json`. The date is that of the unit, and a unit that comes again replaces its object.
 * @throws {TypeError} without a bucket
 */
export function s3Prefix(options: S3PrefixOptions): Sink {
  const bucket = mustBeText(options?.bucket, 'the bucket of s3Prefix()')
  const { prefix = 'dead-letters/' } = options
  if (typeof prefix !== 'string') throw new TypeError(`prefix of s3Prefix() must be a text, got ${typeof prefix}`)
  const s3 = s3PutClient(options.client, 's3Prefix')
  return {
    name: `bucket ${bucket}`,
    maxBytes: MAX_BYTES,
    bytes: message => Buffer.byteLength(safeJson(documentOf(message))),
    send(message, { signal }) {
      const Body = safeJson(documentOf(message))
      const input = { Bucket: bucket, Key: prefix + keyOf(message), Body, ContentType: 'application/json' }
      return s3.putObject(input, { abortSignal: signal })
    },
    permissions: [{ actions: ['s3:PutObject'], resources: [`arn:aws:s3:::${bucket}/${prefix}*`] }],
  }
}

function keyOf({ letter, deduplicationId }: DeadLetterMessage): string {
  const date = (letter.origin.sentAt ?? letter.at).slice(0, 10)
  return `${letter.function?.name ?? 'unknown'}/${date}/${deduplicationId}.json`
}
