// How long a dead letter may take: also after the deadline, whose reserve is there for it.
import { type Context, TimeoutError } from '@lambent/core'

const MOST = 10_000 // ms: a sink that does not answer must not hold the record for as long as the function may run
const MOST_GRACE = 250 // ms after the deadline: what sources wait for a record that ends late

/** A signal that fires when there is no more time, and what ends its timer. */
export function timeLeft({ deadline, lambda }: Context): { readonly signal: AbortSignal; end(): void } {
  const left = deadline.remaining()
  const reserve = Math.max(0, (lambda?.getRemainingTimeInMillis?.() ?? left) - left)
  const grace = left === Infinity ? 0 : Math.min(reserve / 2, MOST_GRACE)
  const controller = new AbortController()
  const abort = () => controller.abort(new TimeoutError('there was no time left to store the dead letter'))
  const timer = setTimeout(abort, Math.min(left + grace, MOST))
  return { signal: controller.signal, end: () => clearTimeout(timer) }
}

/** Settles with what a sink or a client does, or when there is no more time: neither may look at the signal. */
export async function inTime<T>(sent: Promise<T>, signal: AbortSignal): Promise<T> {
  let late: (() => void) | undefined
  const over = new Promise<never>((_, reject) => {
    late = () => reject(signal.reason)
    if (signal.aborted) late()
    signal.addEventListener('abort', late)
  })
  try {
    return await Promise.race([sent, over])
  } finally {
    if (late) signal.removeEventListener('abort', late)
  }
}
