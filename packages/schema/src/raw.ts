// Payloads as text or bytes: what each codec begins with.
import type { Where } from './codec.ts'
import { ParseError } from './parse-error.ts'

/** 10 MiB: more than any payload of Lambda, and what inflated data and decoded base64 may have. */
export const MAX_BYTES = 10_485_760

/**
 * The payload as text, bytes by UTF-8.
 * @throws {ParseError} `EmptyBody`, `MalformedUtf8`, `UnexpectedType`
 */
export function textOf(raw: unknown, where: Where): string {
  if (typeof raw === 'string') return raw
  if (raw instanceof Uint8Array) return decodeUtf8(raw, where)
  throw notThat('text', raw, where)
}

/**
 * The payload as bytes, text in UTF-8.
 * @throws {ParseError} `EmptyBody`, `UnexpectedType`
 */
export function bytesOf(raw: unknown, where: Where): Uint8Array {
  if (raw instanceof Uint8Array) return raw
  if (typeof raw === 'string') return Buffer.from(raw)
  throw notThat('bytes', raw, where)
}

export function notThat(expected: string, raw: unknown, { name }: Where): ParseError {
  if (raw === undefined || raw === null) return empty(name)
  return new ParseError(
    'UnexpectedType',
    name,
    `expected ${expected}, got ${Array.isArray(raw) ? 'array' : typeof raw}`,
  )
}

export function empty(name: string): ParseError {
  return new ParseError('EmptyBody', name, 'there is none, and one is needed')
}

/** @throws {ParseError} `ContentTooLarge` */
export function mustFit(bytes: number, maxBytes: number, { name }: Where): void {
  if (bytes > maxBytes) throw tooLarge(`${bytes} bytes are`, maxBytes, name)
}

export function tooLarge(what: string, limit: number, name: string): ParseError {
  return new ParseError('ContentTooLarge', name, `${what} more than the limit of ${limit}`, { status: 413 })
}

type Decoder = InstanceType<typeof TextDecoder>

let utf8: Decoder | undefined

function decoder(): Decoder {
  return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
}

function decodeUtf8(bytes: Uint8Array, { name }: Where): string {
  utf8 ??= decoder()
  try {
    return utf8.decode(bytes)
  } catch {
    throw new ParseError('MalformedUtf8', name, `invalid UTF-8 at byte ${offsetOfInvalidUtf8(bytes)}`)
  }
}

/** The first byte with which no UTF-8 goes on; the length, where a character is cut off at the end. */
function offsetOfInvalidUtf8(bytes: Uint8Array): number {
  let good = 0
  let bad = bytes.length + 1
  // A prefix of what is good so far is good, so that the first bad length can be found by halving.
  while (bad - good > 1) {
    const length = (good + bad) >>> 1
    try {
      if (length <= bytes.length) decoder().decode(bytes.subarray(0, length), { stream: true })
      if (length <= bytes.length) good = length
      else bad = length
    } catch {
      bad = length
    }
  }
  return good
}
