// JSON that every carrier takes, and values that JSON can carry.

// What JSON may have and XML 1.0 not, and so neither SQS nor SNS: other characters of that kind are escaped already.
// https://www.w3.org/TR/REC-xml/#charsets
const NOT_IN_XML = /[\ufffe\uffff]/g

/** `JSON.stringify` with characters that SQS refuses as escapes. */
export function safeJson(value: unknown): string {
  return `${JSON.stringify(value)}`.replace(NOT_IN_XML, char => `\\u${char.charCodeAt(0).toString(16)}`)
}

const DEPTH = 16

/** A copy that JSON can carry: bytes as base64, bigints as text, what is too deep or no data left out. */
export function plain(value: unknown, depth = 0): unknown {
  if (typeof value === 'bigint') return `${value}`
  if (value instanceof Uint8Array) return base64(value)
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? undefined : value.toISOString()
  if (typeof value !== 'object' || value === null) return typeof value === 'function' ? undefined : value
  if (depth >= DEPTH) return undefined
  if (Array.isArray(value)) return value.map(each => plain(each, depth + 1) ?? null)
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, plain(each, depth + 1)]))
}

export function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')
}

/** The object that a JSON text is, or undefined for any other text and value. */
export function jsonObject(text: unknown): Loose | undefined {
  if (typeof text !== 'string' || !/^\s*\{/.test(text)) return undefined
  return object(jsonValue(text))
}

/** The value of a JSON text, or undefined where it is none. */
export function jsonValue(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Any JSON, to be looked into. */
export type Loose = { readonly [key: string]: unknown }

export function object(value: unknown): Loose | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array)
    ? (value as Loose)
    : undefined
}

export function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** A whole number from 0 on, also as digits. */
export function count(value: unknown): number | undefined {
  const number = typeof value === 'string' && /^\d{1,16}$/.test(value) ? Number(value) : value
  return Number.isSafeInteger(number) && (number as number) >= 0 ? (number as number) : undefined
}

/** Epoch milliseconds of an ISO 8601 time, of epoch milliseconds, or of a Date. */
export function millis(value: unknown): number | undefined {
  const time =
    value instanceof Date
      ? value.getTime()
      : typeof value === 'string' && !/^\d+$/.test(value)
        ? Date.parse(value)
        : count(value)
  return time === undefined || Number.isNaN(time) || Math.abs(time) > 8.64e15 ? undefined : time
}

/** Without the keys whose value is undefined. */
export function defined<T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as never
}
