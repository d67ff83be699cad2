// What a codec is: it makes a value of a payload. Codecs wrap codecs, and inside of the innermost is a schema.
import { LambentError } from '@lambent/core'
import type { StandardSchemaV1 } from '@standard-schema/spec'
import { ParseError } from './parse-error.ts'
import { unpolluted } from './pollution.ts'

/** Any schema of a library that implements Standard Schema v1. @see https://standardschema.dev */
export type Schema<Output = unknown> = StandardSchemaV1<unknown, Output>

/** Where a payload is, for messages, and what it came with. */
export interface Where {
  /** As messages call it: `body`, and inside of envelopes `body.Message`, `body.detail`, … */
  readonly name: string
  /** The `content-type` of the HTTP request, as it came. */
  readonly contentType?: string | undefined
}

/** Makes a value of a payload: text, bytes, or what Lambda or an outer codec has already parsed. */
export interface Codec<Output = unknown> {
  /**
   * Gives a promise only where it has to wait.
   * @throws {ParseError} when the payload is not what it should be
   */
  decode(raw: unknown, where: Where): Output | Promise<Output>
  /**
   * What the `content-type` of an HTTP request may be: full types in lower case, or suffixes such as `+json`
   * (RFC 6839). Left out, it may be anything.
   */
  readonly mediaTypes?: readonly string[] | undefined
  /** Schemas may have a `decode` too: this tells them apart. */
  readonly '~standard'?: undefined
}

/** What a codec gives, or the output of a schema. */
export type OutputOf<Of> = Of extends StandardSchemaV1
  ? StandardSchemaV1.InferOutput<Of>
  : Of extends Codec<infer Output>
    ? Output
    : never

/** The codec, or for a schema the one that validates a value as it is. */
export function codecOf<Output>(of: Codec<Output> | Schema<Output>): Codec<Output> {
  if (!isSchema(of) && typeof of?.decode === 'function') return of
  const validate = validator(of as Schema<Output>)
  return { decode: (value, where) => validate(parsed(value), where) }
}

/** The codec, or for a schema the validation, of what an outer codec has already decoded. */
export function insideOf<Output>(of: Codec<Output> | Schema<Output>): Codec<Output>['decode'] {
  return isSchema(of) ? validator(of) : codecOf(of).decode.bind(of)
}

export function isSchema(of: unknown): of is Schema {
  return '~standard' in Object(of) // functions too: arktype's schemas are
}

/**
 * The validation by a schema. Reads `~standard` here, once: in some libraries each read makes it anew.
 * @throws {TypeError} when it is no schema
 */
export function validator<Output>(schema: Schema<Output>): (value: unknown, where: Where) => Output | Promise<Output> {
  if (!isSchema(schema))
    throw new TypeError(`expected a codec or a schema that implements Standard Schema v1, not ${typeof schema}`)
  const standard = schema['~standard']
  return (value, where) => {
    const result = standard.validate(value)
    return after(result, result => outputOf(result, value, where))
  }
}

function outputOf<Output>(result: StandardSchemaV1.Result<Output>, value: unknown, where: Where): Output {
  if (!result.issues) return result.value
  throw new ParseError('SchemaMismatch', where.name, 'does not match its schema', {
    status: 422,
    issues: result.issues,
    value,
  })
}

/** A value that a bare schema can validate. Lambda parsed it as JSON, so what that lets in is taken out here. */
function parsed(value: unknown): unknown {
  if (typeof value !== 'string' && !(value instanceof Uint8Array)) return unpolluted(value)
  // A defect of the code, not of the payload: another deployment helps, so it is not permanent.
  throw new LambentError(
    `the payload is ${typeof value === 'string' ? 'text' : 'bytes'}, which a bare schema does not decode: ` +
      'use json(schema) or another codec',
    { code: 'CodecMissing' },
  )
}

/** Goes on with a value, at once where it is there, so that what is synchronous makes no promises. */
export function after<In, Out>(value: In | Promise<In>, next: (value: In) => Out | Promise<Out>): Out | Promise<Out> {
  return value instanceof Promise ? value.then(next) : next(value)
}

/**
 * The results of `work` for all items, at once where they are all there. Where it throws or rejects, the promises of the
 * other items have settled before the first error comes out: none is left to reject with nobody listening, which ends
 * the process, or to go on behind the back of the next invocation. After an item that throws no other is begun.
 */
export function together<Item, Out>(
  items: readonly Item[],
  work: (item: Item, index: number) => Out | Promise<Out>,
): readonly Out[] | Promise<readonly Out[]> {
  const results: (Out | Promise<Out>)[] = []
  const wait = () => results.some(result => result instanceof Promise)
  try {
    for (const [index, item] of items.entries()) results.push(work(item, index))
  } catch (error) {
    if (!wait()) throw error
    results.push(Promise.reject(error))
  }
  return wait() ? Promise.allSettled(results).then(() => Promise.all(results)) : (results as Out[])
}
