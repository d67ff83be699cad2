// Payloads as their event carries them: text, or base64 of bytes.
import { toJson } from './json.ts'

/** A payload that the event carries as text: text as it is, anything else as its JSON. */
export type TextBody = string | object

/** A payload that the event carries in base64: base64 text as it is, bytes encoded, anything else its JSON encoded. */
export type Base64Body = string | Uint8Array | object

/** @throws TypeError for bytes, which text cannot carry, and for what JSON cannot carry. */
export function asText(body: TextBody, name: string): string {
  return typeof body === 'string' ? body : toJson(body, name)
}

/** @throws TypeError for what JSON cannot carry. */
export function asBase64(body: Base64Body, name: string): string {
  if (typeof body === 'string') return body
  const bytes = body instanceof Uint8Array ? body : Buffer.from(toJson(body, name))
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')
}

/**
 * The one field of an override that holds a payload, encoded, to lay over the rest of it: nothing when the field is not
 * there, and still `undefined` when it is there to delete the event's.
 */
export function encodedField<Key extends string, Body>(
  overrides: { readonly [Name in Key]?: Body | undefined },
  key: Key,
  encode: (body: Body, name: string) => string,
): { readonly [Name in Key]?: string | undefined } {
  const body = overrides[key]
  const field = Object.hasOwn(overrides, key) ? { [key]: body === undefined ? undefined : encode(body, key) } : {}
  return field as { readonly [Name in Key]?: string | undefined }
}
