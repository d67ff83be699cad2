// The request of an event of any kind, in one shape. Nothing is collected or decoded before it is asked for.
import type { HttpKind } from './kind.ts'
import { bare, filled, type Loose, object, text, texts } from './loose.ts'

/** An HTTP request. Its records have no prototype, so that only what was sent is in them. */
export interface HttpRequest {
  /** The shape of the event that it came in. */
  readonly kind: HttpKind
  /** In upper case. */
  readonly method: string
  /**
   * Begins with a slash; without the query, and without the stage where API Gateway puts that before it. As the event
   * has it: percent-encoded, but decoded by API Gateway for HTTP APIs.
   */
  readonly path: string
  /** Names in lower case, repeats joined by `, ` (those of `cookie` by `; `). */
  readonly headers: Readonly<Record<string, string>>
  /** A header by its name in any case. */
  header(name: string): string | undefined
  /** Decoded; an array where a name is repeated. A load balancer without multi-value headers keeps only the last. */
  readonly query: Readonly<Record<string, string | readonly string[]>>
  /** Decoded where they are percent-encoded. Of a repeated name the first, which is the one of the nearest path. */
  readonly cookies: Readonly<Record<string, string>>
  /** Decoded bytes; empty where there is no body. */
  readonly body: Uint8Array
  /** Path parameters of the route, as API Gateway gives them. */
  readonly params: Readonly<Record<string, string>>
  /** API Gateway's stage; `$default` of a function URL; none of a load balancer. */
  readonly stage?: string | undefined
  /** The gateway's id of the request; Lambda's, where the event has none. */
  readonly requestId: string
  /** The address of the client, as the gateway saw it. */
  readonly sourceIp?: string | undefined
  /**
   * What the authorizer says of the caller: the claims of a JWT or Cognito authorizer, the context of a Lambda
   * authorizer, the identity of an IAM authorizer (`iam` of HTTP APIs and function URLs).
   */
  readonly claims?: Readonly<Record<string, unknown>> | undefined
  /** `requestContext.authorizer` as it came. */
  readonly authorizer?: Readonly<Record<string, unknown>> | undefined
}

/** A payload as it came: text, bytes where it came as base64, undefined where there is none. */
export type RawBody = string | Uint8Array | undefined

/** Reads what `unit.raw` is; of base64 always the same bytes. */
export function rawOf(event: Loose): () => RawBody {
  let decoded: Uint8Array | undefined
  return () => {
    const body = text(event.body)
    // A load balancer sends an empty text where there is no body, the others null or nothing.
    if (!body) return undefined
    if (event.isBase64Encoded !== true) return body
    decoded ??= Buffer.from(body, 'base64')
    return decoded
  }
}

/**
 * The request of an event; `raw` reads its payload. An object literal, so that a copy of it has all of it; what is only
 * looked up is no getter, since each of those costs as much as the lookups together.
 */
export function requestOf(kind: HttpKind, event: Loose, raw: () => RawBody, lambdaId: string | undefined): HttpRequest {
  const context = object(event.requestContext) ?? {}
  const authorizer = object(context.authorizer)
  let headers: HttpRequest['headers'] | undefined
  let query: HttpRequest['query'] | undefined
  let cookies: HttpRequest['cookies'] | undefined
  let body: Uint8Array | undefined
  let params: HttpRequest['params'] | undefined
  const request: HttpRequest = {
    kind,
    method: (text(event.httpMethod) ?? text(object(context.http)?.method) ?? '').toUpperCase(),
    path: pathOf(event, context),
    get headers() {
      headers ??= headersOf(event)
      return headers
    },
    header: name => request.headers[name.toLowerCase()],
    get query() {
      query ??= queryOf(kind, event)
      return query
    },
    get cookies() {
      cookies ??= cookiesOf(request.headers.cookie ?? '')
      return cookies
    },
    get body() {
      body ??= bytesOf(raw())
      return body
    },
    get params() {
      params ??= paramsOf(event)
      return params
    },
    stage: text(context.stage),
    requestId: text(context.requestId) ?? lambdaId ?? '',
    get sourceIp() {
      return sourceIpOf(kind, context, request)
    },
    claims: authorizer && claimsOf(kind, authorizer),
    authorizer,
  }
  return request
}

function pathOf(event: Loose, context: Loose): string {
  const path = text(event.rawPath ?? event.path) ?? '/'
  const { domainName, stage, path: full = object(context.http)?.path } = context
  const prefix = `/${text(stage)}`
  // HTTP APIs put the stage before the path where the domain is API Gateway's own; REST APIs never do.
  const staged = path === full && text(domainName)?.includes('.execute-api.')
  if (staged && (path === prefix || path.startsWith(`${prefix}/`))) return path.slice(prefix.length) || '/'
  return path
}

function bytesOf(raw: RawBody = ''): Uint8Array {
  return typeof raw === 'string' ? Buffer.from(raw) : raw
}

function paramsOf(event: Loose): Record<string, string> {
  const params = bare<string>()
  for (const [name, value] of Object.entries(object(event.pathParameters) ?? {}))
    if (typeof value === 'string') params[name] = value
  return params
}

function sourceIpOf(kind: HttpKind, context: Loose, request: HttpRequest): string | undefined {
  if (kind !== 'alb') return text(object(context.identity)?.sourceIp ?? object(context.http)?.sourceIp)
  // The load balancer adds its peer to what the client claims, with the port where it is told to.
  const peer = request.headers['x-forwarded-for']?.split(',').at(-1)?.trim()
  return peer?.replace(/^\[(.*)\](:\d+)?$/, '$1').replace(/^([\d.]+):\d+$/, '$1')
}

function claimsOf(kind: HttpKind, authorizer: Loose): Loose | undefined {
  const { claims, jwt, lambda, iam } = authorizer
  const known = object(claims) ?? object(object(jwt)?.claims) ?? object(lambda) ?? object(iam)
  // A Lambda authorizer of a REST API has its context where others have the name of their kind.
  return known ?? (kind === 'rest' ? authorizer : undefined)
}

function headersOf(event: Loose): Record<string, string> {
  const headers = bare<string>()
  const given = filled(event.multiValueHeaders) ?? object(event.headers) ?? {}
  for (const [spelled, value] of Object.entries(given)) {
    const name = spelled.toLowerCase()
    const values = texts(value)
    const earlier = headers[name]
    if (values.length > 0)
      headers[name] = (earlier === undefined ? values : [earlier, ...values]).join(name === 'cookie' ? '; ' : ', ')
  }
  // HTTP APIs take the header apart, function URLs leave it.
  const cookies = event.cookies
  if (Array.isArray(cookies) && cookies.length > 0) headers.cookie = texts(cookies).join('; ')
  return headers
}

function queryOf(kind: HttpKind, event: Loose): Record<string, string | string[]> {
  const query = bare<string | string[]>()
  const add = (name: string, value: string) => {
    const earlier = query[name]
    if (earlier === undefined) query[name] = value
    else if (typeof earlier === 'string') query[name] = [earlier, value]
    else earlier.push(value)
  }
  // Where repeats are joined by commas, only the query itself tells them from a comma in a value.
  const raw = text(event.rawQueryString)
  if (raw !== undefined) parse(raw, add)
  else {
    const given = filled(event.multiValueQueryStringParameters) ?? object(event.queryStringParameters) ?? {}
    // A load balancer hands on names and values as they were in the URL.
    for (const [name, value] of Object.entries(given))
      for (const each of texts(value))
        if (kind === 'alb') parse(`${name}=${each}`, add)
        else add(name, each)
  }
  return query
}

function parse(query: string, add: (name: string, value: string) => void): void {
  // A leading question mark would be taken for the one that begins the query.
  for (const [name, value] of new URLSearchParams(`&${query}`)) add(name, value)
}

/** @see https://www.rfc-editor.org/rfc/rfc6265#section-5.4 */
function cookiesOf(header: string): Record<string, string> {
  const cookies = bare<string>()
  for (const pair of header.split(';')) {
    const at = pair.indexOf('=')
    const name = pair.slice(0, at).trim()
    if (at < 0 || name in cookies) continue
    const value = pair
      .slice(at + 1)
      .trim()
      .replace(/^"(.*)"$/, '$1')
    cookies[name] = value.includes('%') ? decoded(value) : value
  }
  return cookies
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value)
  } catch {
    return value // a per cent sign that encodes nothing
  }
}
