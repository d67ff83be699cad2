// The context of a unit: what the source and the middlewares above have provided, and the time that is left.
import { type Deadline, deadlineOf, signalAt } from './deadline.ts'
import type { LambdaContext } from './lambda.ts'
import { createTelemetry, type Telemetry } from './telemetry.ts'
import type { Unit } from './unit.ts'

/** What every middleware and every handler finds on its `ctx`. */
export interface Context {
  readonly unit: Unit
  /** The typed AWS event, or after `.each()` the record. */
  readonly event: unknown
  readonly lambda: LambdaContext
  /** Fires at the deadline with a TimeoutError. Costs nothing until it is read. */
  readonly signal: AbortSignal
  /** Remaining time less the reserve. */
  readonly deadline: Deadline
  readonly telemetry: Telemetry
}

/** What all contexts of one invocation share. Each part is made when it is first read. */
export interface Invocation {
  readonly lambda: LambdaContext
  readonly reserve: number | undefined
  deadline?: Deadline
  telemetry?: Telemetry
  timer?: ReturnType<typeof signalAt>
}

/** Contexts are never changed: what a middleware adds is in the context of what comes after it, and nowhere else. */
export class UnitContext {
  /** What all contexts of the invocation share: the engine's own. */
  readonly $invocation: Invocation

  constructor(invocation: Invocation) {
    this.$invocation = invocation
  }

  get deadline(): Deadline {
    const invocation = this.$invocation
    invocation.deadline ??= deadlineOf(invocation.lambda, invocation.reserve)
    return invocation.deadline
  }
  get signal(): AbortSignal {
    const invocation = this.$invocation
    invocation.timer ??= signalAt(this.deadline)
    return invocation.timer.signal
  }
  get telemetry(): Telemetry {
    const invocation = this.$invocation
    invocation.telemetry ??= createTelemetry()
    return invocation.telemetry
  }
  // `next({ signal })` and the like: an addition stands before what the invocation gives.
  set deadline(value: Deadline) {
    own(this, 'deadline', value)
  }
  set signal(value: AbortSignal) {
    own(this, 'signal', value)
  }
}

function own(target: object, key: string, value: unknown): void {
  Object.defineProperty(target, key, { value, enumerable: true, writable: true })
}

/** The context with additions. Assigning to a fresh object: an object per level as prototype is ten times slower. */
export function extend(ctx: UnitContext, adds: object): UnitContext {
  return Object.assign(new UnitContext(ctx.$invocation), ctx, adds)
}
