// The state machine of a circuit in one process, and its agreement with the others by way of a store.
import { TimeoutError } from '@lambent/core'
import type { CircuitRecord, CircuitStore } from './circuit-store.ts'
import { NO_DEADLINE, narrow, type Scope } from './scope.ts'
import { slidingWindow } from './sliding-window.ts'

export interface CircuitSettings {
  readonly name: string
  readonly store: CircuitStore
  readonly failureThreshold: number
  readonly failureRate: number
  readonly window: number
  readonly recoveryTimeout: number
  readonly probeLease: number
  readonly maxAge: number
}

/** What came of a call: `neither` says nothing of what is behind the circuit. */
export type Outcome = 'success' | 'failure' | 'neither'

/** A change that this process made: for telemetry. */
export interface Change {
  readonly to: CircuitRecord['state']
  readonly calls: number
  readonly failures: number
}

/** Leave to make one call; its outcome must be given, and the change that came of it is given back. */
export interface Pass {
  readonly probe: boolean
  ended(scope: Scope, outcome: Outcome): Promise<Change | undefined>
}

/** The call must not be made; `retryAfter` is in ms. */
export interface Refusal {
  readonly retryAfter: number
  readonly state: 'open' | 'halfOpen'
}

export interface Circuit {
  /** In a closed circuit without a promise: it costs no turn of the event loop. */
  enter(scope: Scope): Pass | Promise<Pass | Refusal>
  /** Reads the shared state. Never rejects. */
  refresh(): Promise<void>
  /** What failed at the store, once for each time that it goes out of reach. */
  trouble(): unknown
}

const PATIENCE = 1000 // ms that a call of the store may take
const MOST_GRACE = 250 // ms of the reserve, in which what comes of the last call is still written
const RECHECK = 1000 // ms between reads while another process probes
const TRIES = 3
const CLOSED: CircuitRecord = { state: 'closed', until: 0, version: '' }

export function circuitOf(settings: CircuitSettings): Circuit {
  const { name, store, failureThreshold, failureRate, recoveryTimeout, probeLease, maxAge } = settings
  const window = slidingWindow(settings.window)
  /** What this process goes by. */
  let view = CLOSED
  /** What the store had when it was last in reach. */
  let stored: CircuitRecord | undefined
  let changes = 0
  let readAt = -Infinity
  let reading: Promise<void> | undefined
  let acquiring = false
  let out = false
  let trouble: unknown

  function adopt(next: CircuitRecord = CLOSED): void {
    if (next.version === view.version) return
    // From closed to closed, as a new process learns it, nothing has changed.
    if (view.state !== 'closed' || next.state !== 'closed') {
      changes++
      window.clear()
    }
    view = next
  }

  /** Calls the store, which may not answer, nor heed a signal. */
  async function call<T>(
    { deadline = NO_DEADLINE }: Scope,
    work: (signal: AbortSignal) => Promise<T>,
    background = false,
  ): Promise<T> {
    const ms = Math.min(PATIENCE, deadline.remaining() + MOST_GRACE)
    const late = () => new TimeoutError(`the store of circuit ${name} did not answer in ${ms} ms`)
    const own = narrow({}, ms, late, { background })
    const began = Date.now()
    try {
      const value = await own.race(work(own.signal))
      out = false
      return value
    } catch (error) {
      // Far later than its time: the process was frozen between two invocations, and the store is not to blame.
      if (!out && Date.now() - began < 2 * PATIENCE) {
        out = true
        trouble = error
      }
      throw error
    } finally {
      own.end()
    }
  }

  async function read(scope: Scope): Promise<void> {
    readAt = Date.now()
    const before = stored?.version
    try {
      const record = await call(scope, async signal => store.read(name, { signal }), true)
      // What was written meanwhile is newer; and what did not change tells nothing, also when the view is ahead of it.
      if (stored?.version !== before || record?.version === before) return
      stored = record
      adopt(record)
    } catch {} // by memory alone, until it is in reach again
  }

  function refresh(scope: Scope = {}): Promise<void> {
    reading ??= read(scope).finally(() => {
      reading = undefined
    })
    return reading
  }

  /** Writes `next`, unless what is stored has become something else than `allowed`. Says whether it is in force. */
  async function change(
    scope: Scope,
    next: CircuitRecord,
    allowed: (current: CircuitRecord | undefined) => boolean,
  ): Promise<boolean> {
    try {
      for (let tries = 0; tries < TRIES; tries++) {
        stored = await call(scope, async signal => store.write(name, next, stored?.version, { signal }))
        if (stored?.version === next.version) break
        if (!allowed(stored)) break
      }
      readAt = Date.now()
      adopt(stored)
      return stored?.version === next.version
    } catch {
      adopt(next) // by memory alone
      return true
    }
  }

  function pass(probe: boolean): Pass {
    const { version } = view
    const before = changes
    return {
      probe,
      async ended(scope, outcome) {
        if (probe) return finish(scope, version, outcome)
        // Of a call that began before the circuit changed: it tells of what was.
        if (outcome === 'neither' || changes !== before) return undefined
        window.add(outcome === 'failure')
        if (outcome === 'success') return undefined
        const { calls, failures } = window.counts()
        if (failures < failureThreshold || failures / calls < failureRate) return undefined
        const next = record('open', recoveryTimeout)
        adopt(next) // for those that are about to begin
        const won = await change(scope, next, (now = CLOSED) => now.state === 'closed')
        return won ? { to: 'open', calls, failures } : undefined
      },
    }
  }

  async function finish(scope: Scope, version: string, outcome: Outcome): Promise<Change | undefined> {
    const next =
      outcome === 'success' ? record('closed', 0) : record('open', outcome === 'failure' ? recoveryTimeout : 0)
    const mine = view.version === version
    if (mine) adopt(next)
    else if (stored?.version !== version) return undefined // its lease ended, and another one probes
    const won = await change(scope, next, now => now?.version === version)
    return won && outcome !== 'neither'
      ? { to: next.state, calls: 1, failures: outcome === 'failure' ? 1 : 0 }
      : undefined
  }

  async function probeOrRefuse(scope: Scope): Promise<Pass | Refusal> {
    if (view.state === 'halfOpen' && Date.now() - readAt >= RECHECK) await refresh(scope)
    const over = (now = CLOSED) => now.state !== 'closed' && now.until <= Date.now()
    if (over(view) && !acquiring) {
      acquiring = true
      try {
        const next = record('halfOpen', leaseOf(scope))
        const won = await change(scope, next, over)
        // Frozen on the way to the store, its unit was answered long ago.
        if (won && !over(next)) return pass(true)
      } finally {
        acquiring = false
      }
    }
    const { state, until } = view
    if (state === 'closed') return pass(false)
    const retryAfter = state === 'open' ? until - Date.now() : RECHECK
    return { state, retryAfter: Math.max(retryAfter, RECHECK) }
  }

  /** A probe does not outlive its invocation, nor its lease the process for long. */
  function leaseOf({ deadline = NO_DEADLINE }: Scope): number {
    return Math.min(probeLease, deadline.remaining() + PATIENCE)
  }

  return {
    enter(scope) {
      if (view.state !== 'closed') return probeOrRefuse(scope)
      // Not waited for: a healthy call pays nothing, and learns one call later at the worst.
      if (Date.now() - readAt >= maxAge) void refresh(scope)
      return pass(false)
    },
    refresh: () => refresh(),
    trouble() {
      const told = trouble
      trouble = undefined
      return told
    },
  }
}

function record(state: CircuitRecord['state'], ms: number): CircuitRecord {
  const version = process.getBuiltinModule('node:crypto').randomUUID()
  return { state, until: Date.now() + ms, version }
}
