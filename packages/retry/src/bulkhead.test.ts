import { type Middleware, RetryableError } from '@lambent/core'
import { lambdaContext } from '@lambent/testing'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { heeding, listening, through } from '../test/pipelines.ts'
import { type BulkheadOptions, bulkhead, timeout } from './index.ts'

beforeEach(() => {
  vi.useFakeTimers()
  vi.spyOn(console, 'warn').mockImplementation(() => {})
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

const wait = (ms: number) => new Promise(resolve => setTimeout(resolve, ms))

describe('bulkhead', () => {
  it('runs so many at once, and the others in the order in which they came', async () => {
    const middleware = bulkhead({ concurrency: 2 })
    const log: string[] = []
    const units = ['a', 'b', 'c', 'd', 'e'].map((name, i) =>
      through([middleware], async () => {
        log.push(name)
        await wait(100 - i)
      }),
    )
    await vi.advanceTimersByTimeAsync(50)
    expect(log).toEqual(['a', 'b'])
    await vi.advanceTimersByTimeAsync(49)
    expect(log).toEqual(['a', 'b', 'c'])
    await vi.runAllTimersAsync()
    await Promise.all(units)
    expect(log).toEqual(['a', 'b', 'c', 'd', 'e'])
  })

  it('gives the place of one that failed to the next', async () => {
    const middleware = bulkhead({ concurrency: 1 })
    const first = through([middleware], async () => {
      await wait(10)
      throw new Error('first')
    }).catch(error => error.message)
    const second = through([middleware], () => 'second')
    await vi.runAllTimersAsync()
    expect([await first, await second, await through([middleware], () => 'third')]).toEqual([
      'first',
      'second',
      'third',
    ])
    expect(vi.getTimerCount()).toBe(0)
  })

  it('turns away what finds the queue full, with a RetryableError', async () => {
    const { events, listen } = listening()
    const middleware = bulkhead({ concurrency: 1, queue: 1 })
    const running = through([middleware], () => wait(100))
    const waiting = through([middleware], () => 'waited')
    const error = await through([listen, middleware], () => 'never').catch(caught => caught)
    expect(error).toBeInstanceOf(RetryableError)
    expect(error).toMatchObject({ code: 'BulkheadFull' })
    expect(events).toMatchObject([
      { name: 'bulkhead.rejected', level: 'info', fields: { concurrency: 1, running: 1, waiting: 1, reason: 'queue' } },
    ])
    await vi.runAllTimersAsync()
    expect([await running, await waiting]).toEqual([undefined, 'waited'])
    expect(await through([bulkhead({ concurrency: 1, queue: 0 })], () => 'a free place needs no queue')).toBeTruthy()
  })

  it('turns away what waited for maxWait', async () => {
    const { events, listen } = listening()
    const middleware = bulkhead({ concurrency: 1, maxWait: 50 })
    const running = through([middleware], () => wait(100))
    const error = through([listen, middleware], () => 'never').catch(caught => caught.code)
    await vi.advanceTimersByTimeAsync(50)
    expect(await error).toBe('BulkheadFull')
    expect(events[0]?.fields).toMatchObject({ reason: 'maxWait', waited: 50 })
    const next = through([middleware], () => 'next')
    await vi.runAllTimersAsync()
    expect([await running, await next]).toEqual([undefined, 'next'])
  })

  it('leaves the queue when its signal fires, and starts nothing after the deadline', async () => {
    const middleware = bulkhead({ concurrency: 1 })
    const lambda = lambdaContext({ timeout: 100 })
    let ran = 0
    const running = through([middleware], ({ signal }) => heeding(1000, signal), { lambda }).catch(error => error.name)
    const waiting = through([middleware], () => ran++, { lambda }).catch(error => error.code)
    await vi.advanceTimersByTimeAsync(100)
    expect([await running, await waiting, ran]).toEqual(['TimeoutError', 'BulkheadFull', 0])
    expect(await through([middleware], () => 'free again')).toBe('free again')
  })

  it('starts no other unit of an invocation whose one signal fires for both', async () => {
    const middleware = bulkhead({ concurrency: 1 })
    const controller = new AbortController()
    const signal = controller.signal
    let ran = 0
    const units = [1, 2].map(() =>
      through([(_, next) => next({ signal }), middleware], async () => {
        ran++
        await new Promise(() => {})
      }).catch(error => [error.code, error.cause?.message]),
    )
    await vi.advanceTimersByTimeAsync(1)
    controller.abort(new Error('deadline'))
    expect(await units[1]).toEqual(['BulkheadFull', 'deadline'])
    expect(ran).toBe(1)
  })

  it('does not keep the place of what never ends', async () => {
    const middleware = bulkhead({ concurrency: 1 })
    void through([middleware], () => new Promise(() => {}), { lambda: lambdaContext({ timeout: 100 }) })
    await vi.advanceTimersByTimeAsync(100)
    expect(await through([middleware], () => 'next invocation')).toBe('next invocation')
  })

  it('gives no place to a unit whose signal has fired, which would keep it for ever', async () => {
    const middleware = bulkhead({ concurrency: 1, queue: 0 })
    const late: Middleware = async (_, next) => {
      await wait(200)
      return next()
    }
    const first = expect(through([timeout(100), late, middleware], () => new Promise(() => {}))).rejects.toThrow(
      '100 ms',
    )
    await vi.runAllTimersAsync()
    await first
    expect(await through([middleware], () => 'done')).toBe('done')
  })

  it('never runs more than its concurrency, loses none, and keeps the order: whatever comes when', async () => {
    const plans = fc.array(
      fc.record({
        at: fc.nat(200),
        takes: fc.nat(100),
        fails: fc.boolean(),
        timeout: fc.option(fc.integer({ min: 1, max: 300 }), { nil: undefined }),
      }),
      { minLength: 1, maxLength: 25 },
    )
    await fc.assert(
      fc.asyncProperty(plans, fc.integer({ min: 1, max: 4 }), fc.nat(30), async (units, concurrency, queue) => {
        const middleware = bulkhead({ concurrency, queue })
        let running = 0
        let arrivals = 0
        const started: number[] = []
        const outcomes = units.map(async ({ at, takes, fails, timeout }) => {
          await wait(at)
          const arrival = arrivals++
          const lambda = timeout === undefined ? undefined : lambdaContext({ timeout })
          return through(
            [middleware],
            async ({ signal }) => {
              running++
              started.push(arrival)
              expect(running).toBeLessThanOrEqual(concurrency)
              try {
                await heeding(takes, signal)
                if (fails) throw new Error('failed')
              } finally {
                running--
              }
            },
            { lambda },
          ).catch(error => error.code ?? error.message)
        })
        await vi.runAllTimersAsync()
        const ended = await Promise.all(outcomes)
        expect(started).toEqual([...started].sort((a, b) => a - b))
        const turnedAway = ended.filter(code => code === 'BulkheadFull').length
        expect(started.length + turnedAway).toBe(units.length)
        // All places are free again.
        const free = Array.from({ length: concurrency }, () => through([middleware], () => 'free'))
        expect(await Promise.all(free)).toEqual(free.map(() => 'free'))
      }),
      { numRuns: 300 },
    )
  })

  it.each<[object, string]>([
    [{}, 'bulkhead({ concurrency }) takes a whole number from 1 on, not undefined'],
    [{ concurrency: 0 }, 'bulkhead({ concurrency }) takes a whole number from 1 on, not 0'],
    [{ concurrency: 1, queue: -1 }, 'bulkhead({ queue }) takes a whole number from 0 on, not -1'],
    [{ concurrency: 1, maxWait: Number.NaN }, 'bulkhead({ maxWait }) takes milliseconds from 0 on, not NaN'],
  ])('%o is refused where it is given', (options, message) => {
    expect(() => bulkhead(options as BulkheadOptions)).toThrow(message)
  })
})
