// What all envelopes do: JSON text, or what is already parsed, as an object with fields that are yet unknown.
import type { Where } from './codec.ts'
import { parseJson } from './json/parse-json.ts'
import { ParseError } from './parse-error.ts'
import { notThat, textOf } from './raw.ts'

/** An object that nothing is known of. */
export type Loose = Readonly<Record<string, unknown>>

export function isObject(value: unknown): value is Loose {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array)
}

/** @throws {ParseError} `EmptyBody`, `MalformedJson`, `MalformedUtf8`, `UnexpectedType` when there is no JSON object */
export function objectOf(raw: unknown, where: Where, what: string): Loose {
  const value = typeof raw === 'string' || raw instanceof Uint8Array ? parseJson(textOf(raw, where), where.name) : raw
  if (isObject(value)) return value
  throw value === null && raw !== null ? otherwise(where, what, 'it is null') : notThat(what, value, where)
}

/** The error of an object that is not the envelope that was expected. */
export function otherwise({ name }: Where, expected: string, why: string): ParseError {
  return new ParseError('MalformedEnvelope', name, `expected ${expected}: ${why}`)
}
