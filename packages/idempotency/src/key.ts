// The key of a record: who asks, and for what.
import { asPowertools, canonical, IdempotencyKeyError } from './canonical.ts'

export type Format = 'lambent' | 'powertools'

export interface KeyParts {
  readonly format: Format
  /** @default the function's name */
  readonly prefix: string
  readonly tenantId: string | undefined
  /** Algorithm of node:crypto. @default sha256; of Powertools' format md5 */
  readonly hash: string | undefined
}

/**
 * `<prefix>#<hash>`. In Powertools' format the hash is base64 of what Powertools hashes, and a tenant is part of the
 * prefix; otherwise it is base64url of tenant and value.
 * @throws {IdempotencyKeyError} for values that JSON does not have
 */
export function keyOf(value: unknown, { format, prefix, tenantId, hash }: KeyParts): string {
  if (format === 'powertools')
    return `${tenantId === undefined ? prefix : `${prefix}#${tenantId}`}#${hashOf(value, format, hash)}`
  return `${prefix}#${digest(`${canonical(tenantId ?? null)}${canonical(value)}`, hash ?? 'sha256', 'base64url')}`
}

/** The hash of a validated part. */
export function hashOf(value: unknown, format: Format, hash: string | undefined): string {
  if (format === 'powertools') return digest(canonical(value, asPowertools), hash ?? 'md5', 'base64')
  return digest(canonical(value), hash ?? 'sha256', 'base64url')
}

function digest(text: string, algorithm: string, encoding: 'base64' | 'base64url'): string {
  return process.getBuiltinModule('node:crypto').hash(algorithm, text, encoding)
}

/** @throws {TypeError} for an algorithm that there is not */
export function mustBeHash(hash: string | undefined): void {
  if (hash === undefined) return
  try {
    digest('', hash, 'base64')
  } catch {
    throw new TypeError(`idempotent({ hash }) takes an algorithm of node:crypto, such as sha256, not ${hash}`)
  }
}

/** Whether a key says nothing. Its parts are looked at where it is made a text. */
export function isMissing(value: unknown): boolean {
  if (value === undefined || value === null || value === '') return true
  if (typeof value !== 'object' || value instanceof Date) return false
  return Object.values(value).every(isMissing)
}

export { IdempotencyKeyError }
