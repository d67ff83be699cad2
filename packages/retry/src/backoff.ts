// How long to wait before the next attempt: full jitter.
import { mustBeFunction, mustBeMs } from './options.ts'

export interface BackoffOptions {
  /** ms. @default 50 */
  readonly base?: number | undefined
  /** ms, where the other side says that there were too many requests. @default 1000 */
  readonly throttlingBase?: number | undefined
  /** ms: no delay is longer. @default 20000 */
  readonly cap?: number | undefined
}

/** The ms to wait after attempt `attempt`, from 1, that failed with `error`. What it gives has no jitter added. */
export type Backoff = (attempt: number, error: unknown) => number

/** ms before the attempt after `attempt`, which is from 1. */
export type Delay = (attempt: number, throttling: boolean, error: unknown) => number

/**
 * `random × min(base × 2^i, cap)`, or what the function says.
 * @see https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 */
export function delayOf(backoff: BackoffOptions | Backoff = {}, who: string): Delay {
  if (typeof backoff === 'function') {
    return (attempt, _, error) => Math.max(0, Number(backoff(attempt, error)) || 0)
  }
  if (typeof backoff !== 'object' || backoff === null) mustBeFunction(backoff, `${who}({ backoff })`)
  const { base = 50, throttlingBase = 1000, cap = 20_000 } = backoff
  for (const [name, value] of Object.entries({ base, throttlingBase, cap }))
    mustBeMs(value, `${who}({ backoff: { ${name} } })`)
  return (attempt, throttling) =>
    Math.random() * Math.min((throttling ? throttlingBase : base) * 2 ** (attempt - 1), cap)
}
