// What bounds a piece of work: a signal and a deadline, and how a part of it gets less of both.
import type { Context, Deadline, Telemetry, TelemetryEvent, TimeoutError, Unit } from '@lambent/core'

/** What a call is bounded by, and where it tells of itself. The `ctx` of a handler is one. */
export interface Scope {
  readonly signal?: AbortSignal | undefined
  readonly deadline?: Deadline | undefined
  readonly telemetry?: Telemetry | undefined
  readonly unit?: Unit | undefined
}

/** A part of a scope, with a signal and a deadline of its own. */
export interface Narrowed extends Pick<Context, 'signal' | 'deadline'> {
  /**
   * Settles with `work`, or rejects once its own time is over; what `work` does later is nobody's concern then. To be
   * called at once, since nobody else would hear of that rejection.
   */
  race<T>(work: PromiseLike<T>): Promise<T>
  /** Takes the timer and the listener away. */
  end(): void
}

export const NO_DEADLINE: Deadline = { at: Infinity, remaining: () => Infinity }

const LONGEST = 2 ** 31 - 1 // ms of a timer

export interface NarrowOptions {
  /** ms between the signal and the rejection of `race`. @default 0 */
  readonly grace?: number | undefined
  /** Nobody waits for it: the timer does not keep the process alive. @default false */
  readonly background?: boolean | undefined
}

/** At most `ms` of `outer`. When they are over, the signal fires with what `late` gives, and `race` rejects with it. */
export function narrow(outer: Scope, ms: number, late: () => TimeoutError, options: NarrowOptions = {}): Narrowed {
  const controller = new AbortController()
  const { signal } = controller
  const { grace = 0, background = false } = options
  const { signal: above, deadline = NO_DEADLINE } = outer
  const at = Math.min(deadline.at, Date.now() + ms)
  const { promise: over, reject } = Promise.withResolvers<never>()
  const end = () => {
    const error = late()
    controller.abort(error)
    if (grace > 0) timer = setTimeout(reject, grace, error)
    else reject(error)
  }
  let timer = ms <= LONGEST ? setTimeout(end, Math.max(0, ms)) : undefined
  if (background) timer?.unref()
  const follow = () => controller.abort(above?.reason)
  if (above?.aborted) follow()
  else above?.addEventListener('abort', follow)

  return {
    signal,
    deadline: { at, remaining: () => Math.max(0, at - Date.now()) },
    race: work => Promise.race([work, over]),
    end() {
      clearTimeout(timer)
      above?.removeEventListener('abort', follow)
    },
  }
}

/** Settles after `ms`, or as soon as the signal fires. Never rejects. */
export function sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise(resolve => {
    const end = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, ms)
    if (signal?.aborted) end()
    else signal?.addEventListener('abort', end)
  })
}

/** Emits an event of a scope, where somebody may hear it. */
export function tell({ telemetry, unit }: Scope, event: TelemetryEvent): void {
  telemetry?.emit(unit ? { ...event, unit } : event)
}
