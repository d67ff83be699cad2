// From the text or the bytes of a secret to its value: JSON where asked for, then any Standard Schema.
import type { StandardSchemaV1 } from '@standard-schema/spec'
import { SecretError } from './secret-error.ts'

export interface DecodeOptions {
  /** Any Standard Schema: zod, valibot, arktype, … */
  readonly schema?: StandardSchemaV1 | undefined
  /** Whether the text is JSON. */
  readonly json?: boolean | undefined
}

/** What `decode` makes of a text. */
export type Decoded<Options, Plain> = Options extends { readonly schema: infer Schema extends StandardSchemaV1 }
  ? StandardSchemaV1.InferOutput<Schema>
  : Options extends { readonly json: true }
    ? unknown
    : Plain

export function decode(secret: string, raw: unknown, { schema, json = false }: DecodeOptions): unknown {
  const value = json ? parse(secret, raw) : raw
  if (!schema) return freeze(value)
  const outcome = schema['~standard'].validate(value)
  return outcome instanceof Promise ? outcome.then(result => output(secret, result)) : output(secret, outcome)
}

function parse(secret: string, raw: unknown): unknown {
  const text = raw instanceof Uint8Array ? Buffer.from(raw).toString('utf8') : String(raw)
  try {
    return JSON.parse(text)
  } catch {
    // The error of JSON.parse quotes the text.
    throw new SecretError(secret, 'malformed', 'its text is no JSON; for plain text leave out json, or set json: false')
  }
}

function output(secret: string, result: StandardSchemaV1.Result<unknown>): unknown {
  if (!result.issues) return freeze(result.value)
  // Messages of schema libraries may quote the value: the paths are enough to find what is wrong.
  const paths = result.issues
    .slice(0, 5)
    .map(({ path = [] }) => path.map(part => String(typeof part === 'object' ? part.key : part)).join('.') || 'its top')
  throw new SecretError(secret, 'malformed', `it does not fit its schema, at ${[...new Set(paths)].join(', ')}`)
}

const INSPECT = Symbol.for('nodejs.util.inspect.custom')

/** So that nobody changes what is cached, and nobody prints it by accident. Instances of classes stay as they are. */
export function freeze(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  const prototype = Object.getPrototypeOf(value)
  if (!Array.isArray(value) && prototype !== Object.prototype && prototype !== null) return value
  for (const inner of Object.values(value)) freeze(inner)
  Object.defineProperty(value, INSPECT, { value: () => '[secret]' })
  return Object.freeze(value)
}
