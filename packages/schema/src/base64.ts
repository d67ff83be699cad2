// `base64(inner)`: text in base64, whose bytes are decoded further.
import { type Codec, codecOf, type Where } from './codec.ts'
import { ParseError } from './parse-error.ts'
import { empty, MAX_BYTES, mustFit, textOf } from './raw.ts'

export interface Base64Options {
  /** What the decoded data may have, in bytes; computed before decoding. @default 10 MiB */
  readonly maxBytes?: number | undefined
}

/**
 * Base64 in the standard or the URL-safe alphabet, with or without padding, without line breaks.
 *
 * @throws {ParseError} `EmptyBody`, `MalformedBase64` with the offset of what does not belong: 400; `ContentTooLarge`: 413
 * @see https://www.rfc-editor.org/rfc/rfc4648
 */
export function base64<Output>(inner: Codec<Output>, { maxBytes }: Base64Options = {}): Codec<Output> {
  const codec = codecOf(inner)
  return { decode: (raw, where) => codec.decode(decodeBase64(textOf(raw, where), where, maxBytes), where) }
}

export function decodeBase64(text: string, where: Where, maxBytes: number = MAX_BYTES): Uint8Array {
  if (text === '') throw empty(where.name)
  const first = text.search(/[^\w+/-]/) // Buffer would skip it without a word
  const digits = first < 0 ? text.length : first
  const padding = text.length - digits
  mustFit(Math.floor((digits * 3) / 4), maxBytes, where)
  const whole = padding === 0 || (text.length % 4 === 0 && padding <= 2 && text.endsWith('='.repeat(padding)))
  if (whole && digits % 4 !== 1) return Buffer.from(text, 'base64')
  throw new ParseError('MalformedBase64', where.name, `malformed base64 at offset ${digits}`)
}
