// What a handler may return, and what of it goes to the client: status, header fields, cookies, text or bytes.
import { LambentError } from '@lambent/core'
import { object } from './loose.ts'

/** Header fields by name in any case; an array for a field that is repeated; undefined for none. */
export type HttpHeaders = Readonly<Record<string, string | number | readonly string[] | undefined>>

/**
 * What a handler returns to say more than a body. Recognised by its keys: an object that has an integer `status` from
 * 100 to 599 and no other keys than these is a response, any other object is a body.
 */
export interface HttpResponse<Body = unknown> {
  readonly status: number
  /** `content-type` stands before the one that the body would get. */
  readonly headers?: HttpHeaders | undefined
  /** Values of `set-cookie`: `session=abc; HttpOnly; Secure`. */
  readonly cookies?: readonly string[] | undefined
  /** Text, bytes, nothing, or a value that goes out as JSON. */
  readonly body?: Body | undefined
}

/** Header fields by name in lower case, with at least one value each. */
export type Headers = ReadonlyMap<string, readonly string[]>

/** A response ready for any kind of event. */
export interface Message {
  readonly status: number
  /** Without `set-cookie`. */
  readonly headers: Headers
  readonly cookies: readonly string[]
  /** Bytes as base64. */
  readonly body: string
  readonly isBase64Encoded: boolean
}

/**
 * The message of what a handler returned, under the headers that every response has.
 * @throws {LambentError} `InvalidResponseError` for what cannot be sent
 */
export function messageOf(value: unknown, defaults: Headers, method: string): Message {
  const response: HttpResponse = isResponse(value)
    ? value
    : { status: value === undefined || value === null ? 204 : 200, body: value }
  const { status } = response
  const headers = new Map([...defaults, ...headersOf(response.headers)])
  const cookies = [...(headers.get('set-cookie') ?? []), ...valuesOf('cookies', response.cookies)]
  headers.delete('set-cookie')

  const empty = status < 200 || status === 204 || status === 205 || status === 304
  const content = empty ? NOTHING : contentOf(response.body)
  if (content.type && !headers.has('content-type')) headers.set('content-type', [content.type])
  const { body, isBase64Encoded } = method === 'HEAD' ? NOTHING : content
  return { status, headers, cookies, body, isBase64Encoded }
}

const KEYS = new Set(['status', 'headers', 'cookies', 'body'])

function isResponse(value: unknown): value is HttpResponse {
  const status = object(value)?.status
  return (
    Number.isInteger(status) &&
    (status as number) >= 100 &&
    (status as number) <= 599 &&
    Object.keys(value as object).every(key => KEYS.has(key))
  )
}

interface Content {
  readonly body: string
  readonly isBase64Encoded: boolean
  readonly type?: string
}

const NOTHING: Content = { body: '', isBase64Encoded: false }

function contentOf(body: unknown): Content {
  if (body === undefined || body === null) return NOTHING
  if (typeof body === 'string') return { body, isBase64Encoded: false, type: 'text/plain; charset=utf-8' }
  if (ArrayBuffer.isView(body)) return binary(Buffer.from(body.buffer, body.byteOffset, body.byteLength))
  if (body instanceof ArrayBuffer) return binary(Buffer.from(body))
  return { body: json(body), isBase64Encoded: false, type: 'application/json' }
}

function binary(bytes: Buffer): Content {
  return { body: bytes.toString('base64'), isBase64Encoded: true, type: 'application/octet-stream' }
}

// JSON makes `{}` of these, without a word.
const NO_JSON = /^(Response|ReadableStream|Blob|File|FormData|Map|Set)$/

function json(value: unknown): string {
  const tag = Object.prototype.toString.call(value).slice(8, -1)
  if (NO_JSON.test(tag))
    throw invalid(`the body is a ${tag}, which JSON cannot carry: return text, bytes or plain values`)
  let text: string | undefined
  try {
    text = JSON.stringify(value)
  } catch (cause) {
    throw invalid('the body cannot be made JSON: the cause says why', cause)
  }
  if (text === undefined) throw invalid(`the body is a ${typeof value}, which JSON cannot carry`)
  return text
}

const TOKEN = /^[\w!#$%&'*+.^`|~-]+$/
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
const CONTROL = /[\0-\x08\x0a-\x1f\x7f]/

/**
 * The header fields that have a value.
 * @throws {LambentError} for a name that is no token (RFC 9110), and for a value with a line break or control character
 */
export function headersOf(given: HttpHeaders | undefined): Headers {
  const headers = new Map<string, readonly string[]>()
  if (given === undefined || given === null) return headers
  if (!object(given)) throw invalid(`headers must be an object, not ${typeof given}`)
  for (const [spelled, value] of Object.entries(given)) {
    if (!TOKEN.test(spelled)) throw invalid(`${JSON.stringify(spelled)} cannot be the name of a header`)
    const name = spelled.toLowerCase()
    const values = valuesOf(`header ${name}`, value)
    if (values.length > 0) headers.set(name, [...(headers.get(name) ?? []), ...values])
  }
  return headers
}

function valuesOf(what: string, value: unknown): readonly string[] {
  if (value === undefined || value === null) return []
  return (Array.isArray(value) ? value : [value]).map(each => {
    if (typeof each === 'object' || typeof each === 'function' || typeof each === 'symbol' || each === undefined)
      throw invalid(`${what} must be text or a number, not ${typeof each}`)
    const text = `${each}`
    if (CONTROL.test(text)) throw invalid(`${what} has a line break or another control character in it`)
    return text
  })
}

function invalid(message: string, cause?: unknown): LambentError {
  return new LambentError(`response: ${message}`, { code: 'InvalidResponseError', cause })
}
