// Any batch, whatever its records do and whenever the deadline comes: nothing is lost, nothing is out of order.
import fc from 'fast-check'
import { afterEach, describe, expect, it, vi } from 'vitest'
import {
  drainQueue,
  drainShard,
  type Invocation,
  invokeOnce,
  type Kind,
  type Options,
  type Plan,
} from './lambda-model.ts'

afterEach(() => {
  vi.useRealTimers()
})

const TIMEOUT = 1000 // ms: the deadline is at 800, the answer at 900 at the latest
const DEADLINE = 800
const ANSWER = 900

const plan = (ms: fc.Arbitrary<number>, failures: fc.Arbitrary<number>): fc.Arbitrary<Plan> =>
  fc.record({ group: fc.constantFrom('a', 'b', 'c', 'd'), failures, ms })
const quick = fc.integer({ min: 0, max: 5 })
const slow = fc.oneof(quick, fc.integer({ min: 100, max: 1200 }), fc.constant(100_000))
const some = fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.integer({ min: 1, max: 2 }), fc.constant(1e9))
const options = (timeout = TIMEOUT): fc.Arbitrary<Options> =>
  fc.record({
    concurrency: fc.integer({ min: 1, max: 6 }),
    onFailure: fc.constantFrom('stop', 'continue'),
    timeout: fc.constant(timeout),
  })
const batch = (ms: fc.Arbitrary<number>) => fc.array(plan(ms, some), { minLength: 1, maxLength: 14 })
const kinds = fc.constantFrom<Kind>('standard', 'fifo', 'kinesis', 'dynamodb')

const isStream = (kind: Kind) => kind === 'kinesis' || kind === 'dynamodb'

/** What holds for any one invocation. */
function check(
  kind: Kind,
  ids: readonly string[],
  plans: readonly Plan[],
  { concurrency, onFailure }: Options,
  { runs, reported, answered }: Invocation,
): void {
  const groupOf = (index: number) => (kind === 'standard' ? `${index}` : plans[index]?.group)
  // The response names only ids of the batch, each once, of a stream one; and comes before the timeout.
  expect(new Set(reported).size).toBe(reported.length)
  expect(reported.filter(id => !ids.includes(id))).toEqual([])
  if (isStream(kind)) expect(reported.length).toBeLessThanOrEqual(1)
  expect(answered).toBeLessThanOrEqual(ANSWER)

  expect(new Set(runs.map(({ index }) => index)).size).toBe(runs.length)
  for (const run of runs) {
    expect(run.start).toBeLessThan(DEADLINE)
    expect(run.running).toBeLessThanOrEqual(concurrency)
    for (const earlier of runs) {
      if (earlier.index >= run.index) continue
      if (groupOf(earlier.index) === groupOf(run.index)) {
        // Within a group never two at once, in order, and none after one that failed.
        expect(earlier.end).toBeLessThanOrEqual(run.start)
        expect(earlier.ok).toBe(true)
      }
      // In a stream nothing later is started once something is known to have failed.
      if (isStream(kind) && onFailure === 'stop' && !earlier.ok) expect(earlier.end).toBeGreaterThanOrEqual(run.start)
    }
    if (isStream(kind) && concurrency === 1)
      expect(runs.indexOf(run)).toBe(runs.filter(({ index }) => index < run.index).length)
  }

  // Acknowledged is what succeeded in time, and all of that where the order lets it be.
  const lowest = Math.min(...reported.map(id => ids.indexOf(id)), ids.length)
  const acknowledged = ids.flatMap((id, i) => ((isStream(kind) ? i < lowest : !reported.includes(id)) ? [i] : []))
  const runOf = (index: number) => runs.find(run => run.index === index)
  for (const index of acknowledged) expect(runOf(index)).toMatchObject({ ok: true })
  const inTime = (index: number) => runOf(index)?.ok && (runOf(index)?.end ?? Infinity) < answered
  if (isStream(kind)) expect(lowest === ids.length || !inTime(lowest) || runOf(lowest)?.end === answered).toBe(true)
  else for (const [index] of ids.entries()) if (inTime(index)) expect(acknowledged).toContain(index)
  // No later record of a group is acknowledged before an earlier one.
  for (const index of acknowledged)
    for (let i = 0; i < index; i++)
      if (groupOf(i) === groupOf(index) && kind !== 'standard') expect(acknowledged).toContain(i)
}

/** When each record starts if, at any time, the first ones start whose groups are free; -1: never. */
function expectedStarts(kind: Kind, plans: readonly Plan[], { concurrency }: Options): number[] {
  const starts = plans.map(() => -1)
  const ends = plans.map(() => Infinity)
  const groupOf = (index: number) => (kind === 'standard' ? `${index}` : plans[index]?.group)
  for (let now = 0; now < DEADLINE; now++) {
    for (let again = true; again; ) {
      again = false
      const running = starts.filter((start, i) => start >= 0 && (ends[i] as number) > now).length
      const next = plans.findIndex(
        (_, i) =>
          starts[i] === -1 &&
          plans.every((plan, earlier) => {
            if (earlier >= i || groupOf(earlier) !== groupOf(i)) return true
            return (ends[earlier] as number) <= now && plan.failures === 0
          }),
      )
      if (running < concurrency && next !== -1) {
        starts[next] = now
        ends[next] = now + (plans[next] as Plan).ms
        again = true
      }
    }
  }
  return starts
}

describe('any invocation', () => {
  it('keeps order, bound and time, and acknowledges what is done and nothing else', async () => {
    await fc.assert(
      fc.asyncProperty(kinds, batch(quick), options(), async (kind, plans, options) => {
        const ids = plans.map((_, i) => `${1000 + i}`)
        check(kind, ids, plans, options, await invokeOnce(kind, ids, plans, options))
      }),
      { numRuns: 400 },
    )
  })

  it('does so too when records are slow, or never end', async () => {
    await fc.assert(
      fc.asyncProperty(kinds, batch(slow), options(), async (kind, plans, options) => {
        const ids = plans.map((_, i) => `${1000 + i}`)
        check(kind, ids, plans, options, await invokeOnce(kind, ids, plans, options))
      }),
      { numRuns: 60 },
    )
  })

  it('starts a record as soon as a slot and its group are free', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom<Kind>('standard', 'fifo'),
        fc.oneof(batch(quick), batch(slow)),
        options(),
        async (kind, plans, options) => {
          const ids = plans.map((_, i) => `${1000 + i}`)
          const { runs } = await invokeOnce(kind, ids, plans, options)
          const starts = plans.map((_, i) => runs.find(({ index }) => index === i)?.start ?? -1)
          expect(starts).toEqual(expectedStarts(kind, plans, options))
        },
      ),
      { numRuns: 80 },
    )
  })

  it('starts the records of a stream as soon as their keys let it, when all succeed', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom<Kind>('kinesis', 'dynamodb'),
        fc.array(plan(quick, fc.constant(0)), { minLength: 1, maxLength: 14 }),
        options(),
        async (kind, plans, options) => {
          const ids = plans.map((_, i) => `${1000 + i}`)
          const { runs } = await invokeOnce(kind, ids, plans, options)
          const starts = plans.map((_, i) => runs.find(({ index }) => index === i)?.start ?? -1)
          expect(starts).toEqual(expectedStarts(kind, plans, options))
        },
      ),
      { numRuns: 50 },
    )
  })
})

describe('with all that comes again', () => {
  const sizes = fc.integer({ min: 1, max: 10 })

  it('a queue is drained: every message is done or dead, those of a FIFO group in order', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('standard' as const, 'fifo' as const),
        batch(quick),
        sizes,
        options(),
        async (kind, plans, size, options) => {
          const { done, dead } = await drainQueue(kind, plans, size, options, (ids, batch, invocation) =>
            check(kind, ids, batch, options, invocation),
          )
          expect([...done, ...dead].sort()).toEqual(plans.map((_, i) => `m-${i}`).sort())
          for (const id of dead)
            if (kind === 'standard') expect(plans[Number(id.slice(2))]?.failures).toBeGreaterThan(2)
          for (const id of done) expect(plans[Number(id.slice(2))]?.failures).toBeLessThan(1e9)
          if (kind === 'standard') return
          for (const group of ['a', 'b', 'c', 'd']) {
            const order = done.map(id => Number(id.slice(2))).filter(i => plans[i]?.group === group)
            expect(order).toEqual(order.toSorted((a, b) => a - b))
          }
        },
      ),
      { numRuns: 60 },
    )
  })

  it('a shard is drained: every record is done or given up, in order', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('kinesis' as const, 'dynamodb' as const),
        batch(quick),
        sizes,
        options(),
        async (kind, plans, size, options) => {
          const { done, dead } = await drainShard(kind, plans, size, options, (ids, batch, invocation) =>
            check(kind, ids, batch, options, invocation),
          )
          expect(done.length + dead.length).toBe(plans.length)
          expect(done).toEqual(done.toSorted())
          const poison = plans.filter(({ failures }) => failures === 1e9).length
          expect(dead).toHaveLength(poison)
        },
      ),
      { numRuns: 60 },
    )
  })
})
