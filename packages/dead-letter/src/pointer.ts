// Claim checks in the format of the Amazon SQS Extended Client Library: the body is in S3, the message points to it.
import type { MessageAttributes } from './attributes.ts'
import { jsonValue, object, text } from './json.ts'

export interface S3Pointer {
  readonly bucket: string
  readonly key: string
}

/** Bytes of the payload, as a message attribute of the type Number. */
export const SIZE_ATTRIBUTE = 'ExtendedPayloadSize'
/** What the library called it before. */
export const LEGACY_SIZE_ATTRIBUTE = 'SQSLargePayloadSize'

const CLASS = 'software.amazon.payloadoffloading.PayloadS3Pointer'
const CLASSES: readonly unknown[] = [CLASS, 'com.amazon.sqs.javamessaging.MessageS3Pointer']

/** Whether the attributes say that the body is a pointer. */
export function saysPointer(attributes: MessageAttributes): boolean {
  return Object.hasOwn(attributes, SIZE_ATTRIBUTE) || Object.hasOwn(attributes, LEGACY_SIZE_ATTRIBUTE)
}

/** The pointer that a body is, or undefined. */
export function pointerOf(body: unknown): S3Pointer | undefined {
  if (typeof body !== 'string' || body.length > 4096) return undefined // a bucket has 63 characters, a key 1,024 bytes
  const pair = jsonValue(body)
  if (!Array.isArray(pair) || pair.length !== 2 || !CLASSES.includes(pair[0])) return undefined
  const { s3BucketName, s3Key } = object(pair[1]) ?? {}
  const bucket = text(s3BucketName)
  const key = text(s3Key)
  return bucket && key ? { bucket, key } : undefined
}

/** The body of a message that points to S3. */
export function pointerBody({ bucket, key }: S3Pointer): string {
  return JSON.stringify([CLASS, { s3BucketName: bucket, s3Key: key }])
}
