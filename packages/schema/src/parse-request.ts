// `parseRequest({ body, query, path, headers, cookies })`: the parts of an HTTP request, each by its schema, and one
// error for all of them.
import type { Middleware } from '@lambent/core'
import { type Codec, isSchema, type OutputOf, type Schema, together, validator } from './codec.ts'
import { json } from './json/json.ts'
import { bodyDecoder, type ParseOptions } from './parse.ts'
import { isParseError, ParseError } from './parse-error.ts'
import { unpolluted } from './pollution.ts'

/** What is read of a request; that of `http()` fits. */
export interface RequestParts {
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>
  /** Decoded; an array where a name is repeated. */
  readonly query: Readonly<Record<string, string | readonly string[]>>
  /** Path parameters. */
  readonly params: Readonly<Record<string, string | undefined>>
  readonly cookies: Readonly<Record<string, string | undefined>>
}

/** The parts to parse: those that are given are provided. */
export interface RequestSchemas {
  /** A codec, or a schema for JSON. */
  readonly body?: Codec | Schema
  /** For an object of text, or of arrays of text where a name is repeated. */
  readonly query?: Schema
  /** For an object of text: the path parameters of the route. */
  readonly path?: Schema
  /** For an object of text, with names in lower case. */
  readonly headers?: Schema
  /** For an object of text. */
  readonly cookies?: Schema
}

/** What `parseRequest` provides. */
export type ParsedRequest<Of> = { readonly [Part in keyof Of]: OutputOf<Of[Part]> }

// The sentences are what the compiler says of what does not fit; the index signature lets it come so far.
type AnyParts = RequestSchemas | { readonly [part: string]: Codec | Schema }
type Fitting<Of> = {
  readonly [Part in keyof Of]: Part extends 'body'
    ? Codec | Schema
    : Part extends keyof RequestSchemas
      ? Of[Part] extends Schema | undefined
        ? Of[Part]
        : `parseRequest() takes a codec for the body only: ${Part} needs a schema`
      : `parseRequest() has no part ${Part & string}: body, query, path, headers and cookies are there`
}
type RequestContext = { readonly request: RequestParts; readonly unit: { readonly raw: unknown } }
type Read = (ctx: RequestContext) => unknown

/**
 * Validates the parts of a request and provides them as `ctx.body`, `ctx.query`, `ctx.path`, `ctx.headers` and
 * `ctx.cookies`: exactly those that have a schema.
 *
 * ```ts
 * http().use(parseRequest({ body: Order, query: z.object({ dryRun: z.stringbool().default(false) }) }))
 * ```
 *
 * @throws {ParseError} with the issues of all parts, each with `in`: 400, or 422 where only the body is against its
 *   schema; 413 and 415 of the body alone
 * @throws {TypeError} at definition, for a part that there is not
 */
export function parseRequest<Of extends AnyParts>(
  schemas: Of & Fitting<Of>,
  options: ParseOptions = {},
): Middleware<{ readonly request: RequestParts }, ParsedRequest<Of>> {
  const all: [part: string, of: Codec | Schema][] = Object.entries(schemas)
  const readers = all.map(([part, of]) => [part, reader(part, of, options)] as const)
  return function parseRequest(ctx, next) {
    const parsed: Record<string, unknown> = {}
    const failed: [part: string, error: ParseError][] = []
    const read = together(readers, ([part, read]) => {
      const keep = (value: unknown) => {
        parsed[part] = value
      }
      const fail = (error: unknown) => {
        if (!isParseError(error) || error.status === 413 || error.status === 415) throw error
        failed.push([part, error])
      }
      try {
        const value = read(ctx)
        return value instanceof Promise ? value.then(keep, fail) : keep(value)
      } catch (error) {
        return fail(error)
      }
    })
    const end = () => {
      if (failed.length > 0) throw combined(failed)
      return next(parsed as ParsedRequest<Of>)
    }
    return read instanceof Promise ? read.then(end) : end()
  }
}

function reader(part: string, of: Codec | Schema, { maxBytes }: ParseOptions): Read {
  if (part === 'body') {
    const decode = bodyDecoder(isSchema(of) ? json(of) : of, maxBytes)
    return ctx => decode(ctx.unit.raw, ctx.request.headers['content-type'])
  }
  const from = PARTS.get(part)
  if (!from) throw new TypeError(`parseRequest() has no part ${part}: body, query, path, headers and cookies are there`)
  const validate = validator(of as Schema)
  const where = { name: part }
  return ctx => validate(unpolluted(ctx.request[from]), where)
}

const PARTS: ReadonlyMap<string, keyof RequestParts> = new Map([
  ['query', 'query'],
  ['path', 'params'],
  ['headers', 'headers'],
  ['cookies', 'cookies'],
])

function combined(failed: readonly [part: string, error: ParseError][]): ParseError {
  const errors = failed.map(([, error]) => error)
  const codes = new Set(errors.map(error => error.code))
  const [code = 'InvalidRequest'] = codes
  return new ParseError(codes.size > 1 ? 'InvalidRequest' : code, 'request', 'invalid', {
    status: failed.some(([part]) => part !== 'body') ? 400 : (errors[0]?.status ?? 400),
    issues: failed.flatMap(([part, { issues }]) => issues.map(issue => ({ in: part, ...issue }))),
    omitted: errors.reduce((sum, { extensions }) => sum + Number(extensions.omittedIssues ?? 0), 0),
    cause: errors.length > 1 ? new AggregateError(errors) : errors[0],
  })
}
