// `largeMessages({ buckets })`: messages of the Amazon SQS Extended Client, whose payload is in S3, as if it were in them.
import { type Context, type Middleware, PermanentError, type Unit } from '@lambent/core'
import { attributesOf } from './attributes.ts'
import { mustBeBytes, mustBeText } from './checks.ts'
import { s3PayloadClient } from './clients.ts'
import { isDeadLettered } from './dead-lettered.ts'
import { object } from './json.ts'
import { pointerOf, type S3Pointer, saysPointer } from './pointer.ts'
import type { CallOptions } from './port.ts'
import { bytesOfBody } from './s3-body.ts'

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html */
export interface LargeMessagesClient {
  getObject(
    input: { Bucket: string; Key: string },
    options?: CallOptions,
  ): Promise<{ readonly Body?: unknown; readonly ContentLength?: number | undefined }>
  deleteObject(input: { Bucket: string; Key: string }, options?: CallOptions): Promise<unknown>
}

export interface LargeMessagesOptions {
  /** The buckets that payloads are read from. Whoever may send messages names the bucket, so no other is. */
  readonly buckets: readonly string[]
  /**
   * Whether to delete the payload when the message is done. A message that comes again although it was done then has none:
   * with `false` a lifecycle rule of the bucket takes its place.
   * @default true
   */
  readonly deleteAfterSuccess?: boolean | undefined
  /** What a payload may have, in bytes. @default 10 MiB */
  readonly maxBytes?: number | undefined
  /** `new S3()` of @lambent/aws or of the AWS SDK, or anything with these methods. @default that of @lambent/aws */
  readonly client?: LargeMessagesClient | undefined
}

/**
 * Fetches the payload that a message points to, so that `parse()` and all that comes after find it in `ctx.unit.raw`;
 * `ctx.unit.origin.payload` has bucket, key and the body as it came. Other messages pass as they are. When the rest has
 * succeeded the payload is deleted; never when it failed, or became a dead letter.
 *
 * ```ts
 * sqs().each()
 *   .use(deadLetter({ to: sqsQueue(process.env.DLQ_URL) }))
 *   .use(largeMessages({ buckets: ['orders-payloads'] }))
 *   .use(parse(json(Order)))
 * ```
 *
 * A payload in another bucket, one that is not there or too large, and a pointer that is none fail the unit with a
 * PermanentError: `BucketNotAllowed`, `PayloadMissing`, `PayloadTooLarge`, `PointerMalformed`.
 * @throws {TypeError} without buckets
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-managing-large-messages.html
 */
export function largeMessages(options: LargeMessagesOptions): Middleware {
  const { buckets, deleteAfterSuccess = true, maxBytes = 10_485_760 } = options
  if (!Array.isArray(buckets) || buckets.length === 0)
    throw new TypeError('largeMessages({ buckets }) takes the names of the buckets that payloads may be in; got none')
  const allowed = new Set(buckets.map(bucket => mustBeText(bucket, 'each of the buckets of largeMessages()')))
  mustBeBytes(maxBytes, 'maxBytes of largeMessages()')
  const s3 = s3PayloadClient(options.client)

  async function fetched({ bucket, key }: S3Pointer, ctx: Context): Promise<string> {
    try {
      const object = await s3.getObject({ Bucket: bucket, Key: key }, { abortSignal: ctx.signal })
      return Buffer.from(await bytesOfBody(object, maxBytes)).toString()
    } catch (error) {
      if ((error as { name?: unknown } | null)?.name !== 'NoSuchKey') throw error
      const message = 'the payload of the message is not in its bucket: it was deleted, or its message was done before'
      throw new PermanentError(message, { code: 'PayloadMissing', cause: error })
    }
  }

  async function remove({ bucket, key }: S3Pointer, ctx: Context): Promise<void> {
    try {
      await s3.deleteObject({ Bucket: bucket, Key: key }, { abortSignal: ctx.signal })
    } catch (error) {
      const message = 'the payload of a message that is done was not deleted'
      ctx.telemetry.emit({ name: 'largeMessage.notDeleted', level: 'warn', message, unit: ctx.unit, error })
    }
  }

  const middleware: Middleware = async function largeMessages(ctx, next) {
    const { unit } = ctx
    const pointer = pointerIn(unit)
    if (!pointer) return next()
    if (!allowed.has(pointer.bucket))
      throw new PermanentError('the message points to a bucket that is not among those of largeMessages()', {
        code: 'BucketNotAllowed',
      })
    const raw = await fetched(pointer, ctx)
    const origin = { ...unit.origin, payload: { ...pointer, body: unit.raw } }
    const resolved: Unit = { ...unit, raw, origin }
    const result = await next({ unit: resolved })
    if (deleteAfterSuccess && !isDeadLettered(result)) await remove(pointer, ctx)
    return result
  }
  const objects = [...allowed].map(bucket => `arn:aws:s3:::${bucket}/*`)
  const actions = deleteAfterSuccess ? ['s3:GetObject', 's3:DeleteObject'] : ['s3:GetObject']
  return Object.assign(middleware, { permissions: [{ actions, resources: objects }] })
}

/** @throws {PermanentError} `PointerMalformed` where the attributes say that there is one, and the body is none */
function pointerIn({ raw, origin }: Unit): S3Pointer | undefined {
  if (typeof raw !== 'string' || !saysPointer(attributesOf(object(origin)?.messageAttributes))) return undefined
  const pointer = pointerOf(raw)
  if (pointer) return pointer
  throw new PermanentError('the attributes say that the payload is in S3, and the body does not say where', {
    code: 'PointerMalformed',
  })
}
