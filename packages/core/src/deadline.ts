// The time that a handler may use: what Lambda leaves it, less a reserve for the answer.
import { TimeoutError } from './errors.ts'
import type { LambdaContext } from './lambda.ts'

/** When `ctx.signal` fires. */
export interface Deadline {
  /** Epoch milliseconds; `Infinity` where the invocation has no deadline (a test without a Lambda context). */
  readonly at: number
  /** Milliseconds from now, 0 once it has passed. */
  remaining(): number
}

/** Half a second for dead letter, flush and answer, but never more than a fifth of what is left. In milliseconds. */
const RESERVE = 500

export function deadlineOf(lambda: LambdaContext | undefined, reserve: number = RESERVE): Deadline {
  const left = lambda?.getRemainingTimeInMillis?.() ?? Infinity
  const at = Date.now() + left - Math.min(reserve, left / 5)
  return { at, remaining: () => Math.max(0, at - Date.now()) }
}

/** A signal that fires at the deadline, and a way to take its timer back. */
export function signalAt(deadline: Deadline): { readonly signal: AbortSignal; readonly cancel: () => void } {
  const controller = new AbortController()
  const abort = () => controller.abort(new TimeoutError('deadline reached'))
  const timer = deadline.at < Infinity ? setTimeout(abort, deadline.remaining()) : undefined
  timer?.unref()
  return { signal: controller.signal, cancel: () => clearTimeout(timer) }
}
