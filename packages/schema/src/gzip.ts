// `gzip(inner)`: compressed bytes, inflated up to a limit, so that a small payload cannot fill the memory.
import type * as Zlib from 'node:zlib'
import { type Codec, codecOf, type Where } from './codec.ts'
import { ParseError } from './parse-error.ts'
import { empty, MAX_BYTES, notThat, tooLarge } from './raw.ts'

export interface GzipOptions {
  /** What the inflated data may have, in bytes: inflating stops there. @default 10 MiB */
  readonly maxBytes?: number | undefined
}

/**
 * Bytes compressed by gzip: `base64(gzip(json(Order)))` for text in SQS, `gzip(json(Order))` for bytes in Kinesis.
 *
 * @throws {ParseError} `EmptyBody`, `MalformedGzip`, `UnexpectedType` for text: 400; `ContentTooLarge`: 413
 * @see https://www.rfc-editor.org/rfc/rfc1952
 */
export function gzip<Output>(inner: Codec<Output>, { maxBytes }: GzipOptions = {}): Codec<Output> {
  const codec = codecOf(inner)
  return {
    mediaTypes: codec.mediaTypes, // content-type is that of the content, content-encoding the gzip around it
    decode: (raw, where) => codec.decode(inflate(raw, where, maxBytes), where),
  }
}

let zlib: typeof Zlib | undefined

export function inflate(raw: unknown, where: Where, maxBytes: number = MAX_BYTES): Uint8Array {
  if (!(raw instanceof Uint8Array))
    throw notThat('bytes compressed by gzip (text needs base64() around it)', raw, where)
  if (raw.length === 0) throw empty(where.name)
  zlib ??= process.getBuiltinModule('node:zlib')
  try {
    return zlib.gunzipSync(raw, { maxOutputLength: maxBytes })
  } catch (cause) {
    if ((cause as { code?: unknown }).code === 'ERR_BUFFER_TOO_LARGE')
      throw tooLarge('it inflates to', maxBytes, where.name)
    throw new ParseError('MalformedGzip', where.name, 'malformed gzip', { cause })
  }
}
