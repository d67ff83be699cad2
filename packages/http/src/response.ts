// What a handler may return, and what of it goes to the client: status, header fields, cookies, text or bytes.
import { LambentError } from '@lambent/core'
import type { Loose } from './loose.ts'

type FieldValue = string | number | readonly string[] | undefined

/**
 * Header fields by name in any case; an array for a field that is repeated; undefined for none. An object, or pairs: a
 * Map, web Headers.
 */
export type HttpHeaders = Readonly<Record<string, FieldValue>> | Iterable<readonly [name: string, value: FieldValue]>

/**
 * What a handler returns to say more than a body. Recognised by its keys: a plain object that has an integer `status`
 * from 100 to 599 and no other keys than these is a response, any other value is a body. One that is almost a response
 * (such a `status` or `statusCode`, with `headers`, `cookies`, `body` or `isBase64Encoded`, and a key that a response does
 * not have) is neither, and answered with 500. A key that is undefined counts as absent.
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
 * What a handler returned as a response.
 * @throws {LambentError} `InvalidResponseError` for what is almost one
 */
export function responseOf(value: unknown): HttpResponse {
  if (isResponse(value)) return value
  return { status: value === undefined || value === null ? 204 : 200, body: value }
}

/**
 * The message of a response, under the headers that every response has.
 * @throws {LambentError} `InvalidResponseError` for what cannot be sent
 */
export function messageOf(response: HttpResponse, defaults: Headers, method: string): Message {
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

const KEYS = ['status', 'headers', 'cookies', 'body']
// Those that make an object with a status look like a response; the last is of Lambda's own.
const TELLING = ['headers', 'cookies', 'body', 'isBase64Encoded']

// @lambent/schema tells them apart by the same rule.
function isResponse(value: unknown): value is HttpResponse {
  // A web Response or an Error is a body, and refused as one.
  if (tagOf(value) !== 'Object') return false
  const fields = value as Loose
  const is = isStatus(fields.status)
  if (!is && !isStatus(fields.statusCode)) return false
  const keys = Object.keys(fields).filter(key => fields[key] !== undefined)
  const unknown = keys.find(key => !KEYS.includes(key))
  if (is && unknown === undefined) return true
  if (!keys.some(key => TELLING.includes(key))) return false
  throw invalid(
    `${KEYS.join(', ')} are the keys of a response, and what was returned has the key ${unknown ?? 'statusCode'} too: ` +
      'rename or remove it, or send the object as JSON by { status: 200, body: object }',
  )
}

export function isStatus(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 100 && (value as number) <= 599
}

function tagOf(value: unknown): string {
  return Object.prototype.toString.call(value).slice(8, -1)
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

// JSON makes `{}` of these, or what is left of an Error, without a word.
const NO_JSON =
  /^(Blob|DOMException|Error|File|FormData|Headers|Map|Promise|Response|Set|URLSearchParams)$|Generator|Iterator/

function json(value: NonNullable<unknown>): string {
  const { then, pipe, [Symbol.asyncIterator]: next }: { [key: PropertyKey]: unknown } = value
  const tag = tagOf(value)
  if (typeof then === 'function') throw uncarried('Promise')
  if (typeof pipe === 'function' || typeof next === 'function') throw uncarried('stream')
  if (NO_JSON.test(tag)) throw uncarried(tag)
  let text: string | undefined
  try {
    text = JSON.stringify(value)
  } catch (cause) {
    throw invalid('the body cannot be made JSON: the cause says why', cause)
  }
  if (text === undefined) throw uncarried(typeof value)
  return text
}

function uncarried(type: string): LambentError {
  return invalid(
    `JSON cannot carry a body of type ${type}: throw errors, await promises, read streams to their end, ` +
      'and return text, bytes or plain values',
  )
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
  if (typeof given !== 'object') throw invalid(`headers must be an object, not ${typeof given}`)
  for (const pair of Symbol.iterator in given ? given : Object.entries(given)) {
    const [spelled, value] = Array.isArray(pair) ? pair : []
    if (typeof spelled !== 'string' || !TOKEN.test(spelled))
      throw invalid(`${JSON.stringify(spelled)} cannot be the name of a header`)
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
