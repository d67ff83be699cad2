// A response in the words of Lambda, as middlewares of middy see it, and in those of `http()`.
import { type Context, HttpError } from '@lambent/core'
import { isObject, type Loose } from '@lambent/core/event-kind'

const HTTP = /^aws:(apigateway|lambda-url|elasticloadbalancing)$/

export function isHttp({ unit }: Context): boolean {
  return unit.kind === 'invocation' && HTTP.test(unit.source)
}

/** What the rest of the pipeline gave. A body alone stays one: middlewares of middy put it into a response as well. */
export function toLambda(value: unknown): unknown {
  if (value === undefined || value === null) return { statusCode: 204 }
  if (!isObject(value) || !isStatus(value.status)) return value
  const { status, headers, body, cookies, ...others } = value
  if (Object.keys(others).length > 0) return value // a body that has a status
  const bytes = body instanceof Uint8Array
  return {
    statusCode: status,
    ...(isObject(headers) && { headers: Symbol.iterator in headers ? pairs(headers) : { ...headers } }),
    ...(body !== undefined && { body: bytes ? Buffer.from(body).toString('base64') : body }),
    ...(bytes && { isBase64Encoded: true }),
    ...(cookies !== undefined && { cookies }),
  }
}

function pairs(headers: object): Loose {
  return Object.fromEntries(headers as Iterable<readonly [string, unknown]>)
}

/** What middlewares of middy made of it. */
export function fromLambda(value: unknown): unknown {
  if (!isObject(value) || !isStatus(value.statusCode)) return value
  const {
    statusCode,
    statusDescription: _,
    headers,
    multiValueHeaders,
    cookies,
    body,
    isBase64Encoded,
    ...others
  } = value
  if (Object.keys(others).length > 0) return value
  const repeated = Object.entries({ ...(isObject(multiValueHeaders) && multiValueHeaders) })
  // As API Gateway has it, these stand before the others of their name.
  const names = new Set(repeated.map(([name]) => name.toLowerCase()))
  const single = Object.entries({ ...(isObject(headers) && headers) }).filter(
    ([name]) => !names.has(name.toLowerCase()),
  )
  return {
    status: statusCode,
    headers: [...single, ...repeated],
    ...(body !== undefined && { body: isBase64Encoded === true ? Buffer.from(`${body}`, 'base64') : body }),
    ...(cookies !== undefined && { cookies }),
  }
}

function isStatus(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) >= 100 && (value as number) <= 599
}

/** @middy/http-error-handler reads `statusCode`. */
export function withStatusCode(error: unknown): unknown {
  if (error instanceof HttpError && !('statusCode' in error))
    Object.defineProperty(error, 'statusCode', { value: error.status, configurable: true })
  return error
}
