// One HTTP request, from which each kind of HTTP event fills all the places where it carries a part of it.
import { hexId } from './ids.ts'
import { toJson } from './json.ts'
import type { Overrides } from './merge.ts'

/** A request in plain terms. */
export interface HttpRequest {
  /** @default 'POST' where there is a body, else 'GET' */
  readonly method?: string | undefined
  /**
   * Begins with a slash; without the stage and the query. It is put into the event as it is, neither encoded nor decoded.
   * @default '/'
   */
  readonly path?: string | undefined
  /** Plain text, not URL-encoded; an array for a parameter that is repeated. */
  readonly query?: { readonly [name: string]: string | readonly string[] | undefined } | undefined
  /** Laid over those of a plain HTTPS client, whatever the case; an array for a repeated one, `undefined` for none. */
  readonly headers?: { readonly [name: string]: string | readonly string[] | undefined } | undefined
  /** By name, or as `name=value` texts. */
  readonly cookies?: { readonly [name: string]: string } | readonly string[] | undefined
  /**
   * Text as it is; bytes as base64 with `isBase64Encoded`; anything else as JSON, with a content type of
   * `application/json` unless the headers have one.
   */
  readonly body?: string | Uint8Array | object | null | undefined
}

/** A request in plain terms, and what else of the event to lay over the result. */
export type HttpOverrides<Event> = HttpRequest & Omit<Overrides<Event>, keyof HttpRequest>

/** A header or query parameter with its values, in the order in which they were sent. */
export type Field = readonly [name: string, values: readonly string[]]

/** A request as it is on the wire. */
export interface WireRequest {
  readonly method: string
  readonly path: string
  readonly query: readonly Field[]
  /** Without `Cookie`. */
  readonly headers: readonly Field[]
  /** `name=value` texts. */
  readonly cookies: readonly string[]
  readonly body: string | undefined
  readonly isBase64Encoded: boolean
  readonly host: string
  readonly userAgent: string
  readonly sourceIp: string
}

/**
 * @throws TypeError when the path does not begin with a slash or holds a query, and for a body that JSON cannot carry.
 */
export function wireRequest(request: HttpRequest, host: string, millis: number): WireRequest {
  const path = request.path ?? '/'
  if (!path.startsWith('/')) throw new TypeError(`path must begin with a slash: ${JSON.stringify(path)}`)
  if (/[?#]/.test(path)) throw new TypeError(`path must hold no query or fragment (use query): ${JSON.stringify(path)}`)
  const payload = payloadOf(request.body)
  const headers = new Map<string, Field>([
    ['accept', ['accept', ['*/*']]],
    ...(payload.contentType ? [['content-type', ['content-type', [payload.contentType]]] as const] : []),
    ...(payload.bytes > 0 ? [['content-length', ['content-length', [String(payload.bytes)]]] as const] : []),
    ['host', ['host', [host]]],
    ['user-agent', ['user-agent', ['curl/8.12.1']]],
    ['x-amzn-trace-id', ['x-amzn-trace-id', [`Root=1-${traceTime(millis)}-${hexId('trace', 0, 24)}`]]],
    ['x-forwarded-for', ['x-forwarded-for', ['203.0.113.10']]],
    ['x-forwarded-port', ['x-forwarded-port', ['443']]],
    ['x-forwarded-proto', ['x-forwarded-proto', ['https']]],
  ])
  const given = new Map<string, Field>()
  for (const [name, value] of Object.entries(request.headers ?? {})) {
    const key = name.toLowerCase()
    headers.delete(key)
    const [spelling, before] = given.get(key) ?? [name, []]
    given.set(key, [spelling, [...before, ...listOf(value)]])
  }
  const cookieHeader = given.get('cookie')?.[1] ?? []
  given.delete('cookie')
  const all = [...headers, ...given].filter(([, [, values]]) => values.length > 0)
  const byName = new Map(all)
  const last = (name: string): string | undefined => byName.get(name)?.[1].at(-1)
  return {
    method: request.method ?? (payload.body === undefined ? 'GET' : 'POST'),
    path,
    query: Object.entries(request.query ?? {})
      .map(([name, value]) => [name, listOf(value)] as const)
      .filter(([, values]) => values.length > 0),
    headers: all.map(([, field]) => field),
    cookies: [...cookieHeader.flatMap(splitCookies), ...cookieTexts(request.cookies ?? [])],
    body: payload.body,
    isBase64Encoded: payload.isBase64Encoded,
    host: last('host') ?? host,
    userAgent: last('user-agent') ?? '',
    // The gateway adds the address of its peer to what the client sent: the last one is the one it saw.
    sourceIp: last('x-forwarded-for')?.split(',').at(-1)?.trim() ?? '203.0.113.10',
  }
}

/** The first label of a host name: API Gateway's `domainPrefix`. */
export function domainPrefix(host: string): string {
  return host.split('.')[0] ?? host
}

/** An object of one value a name, made of all its values. */
export function single(fields: readonly Field[], join: (values: readonly string[]) => string): Record<string, string> {
  return Object.fromEntries(fields.map(([name, values]) => [name, join(values)]))
}

/** An object of all values a name. */
export function multiple(fields: readonly Field[]): Record<string, string[]> {
  return Object.fromEntries(fields.map(([name, values]) => [name, [...values]]))
}

/** The value that was sent last. */
export function lastOf(values: readonly string[]): string {
  return values.at(-1) ?? ''
}

/** All values with commas in between. */
export function joined(values: readonly string[]): string {
  return values.join(',')
}

/** Headers with names in lower case, as HTTP/2 and most AWS sources have them. */
export function lowerCase(headers: readonly Field[]): readonly Field[] {
  return headers.map(([name, values]) => [name.toLowerCase(), values])
}

/** Headers with those that are still all in lower case spelled as HTTP/1.1 clients do: `Content-Type`. */
export function titleCase(headers: readonly Field[], keep: HttpRequest['headers']): readonly Field[] {
  const spelled = new Set(Object.keys(keep ?? {}))
  return headers.map(([name, values]) => [
    spelled.has(name) ? name : name.replace(/(^|-)[a-z]/g, letter => letter.toUpperCase()),
    values,
  ])
}

/** The `Cookie` header, if there are cookies. */
export function cookieField(name: string, cookies: readonly string[]): readonly Field[] {
  return cookies.length > 0 ? [[name, [cookies.join('; ')]]] : []
}

/** Names and values URL-encoded. */
export function encoded(query: readonly Field[]): readonly Field[] {
  return query.map(([name, values]) => [encodeURIComponent(name), values.map(encodeURIComponent)])
}

/** The query as it was in the URL. */
export function queryString(query: readonly Field[]): string {
  return encoded(query)
    .flatMap(([name, values]) => values.map(value => `${name}=${value}`))
    .join('&')
}

/**
 * The path parameters of a route such as `/orders/{id}` or `/{proxy+}`; undefined where the route has none or the path
 * is not one of its.
 */
export function pathParameters(route: string, path: string): Record<string, string> | undefined {
  const parts = path.split('/')
  const found: Record<string, string> = {}
  const names = route.split('/')
  for (const [index, name] of names.entries()) {
    const [, parameter, greedy] = /^\{(.+?)(\+)?\}$/.exec(name) ?? []
    const part = parts[index]
    if (part === undefined || (parameter === undefined && part !== name)) return undefined
    if (parameter === undefined) continue
    if (greedy) return { ...found, [parameter]: parts.slice(index).join('/') }
    found[parameter] = part
  }
  return parts.length === names.length && Object.keys(found).length > 0 ? found : undefined
}

interface Payload {
  readonly body: string | undefined
  readonly bytes: number
  readonly isBase64Encoded: boolean
  readonly contentType: string | undefined
}

function payloadOf(body: HttpRequest['body']): Payload {
  if (body === undefined || body === null) {
    return { body: undefined, bytes: 0, isBase64Encoded: false, contentType: undefined }
  }
  if (body instanceof Uint8Array) {
    const base64 = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('base64')
    return { body: base64, bytes: body.byteLength, isBase64Encoded: true, contentType: undefined }
  }
  const text = typeof body === 'string' ? body : toJson(body, 'body')
  const contentType = typeof body === 'string' ? undefined : 'application/json'
  return { body: text, bytes: Buffer.byteLength(text), isBase64Encoded: false, contentType }
}

function listOf(value: string | readonly string[] | undefined): readonly string[] {
  if (value === undefined) return []
  return typeof value === 'string' ? [value] : value
}

function splitCookies(header: string): readonly string[] {
  return header.split(/;\s*/).filter(cookie => cookie !== '')
}

function cookieTexts(cookies: NonNullable<HttpRequest['cookies']>): readonly string[] {
  return isList(cookies) ? cookies : Object.entries(cookies).map(([name, value]) => `${name}=${value}`)
}

// Array.isArray does not narrow a readonly array out of a union.
function isList(value: NonNullable<HttpRequest['cookies']>): value is readonly string[] {
  return Array.isArray(value)
}

function traceTime(millis: number): string {
  return Math.floor(millis / 1000)
    .toString(16)
    .padStart(8, '0')
}
