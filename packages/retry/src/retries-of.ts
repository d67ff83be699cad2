// What was tried before an error was thrown for good. Kept beside the error: it may be frozen, and is not ours to change.

/** Why there was no further attempt. */
export type GaveUp =
  /** All were made, those of an AWS client included. */
  | 'attempts'
  /** Another one does not fit before the deadline, or into the share of a record. */
  | 'deadline'
  /** The other side wants a longer pause than `maxRetryAfter`. */
  | 'retryAfter'
  /** The token bucket is empty. */
  | 'budget'
  /** Another attempt would fail in the same way: the error is permanent. */
  | 'permanent'
  /** `retryIf` said so, or the handler by `retryLater()`. */
  | 'refused'

export interface Retries {
  /** How often it was tried, the first time included. */
  readonly attempts: number
  /** What the attempts before the last one threw, in their order. */
  readonly errors: readonly unknown[]
  readonly reason: GaveUp
}

// From the registry, so that an ES module copy and a CommonJS copy of this file agree.
const RETRIES = Symbol.for('lambent.retries')

function kept(): WeakMap<object, Retries> {
  const all = globalThis as { [RETRIES]?: WeakMap<object, Retries> }
  all[RETRIES] ??= new WeakMap()
  return all[RETRIES]
}

/**
 * How often `retry()` or `withRetry()` tried before it threw this error, and what the earlier attempts threw. Undefined
 * of anything else, and of what is no object (`throw 'text'`).
 *
 * ```ts
 * catch (error) { console.error(error, retriesOf(error)?.errors) }
 * ```
 */
export function retriesOf(error: unknown): Retries | undefined {
  return isObject(error) ? kept().get(error) : undefined
}

export function keepRetries(error: unknown, retries: Retries): void {
  if (isObject(error)) kept().set(error, retries)
}

function isObject(error: unknown): error is object {
  return (typeof error === 'object' && error !== null) || typeof error === 'function'
}
