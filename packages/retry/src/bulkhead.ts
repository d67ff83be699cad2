// `bulkhead({ concurrency })`: so many at once in this process, and the others one after the other.
import { type Context, type Middleware, RetryableError } from '@lambent/core'
import { mustBeCount, mustBeMs } from './options.ts'
import { tell } from './scope.ts'

export interface BulkheadOptions {
  /** How many units run at once at most in a process, or in a thread. */
  readonly concurrency: number
  /** How many may wait; 0: none. @default Infinity */
  readonly queue?: number | undefined
  /** ms that a unit may wait. @default Infinity: until its signal fires */
  readonly maxWait?: number | undefined
}

/** Why a unit was turned away. */
type Reason = 'queue' | 'maxWait' | 'signal'

/**
 * Runs the rest of the pipeline for so many units at once. Others wait, first come, first served; one that may not, or
 * whose time is over, fails with a RetryableError of code `BulkheadFull`. A unit whose signal fired no longer counts.
 *
 * ```ts
 * sqs().each({ concurrency: 50 }).use(bulkhead({ concurrency: 5 })).handle(({ message }) => render(message.body))
 * ```
 *
 * @throws {RangeError} for a concurrency that is no whole number from 1 on, and other numbers that are out of range
 */
export function bulkhead(options: BulkheadOptions): Middleware {
  const { concurrency, queue = Infinity, maxWait = Infinity } = options
  mustBeCount(concurrency, 'bulkhead({ concurrency })')
  if (queue !== Infinity) mustBeCount(queue, 'bulkhead({ queue })', 0)
  mustBeMs(maxWait, 'bulkhead({ maxWait })')
  const waiting = new Set<{
    readonly ctx: Context
    readonly start: () => void
    readonly leave: (why: Reason) => void
  }>()
  let running = 0

  function rejection(ctx: Context, reason: Reason, waited: number): RetryableError {
    const message = `no place in the bulkhead: ${running} of ${concurrency} run, ${waiting.size} wait`
    const error = new RetryableError(message, {
      code: 'BulkheadFull',
      ...(reason === 'signal' && { cause: ctx.signal.reason }),
    })
    const fields = { concurrency, running, waiting: waiting.size, waited, reason }
    tell(ctx, { name: 'bulkhead.rejected', level: 'info', message, fields })
    return error
  }

  function place(ctx: Context): Promise<void> {
    const began = Date.now()
    return new Promise((resolve, reject) => {
      const turn = {
        ctx,
        start() {
          end()
          resolve()
        },
        leave(reason: Reason) {
          end()
          reject(rejection(ctx, reason, Date.now() - began))
        },
      }
      const aborted = () => turn.leave('signal')
      const timer = maxWait < 2 ** 31 ? setTimeout(turn.leave, maxWait, 'maxWait') : undefined
      const end = () => {
        waiting.delete(turn)
        clearTimeout(timer)
        ctx.signal.removeEventListener('abort', aborted)
      }
      waiting.add(turn)
      ctx.signal.addEventListener('abort', aborted)
      if (ctx.signal.aborted) aborted()
    })
  }

  function release(): void {
    for (const turn of waiting) {
      // Its listener is yet to be called, where both have one signal, or one deadline.
      if (turn.ctx.signal.aborted || turn.ctx.deadline.remaining() <= 0) turn.leave('signal')
      else {
        turn.start() // in the place of the one that ended
        return
      }
    }
    running--
  }

  const middleware: Middleware = async function bulkhead(ctx, next) {
    if (ctx.signal.aborted) throw rejection(ctx, 'signal', 0)
    if (running < concurrency) running++
    else if (waiting.size >= queue) throw rejection(ctx, 'queue', 0)
    else await place(ctx)
    let held = true
    const free = () => {
      if (held) release()
      held = false
    }
    // What never ends must not hold its place in the invocations to come.
    ctx.signal.addEventListener('abort', free)
    try {
      return await next()
    } finally {
      ctx.signal.removeEventListener('abort', free)
      free()
    }
  }
  return middleware
}
