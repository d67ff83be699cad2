// The time that a handler may use: what Lambda leaves it, less a reserve for the answer.
import type { LambdaContext } from './lambda.ts'

/** When `ctx.signal` fires. */
export interface Deadline {
  /** Epoch milliseconds; `Infinity` where the invocation has no deadline (a test without a Lambda context). */
  readonly at: number
  /** Milliseconds from now, 0 once it has passed. */
  remaining(): number
}

/**
 * `reserve` is in milliseconds, for dead letter, flush and answer: 500 unless it is above 0, and never more than a fifth
 * of what is left.
 */
export function deadlineOf(lambda: LambdaContext | undefined, reserve = 0): Deadline {
  const left = lambda?.getRemainingTimeInMillis?.() ?? Infinity
  const at = Date.now() + left - Math.min(reserve > 0 ? reserve : 500, left / 5)
  return { at, remaining: () => Math.max(0, at - Date.now()) }
}
