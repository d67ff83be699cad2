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
  if (raw instanceof Uint8Array) return utf8(raw, where)
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

function utf8(bytes: Uint8Array, { name }: Where): string {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString()
  // What is invalid becomes U+FFFD, which also has an encoding of its own.
  if (!text.includes('\ufffd')) return text
  const again = Buffer.from(text)
  if (again.equals(bytes)) return text
  const first = bytes.findIndex((byte, index) => byte !== again[index])
  throw new ParseError('MalformedUtf8', name, `invalid UTF-8 at byte ${first < 0 ? bytes.length : first}`)
}
