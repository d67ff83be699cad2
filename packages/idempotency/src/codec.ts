// Results as text, so that a replay equals the first: JSON, and `{"$lambent":[<type>,<value>]}` for what JSON lacks.
//
// | type    | value                                            |
// | ------- | ------------------------------------------------ |
// | undefined | none                                           |
// | number  | `NaN`, `Infinity`, `-Infinity`, `-0`             |
// | bigint  | its digits                                       |
// | Date    | epoch ms, null if it is none                     |
// | bytes   | base64: Uint8Array, Buffer, ArrayBuffer          |
// | Map     | list of [key, value]                             |
// | Set     | list                                             |
// | Error   | name, message, code, retryable, status, …        |
// | object  | an object of one's own with the key `$lambent`   |
// | symbols | an object, and its keys of `Symbol.for()`        |
import { HttpError, LambentError } from '@lambent/core'

const TAG = '$lambent'
const DEEPEST = 200

/** A result that can't be kept. It names where, never what. */
export class ResultError extends LambentError {
  constructor(message: string) {
    super(message, { code: 'IdempotencyResult' }, 'IdempotencyResultError', false)
  }
}

/** @throws {ResultError} for functions, symbols of one's own, circles, and instances of classes */
export function encode(value: unknown): string {
  return JSON.stringify(plain(value, 'the result', 0))
}

export function decode(text: string): unknown {
  return lively(JSON.parse(text))
}

const tagged = (type: string, ...value: readonly unknown[]) => ({ [TAG]: [type, ...value] })

function plain(value: unknown, path: string, depth: number): unknown {
  if (depth > DEEPEST) throw new ResultError(`${path.slice(0, 100)}… is nested too deep, or in a circle`)
  const inner = (each: unknown, name: string) => plain(each, `${path}${name}`, depth + 1)
  switch (typeof value) {
    case 'undefined':
      return tagged('undefined')
    case 'bigint':
      return tagged('bigint', `${value}`)
    case 'number':
      return Number.isFinite(value) && !Object.is(value, -0)
        ? value
        : tagged('number', Object.is(value, -0) ? '-0' : `${value}`)
    case 'string':
    case 'boolean':
      return value
    case 'object':
      break
    default:
      throw new ResultError(`${path.slice(0, 100)} is a ${typeof value}, which can’t be stored: return plain data`)
  }
  if (value === null) return null
  if (Array.isArray(value)) return Array.from(value, (item, index) => inner(item, `[${index}]`))
  if (value instanceof Date) return tagged('Date', value.getTime())
  if (value instanceof Uint8Array || value instanceof ArrayBuffer)
    return tagged('bytes', base64(value), kindOfBytes(value))
  if (value instanceof Map)
    return tagged(
      'Map',
      Array.from(value, ([key, item]) => [inner(key, '(key)'), inner(item, '(value)')]),
    )
  if (value instanceof Set)
    return tagged(
      'Set',
      Array.from(value, item => inner(item, '(member)')),
    )
  if (value instanceof Error) return tagged('Error', inner(errorFields(value), '(error)'))
  const prototype = Object.getPrototypeOf(value)
  if (prototype !== null && prototype !== Object.prototype && Object.getPrototypeOf(prototype) !== null)
    throw new ResultError(`${path.slice(0, 100)} is an instance of a class, which can’t be stored: return plain data`)
  const own = Object.fromEntries(Object.entries(value).map(([key, item]) => [key, inner(item, `.${key}`)]))
  // Brands, such as that of drop(): a replay is nothing else than the first was.
  const symbols = Object.getOwnPropertySymbols(value).map(symbol => {
    const name = Symbol.keyFor(symbol)
    if (name === undefined)
      throw new ResultError(`${path.slice(0, 100)} has a symbol as a key, which can’t be stored: return plain data`)
    return [name, inner((value as Readonly<Record<symbol, unknown>>)[symbol], `[${name}]`)]
  })
  if (symbols.length > 0) return tagged('symbols', own, symbols)
  return TAG in own ? tagged('object', own) : own
}

function base64(value: Uint8Array | ArrayBuffer): string {
  const bytes =
    value instanceof ArrayBuffer ? Buffer.from(value) : Buffer.from(value.buffer, value.byteOffset, value.byteLength)
  return bytes.toString('base64')
}

function kindOfBytes(value: Uint8Array | ArrayBuffer): string {
  if (value instanceof ArrayBuffer) return 'ArrayBuffer'
  return Buffer.isBuffer(value) ? 'Buffer' : 'Uint8Array'
}

const LAZY: Readonly<Record<string, (value: never, more: never) => unknown>> = {
  undefined: () => undefined,
  bigint: (digits: string) => BigInt(digits),
  number: (digits: string) => Number(digits),
  Date: (ms: number | null) => new Date(ms ?? Number.NaN),
  bytes: (text: string, kind: string) => {
    const bytes = Buffer.from(text, 'base64')
    if (kind === 'Buffer') return bytes
    const own = new Uint8Array(bytes)
    return kind === 'ArrayBuffer' ? own.buffer : own
  },
  Map: (entries: readonly [unknown, unknown][]) => new Map(entries.map(([key, value]) => [lively(key), lively(value)])),
  Set: (members: readonly unknown[]) => new Set(members.map(lively)),
  Error: (fields: object) => errorOf(lively(fields) as ErrorFields),
  object: (value: object) => entriesOf(value),
  symbols: (value: object, symbols: readonly [string, unknown][]) =>
    Object.assign(
      entriesOf(value) as object,
      Object.fromEntries(symbols.map(([name, item]) => [Symbol.for(name), lively(item)])),
    ),
}

function lively(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(lively)
  if (typeof value !== 'object' || value === null) return value
  const tag = (value as { readonly [TAG]?: unknown })[TAG]
  if (Array.isArray(tag)) {
    const [type, inner, more] = tag
    const make = Object.hasOwn(LAZY, type) ? LAZY[type] : undefined
    if (make) return make(inner as never, more as never)
  }
  return entriesOf(value)
}

function entriesOf(value: object): unknown {
  const own: Record<string, unknown> = {}
  // `__proto__` is a key like any other.
  for (const [key, item] of Object.entries(value))
    Object.defineProperty(own, key, { value: lively(item), enumerable: true, writable: true, configurable: true })
  return own
}

interface ErrorFields {
  readonly name: string
  readonly message: string
  readonly code?: string
  readonly retryable?: boolean
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly extensions?: Readonly<Record<string, unknown>>
}

const FIELDS = ['code', 'retryable', 'status', 'headers', 'extensions'] as const

function errorFields(error: Error): Record<string, unknown> {
  const { name, message } = error
  const own = error as Error & Partial<ErrorFields>
  return {
    name,
    message,
    ...Object.fromEntries(FIELDS.flatMap(key => (own[key] === undefined ? [] : [[key, own[key]]]))),
  }
}

/** The same name, message, code and policy; an HttpError where it had a status. */
function errorOf({ name, message, code, retryable, status, headers, extensions }: ErrorFields): Error {
  const options = { ...(code !== undefined && { code }), ...(retryable !== undefined && { retryable }) }
  const error =
    typeof status === 'number'
      ? new HttpError(status, message, { ...options, ...(headers && { headers }), ...(extensions && { extensions }) })
      : new LambentError(message, options, name)
  error.name = name
  return error
}
