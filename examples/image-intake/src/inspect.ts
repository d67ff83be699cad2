// What an image is, from its bytes: the beginning says its type and size, a pass over all of it its digest.
import { createHash } from 'node:crypto'
import type { S3 } from '@lambent/aws/s3'
import { PermanentError } from '@lambent/core'
import { imageSize } from 'image-size'

const HEAD = 256 * 1024 // bytes: what any of the formats needs to say its size
const TYPES: readonly unknown[] = ['jpg', 'png', 'webp', 'avif']
const LARGEST = 12_000 // pixels, either way

export interface Place {
  readonly Bucket: string
  readonly Key: string
}

export interface Image {
  readonly type: string
  readonly width: number
  readonly height: number
  readonly bytes: number
  readonly sha256: string
}

/**
 * Reads the object as a stream: memory does not grow with it.
 * @throws {PermanentError} `NoImage`, `ImageTooLarge`
 */
export async function inspect(s3: S3, place: Place, abortSignal: AbortSignal): Promise<Image> {
  const { Body } = await s3.getObject(place, { abortSignal })
  const hash = createHash('sha256')
  let head = Buffer.alloc(0)
  let bytes = 0
  let measured: ReturnType<typeof measure> | undefined
  for await (const chunk of Body ?? []) {
    hash.update(chunk)
    bytes += chunk.byteLength
    if (measured) continue
    head = Buffer.concat([head, chunk])
    // Not to read gigabytes of what is no image.
    if (head.byteLength >= HEAD) measured = measure(head)
  }
  return { ...(measured ?? measure(head)), bytes, sha256: hash.digest('hex') }
}

function measure(head: Uint8Array): Pick<Image, 'type' | 'width' | 'height'> {
  let size: ReturnType<typeof imageSize>
  try {
    size = imageSize(head)
  } catch (cause) {
    throw new PermanentError('the object is no image', { code: 'NoImage', cause })
  }
  const { type, width, height } = size
  if (!TYPES.includes(type)) throw new PermanentError(`images of the type ${type} are not taken`, { code: 'NoImage' })
  if (width > LARGEST || height > LARGEST)
    throw new PermanentError(`an image may have ${LARGEST} pixels either way`, { code: 'ImageTooLarge' })
  return { type: `${type}`, width, height }
}
