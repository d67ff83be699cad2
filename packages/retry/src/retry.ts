// `retry()`: runs the rest of the pipeline again, where that can help and there is time. `withRetry(fn)`: the same of any
// function.
import { type Context, classify, type Middleware, TimeoutError, type Unit } from '@lambent/core'
import { type Backoff, type BackoffOptions, delayOf } from './backoff.ts'
import { type Hints, hintsOf } from './hints.ts'
import { ask, mustBeCount, mustBeFunction, mustBeMs, mustBeShare } from './options.ts'
import { type GaveUp, keepRetries, type Retries } from './retries-of.ts'
import { type RetryBudget, retryBudget } from './retry-budget.ts'
import { type Narrowed, NO_DEADLINE, narrow, type Scope, sleep, tell } from './scope.ts'

export interface RetryOptions {
  /** How often it is tried, the first time included. What an AWS client has tried counts too. @default 3 */
  readonly attempts?: number | undefined
  /** Full jitter from `base` to `cap`, or a function that says the ms. @default { base: 50, throttlingBase: 1000, cap: 20000 } */
  readonly backoff?: BackoffOptions | Backoff | undefined
  /** `false`: this error is not retried. Not asked about permanent ones, which never are. @default retryable and unknown ones are */
  readonly retryIf?: ((error: unknown, attempt: number) => boolean) | undefined
  /** What may be spent on further attempts: `retryBudget()`, or `false` for no bound. @default one of its own, of 500 */
  readonly budget?: RetryBudget | false | undefined
  /**
   * ms kept back from the deadline, besides the source's reserve, for what stands outside. The signal of an attempt fires
   * then. @default 0
   */
  readonly reserve?: number | undefined
  /** ms below which an attempt is of no use: it is not begun then. @default 100 */
  readonly leastAttempt?: number | undefined
  /** ms for each attempt. What does not heed its signal is left behind, with a TimeoutError. @default none */
  readonly perAttemptTimeout?: number | undefined
  /** ms of a `Retry-After` that are waited for. Of a longer one it fails now. @default 5000 */
  readonly maxRetryAfter?: number | undefined
  /** Of a record: the part of the time left that it may use for further attempts, since others wait for it. @default 0.5 */
  readonly share?: number | undefined
  /** Told before each pause. What it throws goes to the console. */
  readonly onRetry?: ((retry: Retry) => void) | undefined
}

/** A further attempt is to come. */
export interface Retry {
  /** What the attempt threw. */
  readonly error: unknown
  /** Which attempt that was, from 1. */
  readonly attempt: number
  /** ms until the next. */
  readonly delay: number
  readonly unit?: Unit | undefined
}

/** What a function gets of `withRetry`, as its first argument. */
export interface Attempt extends Omit<Scope, 'signal' | 'deadline'>, Pick<Context, 'signal' | 'deadline'> {
  /** Which it is, from 1. */
  readonly attempt: number
}

/**
 * Runs the rest of the pipeline again when it fails, unless the error is permanent or no time is left. Waits
 * `random × min(base × 2^i, cap)` ms, or as long as the other side asked for. What is thrown in the end is the last
 * error itself; `retriesOf(error)` has the others.
 *
 * ```ts
 * sqs().each().use(parse(json(Order))).use(retry({ attempts: 3 })).handle(({ body, signal }) => charge(body, { signal }))
 * ```
 *
 * @throws {RangeError} for numbers that are out of range
 * @throws {TypeError} for what is no function or no budget
 * @see https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
 */
export function retry(options: RetryOptions = {}): Middleware {
  const run = retrying(options, 'retry')
  const middleware: Middleware = function retry(ctx, next) {
    // Without a limit of its own an attempt has the signal and the deadline that are there.
    return run(ctx, (_, own) => (own ? next({ signal: own.signal, deadline: own.deadline }) : next()))
  }
  return middleware
}

/**
 * The same around any function. The result takes what bounds it first, such as the `ctx` of a handler, and hands the
 * function its own for each attempt: a signal, a deadline and the number of the attempt. One budget for all calls of it.
 *
 * ```ts
 * const charge = withRetry(({ signal }, order: Order) => psp.post(order, { signal }), { attempts: 3 })
 * sqs().each().handle(ctx => charge(ctx, ctx.body))
 * ```
 */
export function withRetry<Args extends readonly unknown[], T>(
  fn: (attempt: Attempt, ...args: Args) => T | PromiseLike<T>,
  options: RetryOptions = {},
): (scope: Scope, ...args: Args) => Promise<T> {
  if (typeof fn !== 'function') throw new TypeError(`withRetry(fn) takes a function, not ${typeof fn}`)
  const run = retrying(options, 'withRetry')
  return async function withRetry({ signal, deadline = NO_DEADLINE, telemetry, unit }, ...args) {
    const scope = { deadline, telemetry, unit, ...(signal && { signal }) }
    const never = new AbortController()
    return run(scope, async (attempt, own = { deadline, signal: signal ?? never.signal }) =>
      fn({ signal: own.signal, deadline: own.deadline, telemetry, unit, attempt }, ...args),
    )
  }
}

/** Runs `work` in a scope; `own` is what an attempt has less of than the scope, if anything. */
type Run = <T>(scope: Scope, work: (attempt: number, own: Own | undefined) => PromiseLike<T>) => Promise<T>
type Own = Pick<Narrowed, 'signal' | 'deadline'>

function retrying(options: RetryOptions, who: string): Run {
  const {
    attempts = 3,
    retryIf,
    budget = retryBudget(),
    reserve = 0,
    leastAttempt = 100,
    perAttemptTimeout = Infinity,
    maxRetryAfter = 5000,
    share = 0.5,
    onRetry,
  } = options
  mustBeCount(attempts, `${who}({ attempts })`)
  for (const [name, value] of Object.entries({ reserve, leastAttempt, perAttemptTimeout, maxRetryAfter }))
    mustBeMs(value, `${who}({ ${name} })`)
  mustBeShare(share, `${who}({ share })`)
  for (const [name, value] of Object.entries({ retryIf, onRetry })) mustBeFunction(value, `${who}({ ${name} })`)
  if (budget && typeof budget.take !== 'function')
    throw new TypeError(`${who}({ budget }) takes a retryBudget(), or false, not ${typeof budget}`)
  const delayAfter = delayOf(options.backoff, who)

  /** ms until the next attempt, or why there is none. `left` is what there is for the pause and the attempt. */
  function verdictOn(error: unknown, attempt: number, made: number, hints: Hints, left: number): number | GaveUp {
    if (classify(error) === 'permanent') return 'permanent'
    if (hints.later) return 'refused'
    if (retryIf && !ask(error, `retryIf of ${who}()`, () => retryIf(error, attempt))) return 'refused'
    if (made >= attempts) return 'attempts'
    const { throttling, retryAfter = 0 } = hints
    if (retryAfter > maxRetryAfter) return 'retryAfter'
    // On top of what was asked for, so that not all who were told the same come back at once.
    const delay = Math.round(retryAfter + delayAfter(attempt, throttling, error))
    return delay + leastAttempt <= left ? delay : 'deadline'
  }

  return async (scope, work) => {
    const { deadline = NO_DEADLINE } = scope
    const time = () => deadline.remaining() - reserve
    // The records that come after this one need time too. How many there are, nobody knows here.
    const others = scope.unit?.kind === 'record' && deadline.at < Infinity ? time() * (1 - share) : 0
    const errors: unknown[] = []
    let made = 0
    let cost: number | undefined
    for (let attempt = 1; ; attempt++) {
      // Whoever set a deadline sees to its signal. Read no signal that nobody else reads: it costs a timer.
      const bounded = perAttemptTimeout < Infinity || reserve > 0 || !('signal' in scope)
      const limit = bounded ? Math.min(perAttemptTimeout, time()) : Infinity
      try {
        const value = await once(scope, limit, own => work(attempt, own))
        if (budget) budget.refund(cost)
        return value
      } catch (error) {
        const hints = hintsOf(error)
        made += hints.attempts
        let verdict = verdictOn(error, attempt, made, hints, scope.signal?.aborted ? -1 : time() - others)
        if (typeof verdict === 'number' && budget) {
          cost = budget.take(hints.throttling)
          verdict = cost === undefined ? 'budget' : verdict
        }
        if (typeof verdict === 'number') {
          announce(scope, error, attempt, verdict)
          await sleep(verdict, scope.signal)
          if (scope.signal?.aborted) verdict = 'deadline'
        }
        if (typeof verdict === 'string') {
          giveUp(scope, error, { attempts: attempt, errors, reason: verdict })
          throw error
        }
        errors.push(error)
      }
    }
  }

  function announce(scope: Scope, error: unknown, attempt: number, delay: number): void {
    const message = `attempt ${attempt} of ${attempts} failed: the next one in ${delay} ms`
    tell(scope, { name: 'retry.attempt', level: 'info', message, error, fields: { attempt, attempts, delay } })
    // Who is told must not change what becomes of the unit, be it asynchronous or not.
    if (onRetry) (async () => onRetry({ error, attempt, delay, unit: scope.unit }))().catch(console.error)
  }
}

/** One attempt. With a limit it is left behind when that is over. */
async function once<T>(scope: Scope, limit: number, work: (own: Own | undefined) => PromiseLike<T>): Promise<T> {
  if (limit === Infinity) return work(undefined)
  const own = narrow(scope, limit, () => new TimeoutError(`the attempt did not end in ${Math.round(limit)} ms`))
  try {
    return await own.race(work(own))
  } finally {
    own.end()
  }
}

/** What a person is told; nothing where the error says it all. */
const WHY: Readonly<Record<GaveUp, string | undefined>> = {
  attempts: 'all attempts were made',
  deadline: 'another one does not fit before the deadline',
  retryAfter: 'the other side wants a longer pause',
  budget: 'the retry budget is spent, as nearly all calls fail',
  permanent: undefined,
  refused: undefined,
}

function giveUp(scope: Scope, error: unknown, retries: Retries): void {
  keepRetries(error, retries)
  const { attempts, reason } = retries
  if (!WHY[reason]) return
  const fields = { attempts, reason, classification: classify(error) }
  tell(scope, { name: 'retry.exhausted', level: 'warn', message: `given up: ${WHY[reason]}`, error, fields })
}
