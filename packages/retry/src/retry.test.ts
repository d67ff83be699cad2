import { classify, HttpError, LambentError, PermanentError, RetryableError, TimeoutError } from '@lambent/core'
import { lambdaContext } from '@lambent/testing'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { heeding, listening, through, untilAborted } from '../test/pipelines.ts'
import { type RetryOptions, retriesOf, retry, retryBudget, withRetry } from './index.ts'

beforeEach(() => {
  vi.useFakeTimers()
  vi.spyOn(console, 'warn').mockImplementation(() => {})
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

/** Runs what throws these one after the other, then answers; gives what came of it, and when each attempt began. */
async function trying(
  thrown: readonly unknown[],
  options: RetryOptions = {},
  { timeout = 10_000, kind = 'invocation' as 'invocation' | 'record', takes = 0 } = {},
) {
  const { events, listen } = listening()
  const began = Date.now()
  const starts: number[] = []
  const outcome = through(
    [listen, retry(options)],
    async ({ signal }) => {
      const n = starts.push(Date.now() - began) - 1
      if (takes > 0) await heeding(takes, signal)
      if (n < thrown.length) throw thrown[n]
      return 'done'
    },
    { lambda: lambdaContext({ timeout }), kind },
  ).then(
    value => ({ value }),
    error => ({ error }),
  )
  await vi.runAllTimersAsync()
  return { ...(await outcome), starts, events } as {
    value?: unknown
    error?: unknown
    starts: number[]
    events: typeof events
  }
}

const down = () => new RetryableError('down')

describe('retry', () => {
  it('tries three times, and gives what the last attempt gives', async () => {
    const { value, starts, events } = await trying([down(), new Error('unknown')])
    expect(value).toBe('done')
    expect(starts).toHaveLength(3)
    expect(events.map(({ name, level, fields }) => [name, level, fields?.attempt])).toEqual([
      ['retry.attempt', 'info', 1],
      ['retry.attempt', 'info', 2],
    ])
    expect(events[0]?.unit?.id).toBe('u-1')
  })

  it('says nothing, and makes no timer, where nothing fails', async () => {
    const { value, events } = await trying([])
    expect([value, events, vi.getTimerCount()]).toEqual(['done', [], 0])
  })

  it('throws the last error itself, with the earlier ones and the number of attempts in reach', async () => {
    const errors = [down(), new Error('second'), new HttpError(503, 'busy')]
    const { error, events } = await trying(errors)
    expect(error).toBe(errors[2])
    expect(retriesOf(error)).toEqual({ attempts: 3, errors: errors.slice(0, 2), reason: 'attempts' })
    expect(Object.keys(error as object)).toEqual(Object.keys(new HttpError(503, 'busy')))
    expect(events.at(-1)).toMatchObject({
      name: 'retry.exhausted',
      level: 'warn',
      error,
      fields: { attempts: 3, reason: 'attempts', classification: 'retryable' },
    })
  })

  it.each([
    ['a frozen error', Object.freeze(new RetryableError('cold'))],
    ['a frozen object', Object.freeze({ $retryable: {} })],
  ])('keeps the attempts of %s beside it', async (_, thrown) => {
    const { error } = await trying([thrown, thrown, thrown])
    expect(error).toBe(thrown)
    expect(retriesOf(error)).toMatchObject({ attempts: 3, errors: [thrown, thrown] })
  })

  it.each([undefined, null, 'text', 7, Symbol('s')])('throws %o as it was thrown', async thrown => {
    const outcome = await trying([thrown, thrown, thrown])
    expect('error' in outcome && outcome.error).toBe(thrown)
    expect(outcome.starts).toHaveLength(3)
    expect(retriesOf(thrown)).toBeUndefined()
  })

  it.each([
    ['PermanentError', new PermanentError('no')],
    ['HttpError 404', new HttpError(404, 'no')],
    ['ValidationException', Object.assign(new Error('no'), { name: 'ValidationException' })],
    ['an error whose cause is permanent', new Error('outer', { cause: new PermanentError('no') })],
  ])('never retries %s, whatever retryIf says', async (_, thrown) => {
    const { error, starts, events } = await trying([thrown], { retryIf: () => true })
    expect([error, starts, events]).toEqual([thrown, [0], []])
    expect(retriesOf(error)).toEqual({ attempts: 1, errors: [], reason: 'permanent' })
  })

  it('asks retryIf about the others', async () => {
    const retryIf = (error: unknown) => classify(error) === 'retryable'
    expect(await trying([down(), new Error('who knows')], { retryIf })).toMatchObject({
      error: { message: 'who knows' },
    })
  })

  it('loses no error where retryIf throws', async () => {
    const first = down()
    const defect = new TypeError('undefined is not a function')
    const { error } = await trying([first], {
      retryIf: () => {
        throw defect
      },
    })
    expect(error).toMatchObject({ errors: [first, defect] })
    expect(classify(error)).toBe('retryable')
  })

  it('does not retry what the handler wants later', async () => {
    const later = new RetryableError('later', { code: 'RetryLater', retryAfter: 1000 })
    const { error, starts, events } = await trying([later])
    expect([error, starts, events]).toEqual([later, [0], []])
  })

  it('counts the attempts that an AWS client made, so that retries do not multiply', async () => {
    const sdk = (attempts: number) =>
      Object.assign(new Error('x'), { name: 'ThrottlingException', $retryable: {}, $metadata: { attempts } })
    expect((await trying([sdk(3)])).starts).toHaveLength(1)
    expect((await trying([new Error('of mine', { cause: sdk(3) })])).starts).toHaveLength(1)
    expect((await trying([sdk(3), sdk(3)], { attempts: 5 })).starts).toHaveLength(2)
    expect((await trying([sdk(1), sdk(1)])).value).toBe('done')
  })

  it('tells onRetry, and does not care what becomes of that', async () => {
    const told: unknown[] = []
    const printed = vi.spyOn(console, 'error').mockImplementation(() => {})
    const first = down()
    const { value } = await trying([first], {
      onRetry: ({ error, attempt, unit }) => {
        told.push(error, attempt, unit?.id)
        throw new Error('onRetry is broken')
      },
    })
    expect([value, told]).toEqual(['done', [first, 1, 'u-1']])
    expect(printed).toHaveBeenCalledOnce()
  })
})

describe('the pause', () => {
  const full = () => vi.spyOn(Math, 'random').mockReturnValue(1)

  it('doubles from 50 ms', async () => {
    full()
    expect((await trying([down(), down(), down()], { attempts: 4 })).starts).toEqual([0, 50, 150, 350])
  })

  it('doubles from 1 s where there were too many requests', async () => {
    full()
    const throttled = () => Object.assign(new Error('x'), { name: 'ThrottlingException' })
    expect((await trying([throttled(), throttled()])).starts).toEqual([0, 1000, 3000])
    expect((await trying([new HttpError(429, 'x')])).starts).toEqual([0, 1000])
  })

  it('has a cap', async () => {
    full()
    const backoff = { base: 100, cap: 150 }
    expect((await trying([down(), down(), down()], { attempts: 4, backoff })).starts).toEqual([0, 100, 250, 400])
  })

  it('may be a function', async () => {
    const first = down()
    const backoff = vi.fn((attempt: number) => attempt * 10)
    expect((await trying([first, down()], { backoff })).starts).toEqual([0, 10, 30])
    expect(backoff).toHaveBeenCalledWith(1, first)
  })

  it('of a function that gives nonsense is none', async () => {
    expect((await trying([down(), down()], { backoff: n => (n === 1 ? Number.NaN : -5) })).starts).toEqual([0, 0, 0])
  })

  const at = (ms: number) => new Date(Date.now() + ms).toUTCString()
  it.each<[string, () => unknown]>([
    ['retryAfter of a RetryableError, in ms', () => new RetryableError('x', { retryAfter: 3000 })],
    ['Retry-After of an HttpError, in s', () => new HttpError(503, 'x', { headers: { 'Retry-After': '3' } })],
    ['Retry-After as a date', () => new HttpError(503, 'x', { headers: { 'retry-after': at(3000) } })],
    [
      'headers of a response, as fetch has them',
      () => Object.assign(down(), { response: { headers: new Headers({ 'retry-after': '3' }) } }),
    ],
    ['headers of the SDK’s response', () => Object.assign(down(), { $response: { headers: { 'retry-after': '3' } } })],
    ['that of a cause', () => new Error('x', { cause: new RetryableError('x', { retryAfter: 3000 }) })],
    ['that of a member', () => new AggregateError([new RetryableError('x', { retryAfter: 3000 }), down()])],
  ])('is as long as asked for, and then jitter: %s', async (_, thrown) => {
    vi.setSystemTime('2026-01-01T00:00:00Z')
    full()
    expect((await trying([thrown()])).starts).toEqual([0, 3050])
  })

  it('does not take a retryAfter of others for milliseconds', async () => {
    full()
    expect((await trying([Object.assign(new Error('x'), { retryAfter: 3 })])).starts).toEqual([0, 50])
  })

  it('is not made where the other side wants a longer one than maxRetryAfter', async () => {
    const { error, starts, events } = await trying([new RetryableError('x', { retryAfter: 5001 })])
    expect(starts).toEqual([0])
    expect(error).toMatchObject({ retryAfter: 5001 })
    expect(events.at(-1)?.fields?.reason).toBe('retryAfter')
    expect((await trying([new RetryableError('x', { retryAfter: 5001 })], { maxRetryAfter: 6000 })).value).toBe('done')
  })

  it.each([
    [
      'a getter that throws',
      Object.defineProperty(new RetryableError('x'), 'headers', {
        get: () => {
          throw new Error()
        },
      }),
    ],
    [
      'a circle of causes',
      Object.assign(new RetryableError('x'), {
        get cause(): unknown {
          return this
        },
      }),
    ],
    [
      'members of members of members',
      [1, 2, 3, 4].reduce(inner => new AggregateError(Array(8).fill(inner)), down() as Error),
    ],
    ['headers that are none', Object.assign(down(), { headers: 7, $metadata: 'x', response: null })],
    ['Retry-After that is none', new HttpError(503, 'x', { headers: { 'retry-after': 'soon' } })],
    [
      'Retry-After in the past',
      new HttpError(503, 'x', { headers: { 'retry-after': 'Thu, 01 Jan 1970 00:00:00 GMT' } }),
    ],
  ])('comes of any error: %s', async (_, thrown) => {
    full()
    expect((await trying([thrown])).starts).toEqual([0, 50])
  })
})

describe('the deadline', () => {
  const full = () => vi.spyOn(Math, 'random').mockReturnValue(1)

  it('fails now, with the error itself, where the pause and the least useful attempt do not fit', async () => {
    full()
    const backoff = { base: 400 }
    const { error, starts, events } = await trying([down(), down()], { backoff }, { timeout: 499 })
    expect(starts).toEqual([0])
    expect(error).toBeInstanceOf(RetryableError)
    expect(retriesOf(error)?.reason).toBe('deadline')
    expect(events.map(({ name }) => name)).toEqual(['retry.exhausted'])
    expect((await trying([down()], { backoff }, { timeout: 501 })).starts).toEqual([0, 400])
    expect((await trying([down()], { backoff, leastAttempt: 102 }, { timeout: 501 })).starts).toEqual([0])
    expect((await trying([down()], { backoff, reserve: 2 }, { timeout: 501 })).starts).toEqual([0])
  })

  it('of a record leaves half of the time to the others', async () => {
    full()
    const [backoff, kind, timeout] = [{ base: 400 }, 'record', 1000] as const
    expect((await trying([down()], { backoff }, { kind, timeout })).starts).toEqual([0, 400])
    expect((await trying([down()], { backoff: { base: 401 } }, { kind, timeout })).starts).toEqual([0])
    expect((await trying([down()], { backoff: { base: 401 }, share: 1 }, { kind, timeout })).value).toBe('done')
  })

  it('fires the signal of an attempt when its reserve begins, and leaves behind what does not heed it', async () => {
    const began = Date.now()
    const seen: AbortSignal[] = []
    const outcome = through(
      [retry({ reserve: 300 })],
      ({ signal, deadline }) => {
        seen.push(signal)
        expect(deadline.remaining()).toBe(700)
        return new Promise(() => {})
      },
      { lambda: lambdaContext({ timeout: 1000 }) },
    ).catch(error => [error, Date.now() - began])
    await vi.advanceTimersByTimeAsync(700)
    expect(await outcome).toEqual([expect.any(TimeoutError), 700])
    expect(seen[0]?.reason).toBeInstanceOf(TimeoutError)
    await vi.runAllTimersAsync()
  })

  it('ends the pause when the signal fires', async () => {
    const controller = new AbortController()
    const error = down()
    let runs = 0
    const outcome = through(
      [(_, next) => next({ signal: controller.signal }), retry({ backoff: () => 5000 })],
      () => {
        runs++
        throw error
      },
      { lambda: lambdaContext({ timeout: 60_000 }) },
    ).catch(caught => caught)
    await vi.advanceTimersByTimeAsync(100)
    controller.abort()
    expect([await outcome, runs]).toEqual([error, 1])
    expect(retriesOf(error)?.reason).toBe('deadline')
    expect(vi.getTimerCount()).toBe(0)
  })

  it('makes no pause where the signal fired before the deadline', async () => {
    const controller = new AbortController()
    const { events, listen } = listening()
    const outcome = through(
      [listen, (_, next) => next({ signal: controller.signal }), retry({ perAttemptTimeout: 5000 })],
      ({ signal }) => untilAborted(signal),
      { lambda: lambdaContext({ timeout: 60_000 }) },
    ).catch(caught => caught)
    await vi.advanceTimersByTimeAsync(100)
    controller.abort(new RetryableError('enough'))
    expect(await outcome).toMatchObject({ message: 'enough' })
    expect(events.map(({ name }) => name)).toEqual(['retry.exhausted'])
  })

  it('makes no attempt after the signal has fired', async () => {
    const { error, starts } = await trying([], {}, { timeout: 300, takes: 1000 })
    expect(starts).toEqual([0])
    expect(error).toBeInstanceOf(TimeoutError)
  })
})

describe('perAttemptTimeout', () => {
  it('gives each attempt a signal and a deadline, and a second chance to one that does not heed it', async () => {
    const signals: AbortSignal[] = []
    const left: number[] = []
    const outcome = through(
      [retry({ perAttemptTimeout: 200, backoff: () => 10 })],
      ({ signal, deadline }) => {
        left.push(deadline.remaining())
        return signals.push(signal) === 1 ? new Promise(() => {}) : 'done'
      },
      { lambda: lambdaContext({ timeout: 10_000 }) },
    )
    await vi.runAllTimersAsync()
    expect([await outcome, left, signals.map(({ aborted }) => aborted)]).toEqual(['done', [200, 200], [true, false]])
    expect(vi.getTimerCount()).toBe(0)
  })

  it('ignores what an attempt that was left behind comes to', async () => {
    const unhandled = vi.fn()
    process.on('unhandledRejection', unhandled)
    const outcome = through(
      [retry({ perAttemptTimeout: 100, attempts: 1 })],
      () => new Promise((_, reject) => setTimeout(reject, 500, new Error('late'))),
    ).catch(error => error)
    await vi.runAllTimersAsync()
    expect(await outcome).toBeInstanceOf(TimeoutError)
    vi.useRealTimers()
    await new Promise(resolve => setTimeout(resolve, 20))
    process.off('unhandledRejection', unhandled)
    expect(unhandled).not.toHaveBeenCalled()
  })
})

describe('the budget', () => {
  it('is of 500, a further attempt costs 14: with nothing but failures 35 are made', async () => {
    const middleware = retry({ backoff: () => 0 })
    let runs = 0
    for (let i = 0; i < 100; i++) {
      const outcome = through([middleware], () => {
        runs++
        throw down()
      }).catch(() => {})
      await vi.runAllTimersAsync()
      await outcome
    }
    expect(runs).toBe(100 + 35)
  })

  it('costs 5 for throttling', async () => {
    const budget = retryBudget()
    let runs = 0
    for (let i = 0; i < 150; i++) {
      const outcome = through([retry({ budget, attempts: 2, backoff: () => 0 })], () => {
        runs++
        throw new HttpError(429, 'x')
      }).catch(() => {})
      await vi.runAllTimersAsync()
      await outcome
    }
    expect(runs).toBe(150 + 100)
  })

  it('is filled by successes: what the attempt took, or 1', async () => {
    const budget = retryBudget({ capacity: 20, cost: 14 })
    const options = { budget, attempts: 2, backoff: () => 0 }
    expect((await trying([down()], options)).value).toBe('done') // -14 +14
    expect((await trying([down(), down()], options)).starts).toHaveLength(2) // 6
    const { starts, events } = await trying([down()], options)
    expect(starts).toHaveLength(1)
    expect(events.at(-1)).toMatchObject({ name: 'retry.exhausted', fields: { reason: 'budget' } })
    for (let i = 0; i < 100; i++) await trying([], options) // 20
    expect((await trying([down(), down()], options)).starts).toHaveLength(2) // 6
    expect((await trying([down(), down()], options)).starts).toHaveLength(1)
    for (let i = 0; i < 8; i++) await trying([], options) // 14
    expect((await trying([down()], options)).value).toBe('done')
  })

  it('may be none', async () => {
    const middleware = retry({ budget: false, attempts: 100, backoff: () => 0 })
    let runs = 0
    const outcome = through([middleware], () => {
      runs++
      throw down()
    }).catch(() => {})
    await vi.runAllTimersAsync()
    await outcome
    expect(runs).toBe(100)
  })
})

describe('withRetry', () => {
  it('wraps a function, which gets a signal, a deadline and the number of the attempt', async () => {
    const seen: unknown[] = []
    const twice = withRetry(async ({ signal, deadline, attempt }, text: string) => {
      seen.push([signal.aborted, deadline.at, attempt, text])
      if (attempt === 1) throw down()
      return text.length
    })
    const outcome = twice({}, 'four')
    await vi.runAllTimersAsync()
    expect(await outcome).toBe(4)
    expect(seen).toEqual([
      [false, Infinity, 1, 'four'],
      [false, Infinity, 2, 'four'],
    ])
  })

  it('takes the ctx of a handler: its deadline, its signal, its telemetry, its unit', async () => {
    const { events, listen } = listening()
    const call = withRetry(({ signal, unit }) => {
      if (unit?.id !== 'u-1') throw new PermanentError('no unit')
      return untilAborted(signal)
    })
    const outcome = through([listen], ctx => call(ctx), { lambda: lambdaContext({ timeout: 500 }) }).catch(
      error => error,
    )
    await vi.runAllTimersAsync()
    expect(await outcome).toBeInstanceOf(TimeoutError)
    expect(events).toMatchObject([{ name: 'retry.exhausted', unit: { id: 'u-1' }, fields: { reason: 'deadline' } }])
  })

  it('makes a signal of a deadline that came without one', async () => {
    const at = Date.now() + 400
    const call = withRetry(({ signal }) => untilAborted(signal))
    const outcome = call({ deadline: { at, remaining: () => Math.max(0, at - Date.now()) } }).catch(error => error)
    await vi.runAllTimersAsync()
    expect(await outcome).toBeInstanceOf(TimeoutError)
    expect(Date.now()).toBe(at)
  })

  it('takes a function that throws at once, and has one budget for all calls', async () => {
    let runs = 0
    const call = withRetry(
      (): number => {
        runs++
        throw down()
      },
      { budget: retryBudget({ capacity: 14 }), backoff: () => 0 },
    )
    for (const expected of [2, 3]) {
      const outcome = call({}).catch(error => error)
      await vi.runAllTimersAsync()
      expect(await outcome).toBeInstanceOf(RetryableError)
      expect(runs).toBe(expected)
    }
  })
})

describe('options that are none', () => {
  it.each<[object, string]>([
    [{ attempts: 0 }, 'retry({ attempts }) takes a whole number from 1 on, not 0'],
    [{ attempts: 1.5 }, 'retry({ attempts }) takes a whole number from 1 on, not 1.5'],
    [{ reserve: -1 }, 'retry({ reserve }) takes milliseconds from 0 on, not -1'],
    [{ perAttemptTimeout: Number.NaN }, 'retry({ perAttemptTimeout }) takes milliseconds from 0 on, not NaN'],
    [{ share: 0 }, 'retry({ share }) takes a number above 0 and at most 1, not 0'],
    [{ backoff: { base: '50' } }, 'retry({ backoff: { base } }) takes milliseconds from 0 on, not 50'],
    [{ backoff: 50 }, 'retry({ backoff }) takes a function, not number'],
    [{ retryIf: true }, 'retry({ retryIf }) takes a function, not boolean'],
    [{ budget: 500 }, 'retry({ budget }) takes a retryBudget(), or false, not number'],
  ])('%o fail where they are given', (options, message) => {
    expect(() => retry(options as RetryOptions)).toThrow(message)
  })

  it('of a budget and a function', () => {
    expect(() => retryBudget({ cost: 0 })).toThrow('retryBudget({ cost }) takes a whole number from 1 on, not 0')
    expect(() => withRetry(undefined as never)).toThrow('withRetry(fn) takes a function, not undefined')
  })
})

it('has a name in stack traces', () => {
  expect(retry().name).toBe('retry')
})

it('leaves an error of a class of one’s own what it is', async () => {
  class CardDeclined extends LambentError {}
  const { error } = await trying([down(), down(), new CardDeclined('no funds')])
  expect(error).toBeInstanceOf(CardDeclined)
})
