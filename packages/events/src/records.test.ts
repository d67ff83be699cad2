// `.each()` of batches by example: what no property of any batch says.
import { invoke, kinesisStreamEvent, lambdaContext, s3Event, sqsEvent } from '@lambent/testing'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { listen } from '../test/telemetry.ts'
import { kinesis } from './kinesis.ts'
import { s3 } from './s3.ts'
import { sqs } from './sqs.ts'

const batchOf = (length: number) => sqsEvent(Array.from({ length }, (_, i) => ({ messageId: `${i}` })))
const ids = (response: { batchItemFailures: { itemIdentifier: string }[] }) =>
  response.batchItemFailures.map(each => each.itemIdentifier)
const tick = () => new Promise<void>(resolve => setTimeout(resolve, 1))

afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

describe('concurrency', () => {
  const most = async (handlerOf: (work: () => Promise<void>) => unknown, event: unknown): Promise<number> => {
    let running = 0
    let most = 0
    const handler = handlerOf(async () => {
      most = Math.max(most, ++running)
      await tick()
      running--
    }) as (event: unknown, context: unknown) => Promise<unknown>
    await handler(event, lambdaContext())
    return most
  }
  const keys = Array.from({ length: 15 }, (_, i) => ({ kinesis: { partitionKey: `${i}` } }))

  it('is 10 by default for messages and notifications, and 1 for streams', async () => {
    expect(await most(work => sqs().each().handle(work), batchOf(15))).toBe(10)
    expect(await most(work => s3().each().handle(work), s3Event(keys.map((_, i) => ({ key: `${i}` }))))).toBe(10)
    expect(await most(work => kinesis().each().handle(work), kinesisStreamEvent(keys))).toBe(1)
  })

  it('is what is asked for', async () => {
    expect(await most(work => sqs().each({ concurrency: 3 }).handle(work), batchOf(15))).toBe(3)
    expect(await most(work => sqs().each({ concurrency: 100 }).handle(work), batchOf(15))).toBe(15)
    expect(await most(work => kinesis().each({ concurrency: 7 }).handle(work), kinesisStreamEvent(keys))).toBe(7)
  })

  it.each([0, -1, 1.5, Number.NaN, Infinity, '5' as never])('of %s is refused where it is defined', concurrency => {
    for (const source of [sqs(), s3(), kinesis()])
      expect(() => source.each({ concurrency })).toThrow('.each({ concurrency }) takes a whole number from 1 on, not ')
  })

  it('of 10,000 messages takes little more than one of a few', async () => {
    let running = 0
    const handler = sqs()
      .each({ concurrency: 50 })
      .handle(async () => {
        if (++running > 50) throw new Error('too many')
        await null
        running--
      })
    expect(ids(await handler(batchOf(10_000), lambdaContext()))).toEqual([])
  })
})

describe('throwOnFullFailure', () => {
  const failing = (which: readonly string[], throwOnFullFailure?: boolean) => {
    const ear = listen()
    const handler = sqs()
      .use(ear)
      .each({ throwOnFullFailure })
      .handle(({ message }) => {
        if (which.includes(message.id)) throw new Error(`no ${message.id}`)
      })
    return { handler, ear }
  }

  it('fails the invocation when not one record is done', async () => {
    const { handler } = failing(['0', '1'], true)
    const error = await invoke(handler, batchOf(2)).catch(error => error)
    expect(error).toBeInstanceOf(AggregateError)
    expect(error.message).toBe('none of 2 records is done: throwOnFullFailure fails the invocation')
    expect(error.errors).toMatchObject([{ message: 'no 0' }, { message: 'no 1' }])
  })

  it('reports when one is done', async () => {
    expect(ids(await invoke(failing(['0', '2'], true).handler, batchOf(3)))).toEqual(['0', '2'])
  })

  it('is off by default: all are reported, with one line of its own in the log', async () => {
    const { handler, ear } = failing(['0', '1'])
    expect(ids(await invoke(handler, batchOf(2)))).toEqual(['0', '1'])
    expect(ear.said.filter(({ name }) => name === 'batch.failures')).toMatchObject([
      { level: 'error', message: '2 of 2 records failed' },
    ])
  })

  it('fails the invocation of a stream whose first record fails: nothing of it is done', async () => {
    const handler = kinesis()
      .use(listen())
      .each({ throwOnFullFailure: true })
      .handle(() => Promise.reject(new Error('no')))
    const error = await invoke(handler, kinesisStreamEvent([{}, {}])).catch(error => error)
    expect(error.errors).toMatchObject([{ message: 'no' }])
  })
})

describe('the deadline', () => {
  // Of 1,000 ms, 200 are kept back: the deadline is at 800, the answer at 900 at the latest.
  const answer = async (
    work: (ctx: { readonly message: { readonly id: string }; readonly signal: AbortSignal }) => Promise<void>,
    length = 3,
  ) => {
    vi.useFakeTimers()
    const ear = listen()
    const began = Date.now()
    const response = sqs().use(ear).each({ concurrency: 2 }).handle(work)(
      batchOf(length),
      lambdaContext({ timeout: 1000 }),
    )
    let after = Number.NaN
    response.then(() => {
      after = Date.now() - began
    })
    await vi.advanceTimersByTimeAsync(1000)
    return { reported: ids(await response), after, said: ear.said }
  }

  it('does not wait for a record that never ends: it is reported, told, and the response is out before the timeout', async () => {
    const { reported, after, said } = await answer(async ({ message }) => {
      if (message.id === '1') await new Promise(() => {})
    })
    expect(reported).toEqual(['1'])
    expect(after).toBe(900)
    expect(said).toMatchObject([
      { name: 'batch.record.failed', unit: { id: '1' }, error: { name: 'TimeoutError' } },
      { name: 'batch.failures', fields: { total: 3, failed: 1, notStarted: 0 } },
    ])
  })

  it('waits for what heeds the signal, or ends shortly after it', async () => {
    const { reported, after } = await answer(async ({ message, signal }) => {
      if (message.id === '0')
        await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
      if (message.id === '1') await new Promise(resolve => setTimeout(resolve, 850))
    })
    expect(reported).toEqual(['0', '2'])
    expect(after).toBe(850)
  })

  it('is not the end of what runs: what it does after the answer changes nothing, and starts nothing', async () => {
    const started: string[] = []
    const { reported, said } = await answer(async ({ message }) => {
      started.push(message.id)
      await new Promise((_, reject) => setTimeout(reject, 1500))
    })
    const before = said.length
    await vi.advanceTimersByTimeAsync(1000)
    expect(started).toEqual(['0', '1'])
    expect(reported).toEqual(['0', '1', '2'])
    expect(said).toHaveLength(before)
  })

  it('leaves no timer behind', async () => {
    vi.useFakeTimers()
    await sqs()
      .each()
      .handle(() => {})(batchOf(3), lambdaContext())
    expect(vi.getTimerCount()).toBe(0)
  })

  it('that is far away, or nowhere, is no end', async () => {
    const handler = sqs().each().handle(tick)
    expect(ids(await handler(batchOf(3), lambdaContext({ timeout: 1e12 })))).toEqual([])
    expect(ids(await handler(batchOf(3), undefined as never))).toEqual([])
  })
})

describe('a duplicate in one batch', () => {
  // An idempotency middleware must see both, or it could not tell the second that the first is in progress.
  it('runs as a unit of its own at the same time, and the response has its id once', async () => {
    const units = new Set<unknown>()
    let most = 0
    let running = 0
    const handler = sqs()
      .use(listen())
      .each()
      .handle(async ({ unit }) => {
        units.add(unit)
        most = Math.max(most, ++running)
        await tick()
        running--
        throw new Error('no')
      })
    const event = sqsEvent([{ messageId: 'm' }, { messageId: 'm' }, { messageId: 'n' }])
    expect(ids(await invoke(handler, event))).toEqual(['m', 'n'])
    expect([...units]).toMatchObject([{ id: 'm' }, { id: 'm' }, { id: 'n' }])
    expect(most).toBe(3)
  })

  it('is reported when only one of the two fails', async () => {
    let count = 0
    const handler = sqs()
      .use(listen())
      .each()
      .handle(() => {
        if (++count === 1) throw new Error('no')
      })
    expect(ids(await invoke(handler, sqsEvent([{ messageId: 'm' }, { messageId: 'm' }])))).toEqual(['m'])
  })
})

describe('what no log can print', () => {
  const revoked = () => {
    const { proxy, revoke } = Proxy.revocable(new Error('x'), {})
    revoke()
    return proxy
  }
  it.each([
    ['a revoked proxy', revoked()],
    ['an error with a bigint', Object.assign(new Error('x'), { code: 1n })],
    ['an error whose message throws', Object.defineProperty(new Error('x'), 'message', { get: () => fails() })],
  ])('is reported like anything else that is thrown: %s', async (_, thrown) => {
    for (const level of ['warn', 'error'] as const) vi.spyOn(console, level).mockImplementation(() => {})
    const handler = sqs()
      .each()
      .handle(({ message }) => {
        if (message.id === '1') throw thrown
      })
    expect(ids(await handler(batchOf(3), lambdaContext()))).toEqual(['1'])
  })
})

function fails(): never {
  throw new Error('getter')
}
