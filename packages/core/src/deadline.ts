// The time that a handler may use: what Lambda leaves it, less a reserve for the answer.
import type { LambdaContext } from './lambda.ts'

/** When `ctx.signal` fires. */
export interface Deadline {
  /** Epoch milliseconds; `Infinity` where the invocation has no deadline (a test without a Lambda context). */
  readonly at: number
  /** Milliseconds from now, 0 once it has passed. */
  remaining(): number
}

/** Where the deadline comes from. */
export interface Timing {
  readonly lambda: LambdaContext | undefined
  /** Milliseconds kept back for dead letter, flush and answer. */
  readonly reserve: number | undefined
}

/** The reserve is 500 ms unless it is above 0, and never more than a fifth of what is left. */
export function deadlineOf({ lambda, reserve = 0 }: Timing): Deadline {
  const left = lambda?.getRemainingTimeInMillis?.() ?? Infinity
  const at = Date.now() + left - Math.min(reserve > 0 ? reserve : 500, left / 5)
  return { at, remaining: () => Math.max(0, at - Date.now()) }
}
