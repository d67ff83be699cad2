// One text for a JSON value, whatever the order of its keys.
import { PermanentError } from '@lambent/core'

/** A key, or a part of one, that says nothing: units that have nothing in common would share it. */
export class IdempotencyKeyError extends PermanentError {
  constructor(message: string) {
    super(message, { code: 'IdempotencyKeyError' })
    this.name = 'IdempotencyKeyError'
  }
}

const DEEPEST = 64

/**
 * The JSON of a value with the keys of objects in order.
 * @throws {IdempotencyKeyError} for parts that are undefined, and for what JSON does not have
 */
export function canonical(value: unknown, order: Order = byCodeUnits): string {
  return text(value, '', order, 0)
}

type Order = (keys: string[]) => string[]

/** As RFC 8785 (JSON Canonicalization Scheme) has it. */
export const byCodeUnits: Order = keys => keys.sort()

/**
 * As Powertools has it, which sorts by lower case into an object: those that differ in nothing but case stay in the order
 * of the input, and those that are array indices come first, as an object has them.
 */
export const asPowertools: Order = keys =>
  Object.keys(
    Object.fromEntries(keys.sort((a, b) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1)).map(key => [key, 0])),
  )

function text(value: unknown, path: string, order: Order, depth: number): string {
  const at = path === '' ? 'the idempotency key' : `the part ${path.slice(0, 100)} of the idempotency key`
  if (depth > DEEPEST) throw new IdempotencyKeyError(`${at} is nested deeper than ${DEEPEST} levels, or in a circle`)
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return JSON.stringify(value)
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new IdempotencyKeyError(`${at} is ${value}, which JSON does not have`)
    return JSON.stringify(value)
  }
  if (Array.isArray(value))
    return `[${Array.from(value, (item, index) => text(item, `${path}[${index}]`, order, depth + 1)).join(',')}]`
  if (typeof value === 'object' && isPlain(value)) {
    const keys = order(Object.keys(value))
    const inner = (key: string) => (value as Readonly<Record<string, unknown>>)[key]
    return `{${keys.map(key => `${JSON.stringify(key)}:${text(inner(key), path ? `${path}.${key}` : key, order, depth + 1)}`).join(',')}}`
  }
  if (value instanceof Date && !Number.isNaN(value.getTime())) return JSON.stringify(value)
  throw new IdempotencyKeyError(
    `${at} is ${kindOf(value)}: give text, numbers, booleans, null, and lists and objects of them`,
  )
}

function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null || Object.getPrototypeOf(prototype) === null
}

function kindOf(value: unknown): string {
  return typeof value === 'object' ? `a ${Object(value).constructor?.name ?? 'object'}` : typeof value
}
