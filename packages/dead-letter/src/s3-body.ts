// The bytes of an object, read no further than a limit.
import { PermanentError } from '@lambent/core'

interface Fetched {
  readonly Body?: unknown
  readonly ContentLength?: number | undefined
}

/**
 * @throws {PermanentError} `PayloadTooLarge` as soon as that is known
 * @throws {TypeError} for a body that is no bytes, text or stream
 */
export async function bytesOfBody({ Body: body, ContentLength }: Fetched, maxBytes: number): Promise<Uint8Array> {
  if (ContentLength !== undefined && ContentLength > maxBytes) {
    ;(body as { destroy?: () => void } | undefined)?.destroy?.() // or the connection stays taken
    throw tooLarge(maxBytes)
  }
  if (typeof body === 'string') return within(Buffer.from(body), maxBytes)
  if (body instanceof Uint8Array) return within(body, maxBytes)
  if (isCollectable(body)) return within(await body.transformToByteArray(), maxBytes) // no stream: it is there already
  if (!isIterable(body)) throw new TypeError(`getObject() gave a body of the type ${typeof body}`)
  const chunks: Uint8Array[] = []
  let bytes = 0
  // Leaving the loop early ends the stream.
  for await (const chunk of body) {
    const part = typeof chunk === 'string' ? Buffer.from(chunk) : (chunk as Uint8Array)
    bytes += part.byteLength
    if (bytes > maxBytes) throw tooLarge(maxBytes)
    chunks.push(part)
  }
  return Buffer.concat(chunks)
}

function within(bytes: Uint8Array, maxBytes: number): Uint8Array {
  if (bytes.byteLength > maxBytes) throw tooLarge(maxBytes)
  return bytes
}

function isCollectable(body: unknown): body is { transformToByteArray(): Promise<Uint8Array> } {
  const { transformToByteArray } = Object(body) as { transformToByteArray?: unknown }
  return !isIterable(body) && typeof transformToByteArray === 'function'
}

function isIterable(body: unknown): body is AsyncIterable<unknown> {
  return typeof (body as { [Symbol.asyncIterator]?: unknown } | null | undefined)?.[Symbol.asyncIterator] === 'function'
}

function tooLarge(maxBytes: number): PermanentError {
  return new PermanentError(`the payload of the message is larger than the limit of ${maxBytes} bytes`, {
    code: 'PayloadTooLarge',
  })
}
