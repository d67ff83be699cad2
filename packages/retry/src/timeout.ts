// `timeout(ms)`: what takes longer fails, and says so. `timeout()`: the same at the deadline, before Lambda ends the process.
import { type Context, type Middleware, TimeoutError } from '@lambent/core'
import { mustBeMs } from './options.ts'
import { narrow, tell } from './scope.ts'

/**
 * Fails the unit with a TimeoutError when the rest of the pipeline has not ended after `ms`, or at the deadline if that
 * is sooner. The signal fires first; what does not heed it is left behind, and what becomes of it later is ignored.
 *
 * Without `ms` only the deadline counts: put it outermost, and "Task timed out" becomes an error that is logged, with
 * what was waited for, while there is time to answer. A batch is given a part of the reserve to report what is done.
 *
 * ```ts
 * http().use(timeout()).use(secrets({ … })).use(timeout(2000)).handle(({ signal }) => fetch(url, { signal }))
 * ```
 *
 * @param ms milliseconds. Default: none but the deadline
 * @throws {RangeError} for what are no milliseconds above 0
 */
export function timeout(ms: number = Infinity): Middleware {
  if (!(mustBeMs(ms, 'timeout(ms)') > 0)) throw new RangeError('timeout(ms) takes milliseconds above 0, not 0')
  const middleware: Middleware = async function timeout(ctx, next) {
    const started = Date.now()
    const left = ctx.deadline.remaining()
    const limit = Math.min(ms, left)
    if (limit === Infinity) return next()
    const atDeadline = left <= ms
    const late = () => {
      const error = new TimeoutError(
        atDeadline ? `the deadline was reached after ${limit} ms` : `no end after ${ms} ms`,
      )
      const fields = { limit, elapsed: Date.now() - started, deadline: atDeadline, waitingFor: waitingFor() }
      const message = `${error.message}; waiting for ${fields.waitingFor}`
      tell(ctx, { name: 'timeout.reached', level: atDeadline ? 'error' : 'warn', message, error, fields })
      return error
    }
    // Also at the deadline a signal of its own: that of ctx may be a moment later, and never fires once there is an answer.
    const { signal, deadline, race, end } = narrow(ctx, limit, late, { grace: atDeadline ? graceOf(ctx) : 0 })
    try {
      return await race(next({ signal, deadline }))
    } finally {
      end()
    }
  }
  return middleware
}

/**
 * ms after the deadline: a batch of a source with records is answered by that source, which gives up what has not ended
 * in the middle of the reserve, 250 ms at most. Cut off before, what is done would be done again.
 */
function graceOf(ctx: Context & { readonly records?: unknown }): number {
  if (ctx.unit.kind === 'record' || !ctx.records) return 0
  const left = ctx.deadline.remaining()
  const reserve = (ctx.lambda?.getRemainingTimeInMillis?.() ?? left) - left
  return reserve * 0.75
}

/** What keeps the process waiting, as Node sees it: `TLSSocketWrap 2, Timeout 1`. The timer of this middleware is none. */
function waitingFor(): string {
  const counts = new Map<string, number>()
  for (const kind of process.getActiveResourcesInfo()) counts.set(kind, (counts.get(kind) ?? 0) + 1)
  return Array.from(counts, ([kind, count]) => `${kind} ${count}`).join(', ') || 'nothing that Node knows'
}
