// `response(schema)`: what goes out is what the schema says, and nothing else.
import { done, HttpError, type Middleware, type Returns } from '@lambent/core'
import type { StandardSchemaV1 } from '@standard-schema/spec'
import { isSchema, type Schema, validator } from './codec.ts'
import type { Loose } from './envelope.ts'
import { ParseError } from './parse-error.ts'

/** A response with status, in the shape that `http()` takes: recognised by having these keys only. */
export type ResponseOf<Status extends number, Body> = {
  readonly status: Status
  readonly headers?: Readonly<Record<string, string | number | readonly string[] | undefined>> | undefined
  /** Values of `set-cookie`. */
  readonly cookies?: readonly string[] | undefined
} & (undefined extends Body ? { readonly body?: Body } : { readonly body: Body })

/** Schemas by status. */
export type ResponseSchemas = Readonly<Record<number, Schema>>

type InputOf<Of> = Of extends StandardSchemaV1 ? StandardSchemaV1.InferInput<Of> : never
type ByStatus<Of> = {
  [Status in keyof Of & number]: ResponseOf<Status, InputOf<Of[Status]>> | Plain<Status, InputOf<Of[Status]>>
}[keyof Of & number]
// What `http()` makes a 200 and a 204 of.
type Plain<Status, Body> = Status extends 200 ? Alone<Body> : Status extends 204 ? Body & undefined : never

// Without what `http()` would take for a response, or refuse as nearly one: that goes as `body` of a response only.
type Alone<Body> = Body extends unknown ? (IsLike<Body> extends true ? never : Body) : never
type IsLike<Body> = [StatusIn<Body, 'status'> | StatusIn<Body, 'statusCode'>] extends [never]
  ? false
  : [Extract<keyof Body, (typeof TELLING)[number]>] extends [never]
    ? [Exclude<keyof Body, 'status'>] extends [never]
      ? true
      : false
    : true
type StatusIn<Body, Key extends string> = Key extends keyof Body ? Extract<Body[Key], number> : never

/**
 * Validates what the handler returns, a value or `{ status, headers, cookies, body }`, and sends the output of the schema
 * in its place: fields that the schema does not name do not leak. The handler must return the input of the schema, as
 * `body` where it has a `status` of its own and so could be taken for a response.
 *
 * ```ts
 * http().use(response(Order)).handle(({ request }) => load(request.params.id))
 * http().use(response({ 200: Order, 404: Problem })).handle(() => ({ status: 404, body: { title: 'no such order' } }))
 * ```
 *
 * By status, a value alone is a 200, and nothing a 204. Errors that are thrown are not validated.
 *
 * @throws {HttpError} `ResponseMismatch`: 500, permanent, with the ParseError as cause; also for a status without a schema
 */
export function response<Of extends Schema>(
  schema: Of,
): Middleware<unknown, Returns<Alone<InputOf<Of>> | ResponseOf<number, InputOf<Of>>>>
export function response<Of extends ResponseSchemas>(schemas: Of): Middleware<unknown, Returns<ByStatus<Of>>>
export function response(of: Schema | ResponseSchemas): Middleware<unknown, Returns<unknown>> {
  const validate = validators(of)
  return async function response(_ctx, next) {
    const { value } = await next()
    if (likenessOf(value) === 'nearly') return done(value) // http() says what is wrong with it
    const whole = isResponse(value)
    const status = whole ? value.status : value === undefined || value === null ? 204 : 200
    try {
      const body = await validate(status)(whole ? value.body : value, { name: 'response' })
      if (whole) return done({ ...value, body })
      // A body may come to look like a response only now, with fields that the schema has taken out.
      return done(likenessOf(body) === 'body' ? body : { status, body })
    } catch (cause) {
      if (!(cause instanceof ParseError)) throw cause
      throw new HttpError(500, `the handler's ${cause.message}`, { code: 'ResponseMismatch', retryable: false, cause })
    }
  }
}

type Validate = ReturnType<typeof validator>

function validators(of: Schema | ResponseSchemas): (status: number) => Validate {
  if (isSchema(of)) {
    const validate = validator(of)
    return () => validate
  }
  const all = new Map(Object.entries(of).map(([status, schema]) => [Number(status), validator(schema)]))
  return status => all.get(status) ?? missing(status, [...all.keys()])
}

function missing(status: number, known: readonly number[]): Validate {
  const what = `has status ${status}, and there are schemas for ${known.join(', ')} only`
  return () => {
    throw new ParseError('ResponseMismatch', 'response', what)
  }
}

const KEYS = ['status', 'headers', 'cookies', 'body']
const TELLING = ['headers', 'cookies', 'body', 'isBase64Encoded'] as const

/** As `http()` tells a response from a body, and from what it refuses: what is nearly a response. */
function likenessOf(value: unknown): 'response' | 'nearly' | 'body' {
  if (Object.prototype.toString.call(value) !== '[object Object]') return 'body'
  const fields = value as Loose
  const keys = Object.keys(fields).filter(key => fields[key] !== undefined)
  if (isStatus(fields.status) && keys.every(key => KEYS.includes(key))) return 'response'
  const isLike = (isStatus(fields.status) || isStatus(fields.statusCode)) && TELLING.some(key => keys.includes(key))
  return isLike ? 'nearly' : 'body'
}

function isResponse(value: unknown): value is { readonly status: number; readonly body?: unknown } {
  return likenessOf(value) === 'response'
}

function isStatus(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) >= 100 && (value as number) <= 599
}
