// The Idempotency-Key header of HTTP: draft-ietf-httpapi-idempotency-key-header-07.
import { keyMalformed, keyMissing } from './errors.ts'

export interface IdempotencyKeyHeaderOptions {
  /** @default 'idempotency-key' */
  readonly header?: string | undefined
  /** Whether a request without it is answered with 400; otherwise it runs as if there were no middleware. @default true */
  readonly required?: boolean | undefined
  /**
   * Who the client is, so that none gets the answer to another's key.
   * @default the `sub` of the authorizer's claims, where there is one
   */
  readonly scope?: ((request: KeyedRequest) => unknown) | undefined
}

/** What it reads of the request of `http()`. */
export interface KeyedRequest {
  readonly method: string
  readonly path: string
  readonly query?: Readonly<Record<string, string | readonly string[]>> | undefined
  readonly body: Uint8Array
  readonly claims?: Readonly<Record<string, unknown>> | undefined
  header(name: string): string | undefined
}

/** The options of `idempotent()` that it makes. */
export interface KeyedOptions {
  readonly key: (ctx: { readonly request: KeyedRequest }) => unknown
  readonly validate: (ctx: { readonly request: KeyedRequest }) => unknown
  readonly onMissingKey: 'error' | 'skip'
}

/**
 * ```ts
 * http().use(idempotent({ store, ...idempotencyKeyHeader() }))
 * ```
 *
 * Answers 400 to a request without the header, or with one that is no key; 409 with Retry-After while the first runs; 422
 * where the key was used for another method, path, query or body.
 * @see https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/
 */
export function idempotencyKeyHeader({
  header = 'idempotency-key',
  required = true,
  scope = ({ claims }) => (typeof claims?.sub === 'string' ? claims.sub : null),
}: IdempotencyKeyHeaderOptions = {}): KeyedOptions {
  return {
    key({ request }) {
      const text = request.header(header)
      if (text === undefined) {
        if (required) throw keyMissing(header)
        return undefined
      }
      // A string of RFC 9651 in quotes; most clients send the bare text.
      const [, quoted] = /^"((?:[^"\\]|\\["\\])*)"$/.exec(text) ?? []
      const key = quoted === undefined ? text : quoted.replace(/\\(["\\])/g, '$1')
      if (!/^[\x21-\x7e]{1,255}$/.test(key)) throw keyMalformed(header)
      return { key, scope: scope(request) ?? null }
    },
    validate: ({ request: { method, path, query = {}, body } }) => [
      method,
      path,
      { ...query },
      Buffer.from(body).toString('base64'),
    ],
    onMissingKey: required ? 'error' : 'skip',
  }
}
