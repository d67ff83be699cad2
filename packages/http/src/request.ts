// The request of an event of any kind, in one shape. Nothing is read or decoded before it is asked for.
import type { HttpKind } from './kind.ts'
import { bare, type Loose, object, text, texts } from './loose.ts'

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

export class EventRequest implements HttpRequest {
  readonly kind: HttpKind
  readonly #event: Loose
  readonly #context: Loose
  readonly lambdaId: string | undefined
  #headers: Record<string, string> | undefined
  #query: Record<string, string | string[]> | undefined
  #cookies: Record<string, string> | undefined
  #params: Record<string, string> | undefined
  #decoded: Uint8Array | undefined
  #body: Uint8Array | undefined

  constructor(kind: HttpKind, event: Loose, lambdaId: string | undefined) {
    this.kind = kind
    this.#event = event
    this.#context = object(event.requestContext) ?? {}
    this.lambdaId = lambdaId
  }

  get method(): string {
    return `${this.#event.httpMethod ?? this.#http.method}`.toUpperCase()
  }

  get path(): string {
    const path = text(this.#event.rawPath ?? this.#event.path) ?? '/'
    const { domainName, path: full = this.#http.path } = this.#context
    const prefix = `/${this.stage}`
    // HTTP APIs put the stage before the path where the domain is API Gateway's own; REST APIs never do.
    const staged = path === full && text(domainName)?.includes('.execute-api.')
    if (staged && (path === prefix || path.startsWith(`${prefix}/`))) return path.slice(prefix.length) || '/'
    return path
  }

  get headers(): Readonly<Record<string, string>> {
    this.#headers ??= headersOf(this.#event)
    return this.#headers
  }

  header(name: string): string | undefined {
    return this.headers[name.toLowerCase()]
  }

  get query(): Readonly<Record<string, string | readonly string[]>> {
    this.#query ??= queryOf(this.kind, this.#event)
    return this.#query
  }

  get cookies(): Readonly<Record<string, string>> {
    this.#cookies ??= cookiesOf(this.headers.cookie ?? '')
    return this.#cookies
  }

  /** What `unit.raw` is. */
  get raw(): RawBody {
    const body = text(this.#event.body)
    // A load balancer sends an empty text where there is no body, the others null or nothing.
    if (!body) return undefined
    if (this.#event.isBase64Encoded !== true) return body
    this.#decoded ??= Buffer.from(body, 'base64')
    return this.#decoded
  }

  get body(): Uint8Array {
    if (!this.#body) {
      const raw = this.raw ?? ''
      this.#body = typeof raw === 'string' ? Buffer.from(raw) : raw
    }
    return this.#body
  }

  get params(): Readonly<Record<string, string>> {
    if (!this.#params) {
      this.#params = bare()
      for (const [name, value] of Object.entries(object(this.#event.pathParameters) ?? {}))
        if (typeof value === 'string') this.#params[name] = value
    }
    return this.#params
  }

  get stage(): string | undefined {
    return text(this.#context.stage)
  }

  get requestId(): string {
    return text(this.#context.requestId) ?? this.lambdaId ?? ''
  }

  get sourceIp(): string | undefined {
    if (this.kind !== 'alb') return text(object(this.#context.identity)?.sourceIp ?? this.#http.sourceIp)
    // The load balancer adds its peer to what the client claims, with the port where it is told to.
    const peer = this.headers['x-forwarded-for']?.split(',').at(-1)?.trim()
    return peer?.replace(/^\[(.*)\](:\d+)?$/, '$1').replace(/^([\d.]+):\d+$/, '$1')
  }

  get claims(): Readonly<Record<string, unknown>> | undefined {
    const authorizer = this.authorizer
    if (!authorizer) return undefined
    const { claims, jwt, lambda, iam } = authorizer
    const known = object(claims) ?? object(object(jwt)?.claims) ?? object(lambda) ?? object(iam)
    // A Lambda authorizer of a REST API has its context where others have the name of their kind.
    return known ?? (this.kind === 'rest' ? authorizer : undefined)
  }

  get authorizer(): Readonly<Record<string, unknown>> | undefined {
    return object(this.#context.authorizer)
  }

  get #http(): Loose {
    return object(this.#context.http) ?? {}
  }
}

function headersOf(event: Loose): Record<string, string> {
  const headers = bare<string>()
  const given = object(event.multiValueHeaders) ?? object(event.headers) ?? {}
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
    const given = object(event.multiValueQueryStringParameters) ?? object(event.queryStringParameters) ?? {}
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
