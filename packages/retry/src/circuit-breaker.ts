// `circuitBreaker({ name, store })`: calls nothing that is down, in the whole fleet, and finds out by one probe when it is up.
import { type Context, classify, done, type Middleware, RetryableError } from '@lambent/core'
import { type Change, circuitOf, type Outcome, type Refusal } from './circuit.ts'
import type { CircuitStore } from './circuit-store.ts'
import { memoryCircuitStore } from './memory-circuit-store.ts'
import { ask, mustBeCount, mustBeFunction, mustBeMs, mustBeShare, mustBeText } from './options.ts'
import { type Scope, tell } from './scope.ts'

export interface CircuitOptions {
  /** Of what is behind it. Functions whose circuits have one name and store open and close together. */
  readonly name: string
  /** Where the state is shared: `dynamoDbCircuitStore()` for a fleet. @default the memory of this process */
  readonly store?: CircuitStore | undefined
  /** It opens at so many failures within the window, as counted by one process … @default 5 */
  readonly failureThreshold?: number | undefined
  /** … if they are at least this part of its calls. @default 0.5 */
  readonly failureRate?: number | undefined
  /** ms. @default 60000 */
  readonly window?: number | undefined
  /** ms for which it is open before a probe. @default 30000 */
  readonly recoveryTimeout?: number | undefined
  /** ms after which a probe counts as lost, and another may begin; never longer than the invocation. @default 60000 */
  readonly probeLease?: number | undefined
  /** ms for which what is known of the shared state counts, while calls succeed. `Infinity`: never read then. @default 5000 */
  readonly maxAge?: number | undefined
  /** Which errors say that it is down. @default all but permanent ones */
  readonly failureIf?: ((error: unknown) => boolean) | undefined
}

export interface CircuitBreakerOptions extends CircuitOptions {
  /** What the unit answers while the circuit is open, in place of the error. */
  readonly fallback?: ((error: RetryableError, ctx: Context) => unknown) | undefined
}

/**
 * Fails fast, with a RetryableError of code `CircuitOpen` and its `retryAfter`, while what the rest of the pipeline calls
 * is down. Failures are counted in memory; the store is written when the circuit opens, is probed and closes, and by no
 * healthy call. While the store is out of reach, each process goes by its own memory.
 *
 * ```ts
 * const store = dynamoDbCircuitStore({ tableName: process.env.CIRCUITS_TABLE })
 * sqs().each().use(retry()).use(circuitBreaker({ name: 'psp', store })).handle(ctx => charge(ctx))
 * ```
 *
 * @throws {TypeError} for a missing name, or a store that is none
 * @throws {RangeError} for numbers that are out of range
 */
export function circuitBreaker(options: CircuitBreakerOptions): Middleware {
  const { fallback } = options
  const { run, refresh } = breaking(options, 'circuitBreaker')
  mustBeFunction(fallback, 'circuitBreaker({ fallback })')
  const middleware: Middleware = function circuitBreaker(ctx, next) {
    return run(ctx, () => next(), fallback && (async error => done(await fallback(error, ctx))))
  }
  return Object.assign(middleware, { init: refresh, permissions: options.store?.permissions ?? [] })
}

/**
 * The same around any function, for handlers that call several services. The result takes a scope first, such as the
 * `ctx` of a handler, and hands it on.
 *
 * ```ts
 * const charge = withRetry(withCircuitBreaker(({ signal }: Attempt, order: Order) => psp.post(order, { signal }), { name: 'psp' }))
 * ```
 */
export function withCircuitBreaker<S extends Scope, Args extends readonly unknown[], T>(
  fn: (scope: S, ...args: Args) => T | PromiseLike<T>,
  options: CircuitOptions & {
    readonly fallback?: ((error: RetryableError, scope: S, ...args: Args) => T | PromiseLike<T>) | undefined
  },
): (scope: S, ...args: Args) => Promise<T> {
  if (typeof fn !== 'function') throw new TypeError(`withCircuitBreaker(fn) takes a function, not ${typeof fn}`)
  const { fallback } = options
  const { run } = breaking(options, 'withCircuitBreaker')
  mustBeFunction(fallback, 'withCircuitBreaker(fn, { fallback })')
  return async function withCircuitBreaker(scope, ...args) {
    return run(scope, async () => fn(scope, ...args), fallback && (async error => fallback(error, scope, ...args)))
  }
}

interface Breaker {
  run<T, F>(
    scope: Scope,
    work: () => PromiseLike<T>,
    fallback: ((error: RetryableError) => Promise<F>) | undefined,
  ): Promise<T | F>
  /** Reads the shared state. Never rejects. */
  readonly refresh: () => Promise<void>
}

// What says that nothing was called: of another circuit, of a bulkhead, of the handler that wants the message later.
const NOT_CALLED = /^(CircuitOpen|BulkheadFull|RetryLater)$/

let ofThisProcess: CircuitStore | undefined

function breaking(options: CircuitOptions, who: string): Breaker {
  ofThisProcess ??= memoryCircuitStore()
  const {
    store = ofThisProcess,
    failureThreshold = 5,
    failureRate = 0.5,
    window = 60_000,
    recoveryTimeout = 30_000,
    probeLease = 60_000,
    maxAge = 5000,
    failureIf,
  } = options
  const name = mustBeText(options.name, `${who}({ name })`)
  mustBeCount(failureThreshold, `${who}({ failureThreshold })`)
  mustBeShare(failureRate, `${who}({ failureRate })`)
  for (const [option, value] of Object.entries({ window, recoveryTimeout, probeLease, maxAge }))
    mustBeMs(value, `${who}({ ${option} })`)
  for (const [option, value] of Object.entries({ window, recoveryTimeout, probeLease }))
    if (!(value > 0 && value < Infinity))
      throw new RangeError(`${who}({ ${option} }) takes milliseconds above 0, not ${value}`)
  mustBeFunction(failureIf, `${who}({ failureIf })`)
  if (typeof store?.read !== 'function' || typeof store.write !== 'function')
    throw new TypeError(`${who}({ store }) takes a store, such as dynamoDbCircuitStore({ tableName })`)
  const circuit = circuitOf({
    ...{ name, store, failureThreshold, failureRate, window, recoveryTimeout, probeLease, maxAge },
  })

  /** It was open when telemetry last heard of it. */
  let wasOpen = false

  function outcomeOf(error: unknown): Outcome {
    if (NOT_CALLED.test(codeOf(error))) return 'neither'
    const failed = failureIf
      ? ask(error, `failureIf of ${who}()`, () => failureIf(error))
      : classify(error) !== 'permanent'
    return failed ? 'failure' : 'neither'
  }

  function changed(scope: Scope, change: Change | undefined): void {
    if (change?.to === 'open') {
      const { calls, failures } = change
      const message = `circuit ${name} is open: ${failures} of ${calls} calls failed`
      const fields = { circuit: name, calls, failures, recoveryTimeout }
      tell(scope, { name: 'circuit.opened', level: 'warn', message, fields })
      wasOpen = true
    } else if (change) {
      notOpen(scope, 'circuit.closed', 'closed: a probe succeeded')
    }
    const error = circuit.trouble()
    if (error === undefined) return
    const message = `circuit ${name} goes by the memory of this process: its store is out of reach`
    tell(scope, { name: 'circuit.storeError', level: 'warn', message, error, fields: { circuit: name } })
  }

  function notOpen(scope: Scope, event: string, what: string): void {
    wasOpen = false
    tell(scope, { name: event, level: 'info', message: `circuit ${name} is ${what}`, fields: { circuit: name } })
  }

  function refused(scope: Scope, { state, retryAfter }: Refusal): RetryableError {
    const error = new RetryableError(`circuit ${name} is open: what is behind it is down`, {
      code: 'CircuitOpen',
      retryAfter,
    })
    const fields = { circuit: name, state, retryAfter }
    tell(scope, { name: 'circuit.rejected', level: 'info', message: error.message, fields })
    wasOpen = true
    return error
  }

  return {
    refresh: circuit.refresh,
    async run(scope, work, fallback) {
      const entered = circuit.enter(scope)
      const pass = 'then' in entered ? await entered : entered
      changed(scope, undefined)
      if (!('ended' in pass)) {
        const error = refused(scope, pass)
        if (fallback) return fallback(error)
        throw error
      }
      if (pass.probe) notOpen(scope, 'circuit.halfOpened', 'half-open: a probe begins')
      else if (wasOpen) notOpen(scope, 'circuit.foundClosed', 'closed: a probe succeeded')
      let outcome: Outcome = 'failure'
      try {
        const value = await work()
        outcome = 'success'
        return value
      } catch (error) {
        outcome = outcomeOf(error)
        throw error
      } finally {
        changed(scope, await pass.ended(scope, outcome))
      }
    },
  }
}

function codeOf(error: unknown): string {
  try {
    return `${Object(error).code}`
  } catch {
    return '' // a getter that throws
  }
}
