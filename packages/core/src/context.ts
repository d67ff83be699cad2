// The context of a unit: what the source and the middlewares above have provided, and the time that is left.
import { type Deadline, deadlineOf } from './deadline.ts'
import { TimeoutError } from './errors.ts'
import type { LambdaContext } from './lambda.ts'
import { createTelemetry, type Telemetry } from './telemetry.ts'
import type { Unit } from './unit.ts'

/** What every middleware and every handler finds on its `ctx`. */
export interface Context {
  readonly unit: Unit
  /** The typed AWS event, or after `.each()` the record. */
  readonly event: unknown
  readonly lambda: LambdaContext
  /** Fires at the deadline of the invocation with a TimeoutError. Costs nothing until it is read. */
  readonly signal: AbortSignal
  /** Remaining time less the reserve. Who narrows it by `next({ deadline, signal })` gives the signal too. */
  readonly deadline: Deadline
  readonly telemetry: Telemetry
}

/** What all contexts of one invocation share. Each part is made when it is first read. */
export interface Invocation {
  readonly lambda: LambdaContext
  readonly reserve: number | undefined
  deadline?: Deadline
  telemetry?: Telemetry
  signal?: AbortSignal
  timer?: NodeJS.Timeout
}

/** Contexts are never changed: what a middleware adds is in the context of what comes after it, and nowhere else. */
export interface UnitContext {
  /** The engine's own. */
  readonly $invocation: Invocation
  readonly lambda: LambdaContext
}

class Lazy {
  declare readonly $invocation: Invocation

  get deadline(): Deadline {
    return deadline(this.$invocation)
  }
  get signal(): AbortSignal {
    this.$invocation.signal ??= signal(this.$invocation)
    return this.$invocation.signal
  }
  get telemetry(): Telemetry {
    this.$invocation.telemetry ??= createTelemetry()
    return this.$invocation.telemetry
  }
  // `next({ signal })` and the like: an addition stands before what the invocation gives.
  set deadline(value: Deadline) {
    own(this, 'deadline', value)
  }
  set signal(value: AbortSignal) {
    own(this, 'signal', value)
  }
  set telemetry(value: Telemetry) {
    own(this, 'telemetry', value)
  }
}

function deadline(invocation: Invocation): Deadline {
  invocation.deadline ??= deadlineOf(invocation.lambda, invocation.reserve)
  return invocation.deadline
}

function signal(invocation: Invocation): AbortSignal {
  const controller = new AbortController()
  const { at, remaining } = deadline(invocation)
  const abort = () => controller.abort(new TimeoutError('deadline reached'))
  if (at < Infinity) invocation.timer = setTimeout(abort, remaining()).unref()
  return controller.signal
}

function own(target: object, key: string, value: unknown): void {
  Object.defineProperty(target, key, { value, enumerable: true, writable: true })
}

/** The context with additions. Assigning to a fresh object: an object per level as prototype is ten times slower. */
export function extend(ctx: UnitContext, adds: object): UnitContext {
  return Object.assign(new Lazy(), ctx, adds)
}
