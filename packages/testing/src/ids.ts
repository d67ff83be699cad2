// Ids that look like AWS's and follow from a name and a place in the batch: unique in an event, the same in every run.
import { createHash } from 'node:crypto'
import { isPlainObject } from './merge.ts'

/** The account that AWS's documentation uses. */
export const account = '123456789012'
/** The region of every event, unless an ARN in it says otherwise. */
export const region = 'eu-west-1'

function digest(name: string, index: number): Buffer {
  return createHash('sha512').update(`${name}/${index}`).digest()
}

/** Hexadecimal digits, at most 128. */
export function hexId(name: string, index: number, length: number): string {
  return digest(name, index).toString('hex').slice(0, length)
}

/** Base64 text that decodes to `bytes` bytes, at most 64. */
export function base64Id(name: string, index: number, bytes: number): string {
  return digest(name, index).subarray(0, bytes).toString('base64')
}

/** A version 4 UUID. */
export function uuid(name: string, index: number): string {
  const hex = hexId(name, index, 32)
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`
}

/** `first` plus `index` as decimal digits, as many as `first` has, so that numbers and texts sort alike. */
export function sequenceNumber(first: string, index: number): string {
  return String(BigInt(first) + BigInt(index)).padStart(first.length, '0')
}

/** The region in an ARN. */
export function regionOf(arn: string): string {
  return arn.split(':')[3] || region
}

/**
 * `overrides` without what equals the ids of the first record of a batch. Records made one by one all have those; an
 * event drops them, and numbers its records by their place.
 */
export function withoutIds<T>(overrides: T, ids: object): T {
  return dropEqual(overrides, ids) as T
}

function dropEqual(value: unknown, ids: unknown): unknown {
  if (!isPlainObject(value) || !isPlainObject(ids)) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key, inner]) => !(Object.hasOwn(ids, key) && typeof inner === 'string' && inner === ids[key]))
      .map(([key, inner]) => [key, Object.hasOwn(ids, key) ? dropEqual(inner, ids[key]) : inner]),
  )
}
