// A dead letter as a message that the sink takes: first with less detail, then with its body in S3.
import { LambentError } from '@lambent/core'
import type { MessageAttributes } from './attributes.ts'
import { mustBeText } from './checks.ts'
import { s3PutClient } from './clients.ts'
import { type Parts, room } from './compose-letter.ts'
import { shortened } from './error-detail.ts'
import { safeJson } from './json.ts'
import { FORMAT, type Letter } from './letter.ts'
import { pointerBody, SIZE_ATTRIBUTE } from './pointer.ts'
import type { S3PutPort } from './port.ts'
import { type DeadLetterMessage, MAX_BYTES, messageBytes, type Sink } from './sink.ts'

export interface ClaimCheckOptions {
  /** Its name. A TypeError where it is undefined: an environment variable that is not set. */
  readonly bucket: string | undefined
  /** Keys are `<prefix><digits>`. @default 'dead-letter-payloads/' */
  readonly prefix?: string | undefined
  /** `new S3()` of @lambent/aws or of the AWS SDK, or anything with this method. @default that of @lambent/aws */
  readonly client?: S3PutPort | undefined
}

export interface ClaimCheck {
  readonly bucket: string
  readonly prefix: string
  readonly client: S3PutPort
}

/** @throws {TypeError} without a bucket */
export function claimCheckOf({ bucket, prefix = 'dead-letter-payloads/', client }: ClaimCheckOptions): ClaimCheck {
  return { bucket: mustBeText(bucket, 'the bucket of claimCheck'), prefix, client: s3PutClient(client, 'claimCheck') }
}

const LEVELS = [0, 1, 2] as const

/**
 * The message for a sink, with as much detail of the error as there is room for. What is too large even without goes to
 * S3 in the format of the Extended Client, if there is a claim check.
 * @throws {LambentError} `DeadLetterTooLarge`
 */
export async function pack(
  parts: Parts,
  sink: Sink,
  claimCheck: ClaimCheck | undefined,
  signal: AbortSignal,
): Promise<DeadLetterMessage> {
  const { maxBytes = MAX_BYTES } = sink
  const fitting = (parts: Parts, own: MessageAttributes) => {
    for (const level of LEVELS) {
      const message = messageOf(parts, own, level)
      if ((sink.bytes?.(message) ?? messageBytes(message)) <= maxBytes) return message
    }
    return undefined
  }
  const whole = fitting(parts, {})
  if (whole) return whole
  const size = Buffer.byteLength(parts.body)
  if (claimCheck) {
    const { client, bucket, prefix } = claimCheck
    const key = prefix + parts.deduplicationId
    const pointing = fitting(
      { ...parts, body: pointerBody({ bucket, key }) },
      { [SIZE_ATTRIBUTE]: { dataType: 'Number', stringValue: `${size}` } },
    )
    if (pointing) {
      const input = { Bucket: bucket, Key: key, Body: parts.body, ContentType: 'text/plain; charset=utf-8' }
      await client.putObject(input, { abortSignal: signal })
      return pointing
    }
  }
  throw new LambentError(
    `the dead letter does not fit: a body of ${size} bytes with its attributes, and ${sink.name} takes ${maxBytes}. ` +
      (claimCheck
        ? 'Its origin and attributes alone are too large'
        : 'Set claimCheck, which puts large bodies into S3'),
    { code: 'DeadLetterTooLarge', retryable: false },
  )
}

function messageOf(parts: Parts, own: MessageAttributes, level: 0 | 1 | 2): DeadLetterMessage {
  const { body, encoding, groupId, deduplicationId } = parts
  const { beside, origin } = room(parts, 1 + Object.keys(own).length)
  const letter: Letter = {
    ...parts.letter,
    ...(level > 0 && { truncated: true as const }),
    encoding,
    error: shortened(parts.error, level),
    origin,
  }
  const attributes = { ...beside, ...own, [FORMAT]: { dataType: 'String', stringValue: safeJson(letter) } }
  return { body, attributes, letter, groupId, deduplicationId }
}
