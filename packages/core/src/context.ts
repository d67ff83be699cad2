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

/** A context as the engine sees it. */
export interface UnitContext {
  /** The engine's own. */
  readonly $invocation: Invocation
  /** The engine's own: what was added to this object since it was made, in order. */
  readonly $added: object[]
  readonly lambda: LambdaContext
}

class Lazy {
  declare readonly $invocation: Invocation
  declare $added: object[]
}

const PARTS = { deadline: deadlineOf, signal, telemetry: createTelemetry }
for (const key of Object.keys(PARTS) as (keyof typeof PARTS)[])
  Object.defineProperty(Lazy.prototype, key, {
    get(this: Lazy) {
      const made = this.$invocation as unknown as Record<string, unknown>
      made[key] ??= PARTS[key](this.$invocation)
      return made[key]
    },
    // `next({ signal })` and the like: an addition stands before what the invocation gives.
    set(value) {
      Object.defineProperty(this, key, { value, enumerable: true, writable: true })
    },
  })

function signal(invocation: Invocation): AbortSignal {
  const controller = new AbortController()
  invocation.deadline ??= deadlineOf(invocation)
  const { at, remaining } = invocation.deadline
  const abort = () => controller.abort(new TimeoutError('deadline reached'))
  if (at < Infinity) invocation.timer = setTimeout(abort, remaining()).unref()
  return controller.signal
}

/** A context of its own, with additions. */
export function extend(ctx: object, adds?: object): UnitContext {
  const made = Object.assign(new Lazy(), ctx, adds)
  made.$added = []
  return made as object as UnitContext
}

/**
 * Adds in place, where nothing is changed by it: a copy for each level costs more than all else. Whatever runs before
 * the rest has no use for the additions, and `before` takes them away again for those that run the rest once more.
 */
export function add(ctx: UnitContext, adds: object): UnitContext {
  for (const key in adds) if (key in ctx) return extend(ctx, adds)
  ctx.$added.push(adds)
  return Object.assign(ctx, adds)
}

/** A copy of the context as it was when it had `length` additions. */
export function before(ctx: UnitContext, length: number): UnitContext {
  const copy = extend(ctx) as UnitContext & Record<string, unknown>
  for (const adds of ctx.$added.slice(length)) for (const key in adds) delete copy[key]
  return copy
}
