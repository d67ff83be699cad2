// A source: where one value comes from. All sources have this shape, and one of your own has too.
import type { Permission } from '@lambent/core'

export interface FetchOptions {
  /** Fires when nobody waits any longer. */
  readonly signal: AbortSignal
}

/** What `secrets()` fetches, caches and refreshes. */
export interface SecretSource<Value = unknown> {
  /** For errors and logs: the name of the secret, never its value. */
  readonly name: string
  /** Which kind: `secretsmanager`, `ssm`, … A short word. */
  readonly kind: string
  /** Fetches with the others of the same loader, in as few calls as it can. */
  readonly loader: Loader
  /** What the loader needs to know of it. */
  readonly request: unknown
  /** Makes the value of what was loaded: decodes, parses, validates. Throws a SecretError. */
  decode(raw: unknown): Value | Promise<Value>
  /** ms that it stays fresh, before all that `secrets()` says. @default that of `secrets()` */
  readonly maxAge?: number | undefined
  readonly permissions?: readonly Permission[] | undefined
}

/** Fetches many at once. One for each client and region, so that sources find each other. */
export interface Loader {
  /** The outcomes of `requests`, in their order. What it throws fails them all. */
  load(requests: readonly unknown[], options: FetchOptions): Promise<readonly PromiseSettledResult<unknown>[]>
}

/** The value of a source. */
export type ValueOf<Source> = Source extends SecretSource<infer Value> ? Value : never

/**
 * A source of one's own, from a function that fetches it.
 *
 * ```ts
 * const token = source({ name: 'partner token', fetch: ({ signal }) => partner.login({ signal }) })
 * ```
 */
export function source<Value>(options: {
  readonly name: string
  readonly fetch: (options: FetchOptions) => Value | Promise<Value>
  readonly maxAge?: number | undefined
  readonly permissions?: readonly Permission[] | undefined
}): SecretSource<Awaited<Value>> {
  const { name, maxAge, permissions } = options
  if (typeof options.fetch !== 'function') throw new TypeError('source({ fetch }) takes a function')
  return {
    name: mustBeName(name, 'source({ name })'),
    kind: 'custom',
    loader: { load: (requests, given) => Promise.allSettled(requests.map(async () => options.fetch(given))) },
    request: undefined,
    decode: raw => raw as Awaited<Value>,
    maxAge,
    permissions,
  }
}

export function mustBeName(value: unknown, what: string): string {
  if (typeof value === 'string' && value !== '') return value
  throw new TypeError(`${what} takes a name; got ${value === '' ? 'an empty string' : typeof value}`)
}

/** Runs `load` on `size` of them at a time, in parallel. */
export async function inChunks<Item, Result>(
  items: readonly Item[],
  size: number,
  load: (chunk: readonly Item[]) => Promise<readonly Result[]>,
): Promise<readonly Result[]> {
  const chunks = Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  )
  return (await Promise.all(chunks.map(load))).flat()
}

export const fulfilled = <Value>(value: Value): PromiseFulfilledResult<Value> => ({ status: 'fulfilled', value })
export const rejected = (reason: unknown): PromiseRejectedResult => ({ status: 'rejected', reason })
