// The state machine of a circuit, by sequences of commands that nobody chose: several processes on one store.
import fc from 'fast-check'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { type Circuit, circuitOf, type Pass } from '../src/circuit.ts'
import { type CircuitRecord, type CircuitStore, memoryCircuitStore } from '../src/index.ts'
import { startTable, type Table } from './table.ts'

const RECOVERY = 30_000
const WINDOW = 10_000
const MAX_AGE = 5000
const LEASE = 20_000
const THRESHOLD = 3
const RATE = 0.5
const STEP = WINDOW / 10

/** A process: its circuit, and what a spy on its way to the store has seen. */
interface Process {
  circuit: Circuit
  /** The last that it knows of the store, and when it asked. */
  seen: CircuitRecord | undefined
  askedAt: number
  writes: number
  /** How often that was another state. */
  changes: number
  /** Calls that ended since. */
  ended: { at: number; failed: boolean }[]
}
interface Held {
  readonly process: Process
  readonly pass: Pass
  readonly version: string | undefined
  readonly changes: number
  /** Of a probe. */
  readonly leaseUntil: number
}
interface World {
  readonly processes: Process[]
  readonly held: Held[]
  readonly truth: () => Promise<CircuitRecord | undefined>
  readonly make: () => Process
  /** The probe that may run now. */
  probe: Held | undefined
}
type Model = Record<never, never>

function world(store: CircuitStore, name: string, size: number): World {
  const make = (): Process => {
    const process: Process = {
      circuit: undefined as never,
      seen: undefined,
      askedAt: -Infinity,
      writes: 0,
      changes: 0,
      ended: [],
    }
    const know = (record: CircuitRecord | undefined) => {
      const both = [stateOf(record), stateOf(process.seen)]
      if (record?.version !== process.seen?.version && both.some(state => state !== 'closed')) {
        process.ended = []
        process.changes++
      }
      process.seen = record
    }
    const spy: CircuitStore = {
      async read(...args) {
        process.askedAt = Date.now()
        const record = await store.read(...args)
        know(record)
        return record
      },
      async write(...args) {
        process.askedAt = Date.now()
        process.writes++
        const record = await store.write(...args)
        know(record)
        return record
      },
    }
    const settings = { name, store: spy, failureThreshold: THRESHOLD, failureRate: RATE, window: WINDOW }
    process.circuit = circuitOf({ ...settings, recoveryTimeout: RECOVERY, probeLease: LEASE, maxAge: MAX_AGE })
    return process
  }
  const truth = () => store.read(name, { signal: new AbortController().signal })
  return { processes: Array.from({ length: size }, make), held: [], truth, make, probe: undefined }
}

const stateOf = (record: CircuitRecord | undefined) => record?.state ?? 'closed'

/** What a new call may meet, by what its process knows. */
async function enter(real: World, process: Process): Promise<Held | undefined> {
  const known = process.seen
  const { writes, askedAt } = process
  const truth = await real.truth()
  const now = Date.now()
  const entering = process.circuit.enter({})
  const { changes } = process // of a closed circuit, which answers at once
  const entered = await entering
  if (!('ended' in entered)) {
    // Refused: only by what it has just been told, or what it knew.
    const after = process.seen
    expect(stateOf(after)).not.toBe('closed')
    expect(entered.retryAfter).toBeGreaterThan(0)
    if (after?.state === 'halfOpen' && now - askedAt >= 1000) expect(process.askedAt).toBe(now)
    if (after?.state === 'open') expect(entered.retryAfter).toBe(Math.max(1000, after.until - now))
    return undefined
  }
  const held: Held = {
    process,
    pass: entered,
    version: process.seen?.version,
    changes: entering instanceof Promise ? process.changes : changes,
    leaseUntil: now + LEASE,
  }
  if (entered.probe) {
    // One probe in the fleet, and not before the circuit was open for as long as it must be.
    if (real.probe) expect(real.probe.leaseUntil).toBeLessThanOrEqual(now)
    expect(stateOf(truth)).not.toBe('closed')
    expect(truth?.until).toBeLessThanOrEqual(now)
    real.probe = held
  } else {
    // A call that is made while the store says otherwise is one of a process that has yet to hear of it.
    if (stateOf(truth) !== 'closed') {
      expect(stateOf(known)).toBe('closed')
      expect(known?.version).not.toBe(truth?.version)
    }
    // What is healthy writes nothing, and reads only what is old.
    if (stateOf(known) === 'closed') {
      expect(process.writes).toBe(writes)
      expect(process.askedAt).toBe(now - askedAt < MAX_AGE ? askedAt : now)
    }
  }
  await process.circuit.refresh() // what was begun in the background
  return held
}

async function end(real: World, { process, pass, version, changes }: Held, outcome: 'success' | 'failure' | 'neither') {
  const before = await real.truth()
  const now = Date.now()
  const { writes, ended } = process
  const current = process.changes === changes
  const change = await pass.ended({}, outcome)
  const after = await real.truth()
  const mine = pass.probe && real.probe?.pass === pass
  if (mine) real.probe = undefined

  if (pass.probe) {
    if (before?.state === 'halfOpen' && before.version === version) {
      expect(stateOf(after)).toBe(outcome === 'success' ? 'closed' : 'open')
      expect(after?.until).toBe(outcome === 'failure' ? now + RECOVERY : now)
      expect(change?.to).toBe(outcome === 'neither' ? undefined : after?.state)
    } else {
      // Its lease ended, and the circuit has gone on without it.
      expect([after?.version, change]).toEqual([before?.version, undefined])
    }
    return
  }
  if (!current || outcome === 'neither') {
    expect([after?.version, change, process.writes]).toEqual([before?.version, undefined, writes])
    return
  }
  // Counted anew, by another way than the circuit does.
  const failed = outcome === 'failure'
  const counted = [...ended, { at: now, failed }]
  if (process.changes === changes) process.ended = counted
  const recent = counted.filter(({ at }) => Math.floor(now / STEP) - Math.floor(at / STEP) < 10)
  const failures = recent.filter(each => each.failed).length
  const opens = failed && failures >= THRESHOLD && failures / recent.length >= RATE
  if (!opens) {
    expect([after?.version, change, process.writes]).toEqual([before?.version, undefined, writes])
    return
  }
  expect(process.writes).toBeGreaterThan(writes)
  if (stateOf(before) === 'closed') {
    expect(change).toEqual({ to: 'open', calls: recent.length, failures })
    expect(after).toMatchObject({ state: 'open', until: now + RECOVERY })
  } else expect([after?.version, change]).toEqual([before?.version, undefined])
}

const pick = <T>(all: readonly T[], n: number): T | undefined => all[n % Math.max(1, all.length)]

const outcomes = fc.constantFrom('success' as const, 'failure' as const, 'failure' as const, 'neither' as const)
const commands = [
  fc.tuple(fc.nat(2), outcomes).map(
    ([n, outcome]): fc.AsyncCommand<Model, World> => ({
      check: () => true,
      async run(_, real) {
        const process = pick(real.processes, n)
        const held = process && (await enter(real, process))
        if (held) await end(real, held, outcome)
      },
      toString: () => `call(${n}, ${outcome})`,
    }),
  ),
  fc.nat(2).map(
    (n): fc.AsyncCommand<Model, World> => ({
      check: () => true,
      async run(_, real) {
        const process = pick(real.processes, n)
        const held = process && (await enter(real, process))
        if (held) real.held.push(held)
      },
      toString: () => `begin(${n})`,
    }),
  ),
  fc.tuple(fc.nat(5), outcomes).map(
    ([n, outcome]): fc.AsyncCommand<Model, World> => ({
      check: () => true,
      async run(_, real) {
        const held = pick(real.held, n)
        if (!held) return
        real.held.splice(real.held.indexOf(held), 1)
        await end(real, held, outcome)
      },
      toString: () => `end(${n}, ${outcome})`,
    }),
  ),
  fc.constantFrom(STEP, 3 * STEP, 6000, 11_000, LEASE, RECOVERY, RECOVERY).map(
    (ms): fc.AsyncCommand<Model, World> => ({
      check: () => true,
      async run() {
        vi.setSystemTime(Date.now() + ms)
      },
      toString: () => `pass(${ms} ms)`,
    }),
  ),
  // A process dies with all that it does, its probe too; another one is started.
  fc.nat(2).map(
    (n): fc.AsyncCommand<Model, World> => ({
      check: () => true,
      async run(_, real) {
        const process = pick(real.processes, n)
        if (!process) return
        real.processes[real.processes.indexOf(process)] = real.make()
        for (const held of real.held.filter(each => each.process === process))
          real.held.splice(real.held.indexOf(held), 1)
      },
      toString: () => `die(${n})`,
    }),
  ),
]

/** Whatever has happened: when what is behind it is up again, every process calls it, after a probe. */
async function recovers(real: World): Promise<void> {
  vi.setSystemTime(Date.now() + RECOVERY + LEASE)
  for (let round = 0; round < 3; round++) {
    for (const process of real.processes) {
      const held = await enter(real, process)
      if (held) await end(real, held, 'success')
    }
    vi.setSystemTime(Date.now() + MAX_AGE)
  }
  for (const process of real.processes) expect(await enter(real, process)).toMatchObject({ pass: { probe: false } })
  expect(stateOf(await real.truth())).toBe('closed')
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: 1_800_000_000_000 })
})
afterEach(() => {
  vi.useRealTimers()
})

let names = 0
const property = (store: () => CircuitStore, maxCommands: number) =>
  fc.asyncProperty(
    fc.commands(commands, { maxCommands, size: '+1' }),
    fc.integer({ min: 1, max: 3 }),
    async (all, size) => {
      const real = world(store(), `circuit-${names++}`, size)
      await fc.asyncModelRun(() => ({ model: {}, real }), all)
      await recovers(real)
    },
  )

describe('several processes on one store', () => {
  it('of memory', async () => {
    await fc.assert(property(memoryCircuitStore, 60), { numRuns: 5000 })
  })

  describe('of DynamoDB', () => {
    let table: Table
    beforeAll(async () => {
      table = await startTable()
    })
    afterAll(() => table[Symbol.asyncDispose]())

    it('by our client', async () => {
      await fc.assert(
        property(() => table.store(), 40),
        { numRuns: 40 },
      )
    })
    it('by the SDK', async () => {
      await fc.assert(
        property(() => table.store(table.clients.sdk), 40),
        { numRuns: 15 },
      )
    })

    it('let one of twenty probe that try it at once', async () => {
      const store = table.store()
      for (let round = 0; round < 5; round++) {
        const real = world(store, `race-${round}`, 20)
        const [first] = real.processes as [Process]
        for (let i = 0; i < THRESHOLD; i++) {
          const entered = await first.circuit.enter({})
          if ('ended' in entered) await entered.ended({}, 'failure')
        }
        await Promise.all(real.processes.map(({ circuit }) => circuit.refresh()))
        vi.setSystemTime(Date.now() + RECOVERY)
        const entered = await Promise.all(
          real.processes.flatMap(({ circuit }) => [circuit.enter({}), circuit.enter({})]),
        )
        expect(entered.filter(each => 'ended' in each)).toMatchObject([{ probe: true }])
      }
    })
  })
})

it('one of many probes, in whatever order the store answers', async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), async scheduler => {
      const memory = memoryCircuitStore()
      const slow: CircuitStore = {
        read: (...args) => scheduler.schedule(Promise.resolve(), 'read').then(() => memory.read(...args)),
        write: async (...args) => {
          await scheduler.schedule(Promise.resolve(), 'write')
          const stored = await memory.write(...args)
          await scheduler.schedule(Promise.resolve(), 'written')
          return stored
        },
      }
      const open = { state: 'open', until: Date.now(), version: 'v1' } as const
      await memory.write('c', open, undefined, { signal: new AbortController().signal })
      const settings = { name: 'c', store: slow, failureThreshold: 1, failureRate: 1, window: WINDOW, maxAge: MAX_AGE }
      const circuits = Array.from({ length: 4 }, () =>
        circuitOf({ ...settings, recoveryTimeout: RECOVERY, probeLease: LEASE }),
      )
      const entered = Promise.all(
        circuits.map(async circuit => {
          await circuit.refresh()
          return circuit.enter({})
        }),
      )
      await scheduler.waitFor(entered)
      expect((await entered).filter(each => 'ended' in each && each.probe)).toHaveLength(1)
      expect((await entered).filter(each => 'ended' in each)).toHaveLength(1)
    }),
    { numRuns: 200 },
  )
})
