// What holds of every retry, whatever fails and however long it takes: by a fake clock.
import { HttpError, PermanentError, RetryableError } from '@lambent/core'
import { lambdaContext } from '@lambent/testing'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type GaveUp, retriesOf, retry, withRetry } from '../src/index.ts'
import { heeding, seeded, through } from './pipelines.ts'

beforeEach(() => {
  vi.useFakeTimers()
  vi.spyOn(console, 'warn').mockImplementation(() => {})
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

const failure = fc.constantFrom<(() => unknown)[]>(
  () => new RetryableError('down'),
  () => new RetryableError('down', { retryAfter: 700 }),
  () => new RetryableError('down', { retryAfter: 60_000 }),
  () => new HttpError(429, 'busy', { headers: { 'retry-after': '1' } }),
  () => new Error('unknown'),
  () => Object.freeze(new Error('frozen')),
  () => undefined,
  () => 'text',
  () => new PermanentError('no'),
  () => Object.assign(new Error('no'), { name: 'ValidationException' }),
)
const permanent = (error: unknown) => /PermanentError|ValidationException/.test(Object(error).name)

const plans = fc.record({
  timeout: fc.integer({ min: 1, max: 20_000 }),
  kind: fc.constantFrom('invocation' as const, 'record' as const),
  options: fc.record(
    {
      attempts: fc.integer({ min: 1, max: 8 }),
      backoff: fc.record({ base: fc.integer({ min: 0, max: 2000 }), cap: fc.integer({ min: 0, max: 8000 }) }),
      reserve: fc.integer({ min: 0, max: 1000 }),
      leastAttempt: fc.integer({ min: 0, max: 500 }),
      perAttemptTimeout: fc.integer({ min: 1, max: 4000 }),
      share: fc.double({ min: 0.1, max: 1, noNaN: true }),
    },
    { requiredKeys: [] },
  ),
  /** What each attempt takes, and what it throws, if anything. */
  run: fc.array(
    fc.record({ ms: fc.integer({ min: 0, max: 5000 }), thrown: fc.option(failure, { freq: 8, nil: undefined }) }),
    { maxLength: 8 },
  ),
  heeds: fc.boolean(),
})

describe('whatever fails, and however long it takes', () => {
  it('attempts and pauses together never pass the deadline, a permanent error is never retried, and the last error is thrown', async () => {
    const reasons = new Map<GaveUp | 'done' | 'one', number>()
    await fc.assert(
      fc.asyncProperty(plans, fc.integer(), async ({ timeout, kind, options, run, heeds }, seed) => {
        vi.spyOn(Math, 'random').mockImplementation(seeded(seed))
        const began = Date.now()
        const { reserve = 0, leastAttempt = 100, attempts = 3, share = 0.5, perAttemptTimeout = Infinity } = options
        const begins: number[] = []
        const thrown: unknown[] = [] // by attempts that were not left behind
        const outcome = through(
          [retry(options)],
          async ({ signal }) => {
            const begin = Date.now() - began
            const index = begins.push(begin) - 1
            const { ms, thrown: make } = run[index] ?? { ms: 1, thrown: undefined }
            // One that is bounded, by the reserve or its own timeout, is so whether it heeds its signal or not.
            const bounded = reserve > 0 || perAttemptTimeout < Infinity
            const limit = bounded ? Math.min(timeout - reserve - begin, perAttemptTimeout) : Infinity
            await heeding(ms, heeds || !bounded ? signal : new AbortController().signal)
            const error = make?.()
            if (ms < limit) thrown[index] = error
            if (make) throw error
          },
          { lambda: lambdaContext({ timeout }), kind },
        ).then(
          () => ({ done: true, error: undefined, took: Date.now() - began }),
          error => ({ done: false, error, took: Date.now() - began }),
        )
        await vi.runAllTimersAsync()
        const { done, error, took } = await outcome

        expect(took).toBeLessThanOrEqual(Math.max(0, timeout - reserve))
        expect(begins.length).toBeLessThanOrEqual(attempts)
        for (const begin of begins.slice(1)) {
          expect(begin + leastAttempt).toBeLessThanOrEqual(timeout - reserve)
          if (kind === 'record') expect(begin + leastAttempt).toBeLessThanOrEqual((timeout - reserve) * share + 1e-6)
        }
        for (const [index, each] of thrown.entries()) if (permanent(each)) expect(begins.length).toBe(index + 1)
        if (!done) {
          const known = retriesOf(error)
          if (known) expect([known.attempts, known.errors.length]).toEqual([begins.length, begins.length - 1])
          if (Object(error).name !== 'TimeoutError') expect(error).toBe(thrown[begins.length - 1])
        }
        const reason = done ? 'done' : (retriesOf(error)?.reason ?? 'one')
        reasons.set(reason, (reasons.get(reason) ?? 0) + 1)
      }),
      { numRuns: 1500 },
    )
    // The plans were of all kinds.
    for (const reason of ['done', 'attempts', 'deadline', 'retryAfter', 'permanent'] as const)
      expect(reasons.get(reason), reason).toBeGreaterThan(20)
  })
})

describe('full jitter', () => {
  it('is uniform between 0 and min(base × 2^i, cap): Kolmogorov-Smirnov, by a fixed seed', async () => {
    vi.spyOn(Math, 'random').mockImplementation(seeded(20_260_301))
    const [base, cap] = [10_000, 35_000]
    const delays: number[][] = [[], [], []]
    const call = withRetry(
      () => {
        throw new RetryableError('down')
      },
      {
        attempts: 4,
        budget: false,
        backoff: { base, cap },
        onRetry: ({ attempt, delay }) => void delays[attempt - 1]?.push(delay),
      },
    )
    const n = 2000
    const calls = Promise.allSettled(Array.from({ length: n }, () => call({})))
    await vi.runAllTimersAsync()
    await calls

    for (const [i, sample] of delays.entries()) {
      expect(sample).toHaveLength(n)
      const most = Math.min(base * 2 ** i, cap)
      const sorted = sample.map(delay => delay / most).sort((a, b) => a - b)
      const distance = Math.max(
        ...sorted.map((value, k) => Math.max(Math.abs((k + 1) / n - value), Math.abs(value - k / n))),
      )
      // Of 2,000 samples 1.63 / √n is passed by one in a hundred of uniform ones.
      expect(distance).toBeLessThan(1.63 / Math.sqrt(n))
      expect(sorted[0]).toBeGreaterThanOrEqual(0)
      expect(sorted.at(-1)).toBeLessThanOrEqual(1)
    }
  })

  it('of one attempt tells nothing of the next', async () => {
    vi.spyOn(Math, 'random').mockImplementation(seeded(7))
    const pairs: number[][] = []
    const call = withRetry(
      ({ attempt }) => {
        if (attempt === 1) pairs.push([])
        throw new RetryableError('down')
      },
      {
        budget: false,
        backoff: { base: 1000 },
        onRetry: ({ attempt, delay }) => void pairs.at(-1)?.push(delay / attempt),
      },
    )
    for (let i = 0; i < 500; i++) {
      const outcome = call({}).catch(() => {})
      await vi.runAllTimersAsync()
      await outcome
    }
    const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
    const [first, second] = [pairs.map(pair => pair[0] ?? 0), pairs.map(pair => pair[1] ?? 0)]
    const [a, b] = [mean(first), mean(second)]
    const covariance = mean(first.map((value, i) => (value - a) * ((second[i] ?? 0) - b)))
    const spread = Math.sqrt(mean(first.map(v => (v - a) ** 2)) * mean(second.map(v => (v - b) ** 2)))
    expect(Math.abs(covariance / spread)).toBeLessThan(0.1)
  })
})
