// `idempotent()` in a pipeline: each effect once.
import { HttpError, PermanentError, RetryableError, type TelemetryEvent } from '@lambent/core'
import { drop, sqs } from '@lambent/events/sqs'
import { http } from '@lambent/http'
import { apiGatewayProxyEventV2, invoke, lambdaContext, sqsEvent } from '@lambent/testing'
import { describe, expect, it, vi } from 'vitest'
import { lambda, plain } from '../test/context.ts'
import {
  type IdempotencyStore,
  type IdempotentOptions,
  InProgressError,
  idempotencyKeyHeader,
  idempotent,
  LockLostError,
  memoryStore,
  PayloadMismatchError,
} from './index.ts'

interface Event {
  readonly id?: unknown
  readonly amount?: number
}
type Options = Omit<Partial<IdempotentOptions>, 'key' | 'validate'> & {
  key?: (event: Event) => unknown
  validate?: (event: Event) => unknown
}

const settle = (ms = 1) => new Promise(resolve => setTimeout(resolve, ms))

function world(
  { key = ({ id }: Event) => id, validate, ...options }: Options = {},
  work: (event: Event) => unknown = () => ({ done: true }),
) {
  let clock = 1_700_000_000_000
  let effects = 0
  const said: TelemetryEvent[] = []
  const store = options.store ?? memoryStore()
  const handler = plain(said)
    .use(
      idempotent({
        store,
        now: () => clock,
        ...options,
        key: ({ event }) => key(event as Event),
        ...(validate && { validate: ({ event }) => validate(event as Event) }),
      }),
    )
    .handle(({ event }) => {
      effects++
      return work(event as Event)
    })
  return {
    store,
    said,
    names: () => said.map(({ name }) => name),
    run: (event: Event, remaining = 10_000, context: object = {}) =>
      handler(event, { ...lambda(remaining), ...context }),
    effects: () => effects,
    pass: (ms: number) => {
      clock += ms
    },
  }
}

describe('idempotent()', () => {
  it('runs once for a key, and gives a repeat the first result, a copy of its own', async () => {
    const first = { at: new Date(0), big: 1n, none: undefined, list: [1] }
    const { run, effects, names } = world({}, () => first)
    const one = await run({ id: 'a' })
    const two = (await run({ id: 'a' })) as typeof first
    expect(two).toStrictEqual(one)
    two.list.push(2)
    expect(await run({ id: 'a' })).toStrictEqual(first)
    await run({ id: 'b' })
    expect(effects()).toBe(2)
    expect(names()).toEqual([
      'idempotency.acquired',
      'idempotency.replayed',
      'idempotency.replayed',
      'idempotency.acquired',
    ])
  })

  it('keeps tenants apart, and functions', async () => {
    const { run, effects, store } = world()
    await run({ id: 'a' })
    await run({ id: 'a' }, 1000, { tenantId: 'one' })
    await run({ id: 'a' }, 1000, { tenantId: 'two' })
    await run({ id: 'a' }, 1000, { functionName: 'other' })
    await run({ id: 'a' }, 1000, { tenantId: 'two' })
    expect(effects()).toBe(4)
    const other = world({ store, prefix: 'shared' })
    await other.run({ id: 'a' })
    await other.run({ id: 'a' }, 1000, { functionName: 'other' })
    expect(other.effects()).toBe(1)
  })

  it.each([[undefined], [null], [''], [[]], [{}], [{ order: undefined }], [[null, '']]])(
    'refuses the key %j, which says nothing',
    async id => {
      const { run, effects } = world()
      await expect(run({ id })).rejects.toMatchObject({ name: 'IdempotencyKeyError', retryable: false })
      const skipping = world({ onMissingKey: 'skip' })
      await skipping.run({ id })
      await skipping.run({ id })
      expect([effects(), skipping.effects()]).toEqual([0, 2])
    },
  )

  it('a unit that fails frees its key', async () => {
    let fail = true
    const { run, effects, names } = world({}, () => {
      if (fail) throw new Error('down')
      return 'ok'
    })
    await expect(run({ id: 'a' })).rejects.toThrow('down')
    fail = false
    expect(await run({ id: 'a' })).toBe('ok')
    expect([effects(), names()[1]]).toEqual([2, 'idempotency.released'])
  })

  it('an error that is kept is what repeats get', async () => {
    const { run, effects } = world({ keep: error => error instanceof HttpError }, () => {
      throw new HttpError(402, 'no funds', { code: 'NoFunds' })
    })
    await expect(run({ id: 'a' })).rejects.toBeInstanceOf(HttpError)
    await expect(run({ id: 'a' })).rejects.toMatchObject({
      name: 'HttpError',
      status: 402,
      message: 'no funds',
      code: 'NoFunds',
    })
    expect(effects()).toBe(1)
  })

  it('another payload under the same key is refused for good', async () => {
    const { run } = world({ validate: ({ amount }) => amount })
    await run({ id: 'a', amount: 1 })
    await run({ id: 'a', amount: 1 })
    const error: unknown = await run({ id: 'a', amount: 2 }).catch(thrown => thrown)
    expect(error).toBeInstanceOf(PayloadMismatchError)
    expect(error).toMatchObject({ retryable: false })
  })

  it('forgets when the record has expired', async () => {
    const { run, effects, pass } = world({ expiresAfter: 60_000 })
    await run({ id: 'a' })
    pass(60_000)
    await run({ id: 'a' })
    pass(2)
    pass(60_000)
    await run({ id: 'a' })
    expect(effects()).toBe(2)
  })
})

describe('while the first runs', () => {
  const slow = (options: Options = {}) => {
    let end: (value?: unknown) => void = () => {}
    const all = world(options, () => new Promise(resolve => (end = resolve)))
    return { ...all, end: (value?: unknown) => end(value) }
  }

  it('a repeat fails as retryable, not before the lock ends, and leaves the lock alone', async () => {
    const { run, end, effects, names } = slow()
    const first = run({ id: 'a' }, 5000)
    await settle()
    const error = await run({ id: 'a' }).catch(thrown => thrown)
    expect(error).toBeInstanceOf(InProgressError)
    expect(error).toMatchObject({ retryable: true, retryAfter: 5000 })
    end('first')
    expect(await first).toBe('first')
    expect(await run({ id: 'a' })).toBe('first')
    expect([effects(), names()]).toEqual([
      1,
      ['idempotency.acquired', 'idempotency.inProgress', 'idempotency.replayed'],
    ])
  })

  it('64 at once in one process run once', async () => {
    const { run, end, effects } = slow()
    const all = Array.from({ length: 64 }, () => run({ id: 'a' }).catch(error => error.name))
    await settle()
    end('first')
    const outcomes = await Promise.all(all)
    expect(effects()).toBe(1)
    expect(outcomes.filter(outcome => outcome === 'first')).toHaveLength(1)
    expect(outcomes.filter(outcome => outcome === 'IdempotencyInProgressError')).toHaveLength(63)
  })

  it('a repeat may wait, and gets the result', async () => {
    const { run, end, effects } = slow({ onInProgress: 'wait' })
    const all = Array.from({ length: 16 }, () => run({ id: 'a' }))
    await settle(60)
    end('first')
    expect(new Set(await Promise.all(all))).toEqual(new Set(['first']))
    expect(effects()).toBe(1)
  })

  it('a repeat waits no longer than the deadline', async () => {
    const { run, effects } = slow({ onInProgress: 'wait' })
    void run({ id: 'a' })
    await settle()
    await expect(run({ id: 'a' }, 200)).rejects.toBeInstanceOf(InProgressError)
    expect(effects()).toBe(1)
  })

  it('a repeat that waits runs itself when the first fails', async () => {
    let fail: (error: Error) => void = () => {}
    let count = 0
    const { run } = world({ onInProgress: 'wait' }, () =>
      count++ === 0 ? new Promise((_, reject) => (fail = reject)) : 'second',
    )
    const first = run({ id: 'a' })
    await settle()
    const second = run({ id: 'a' })
    await settle(10)
    fail(new Error('down'))
    await expect(first).rejects.toThrow('down')
    expect(await second).toBe('second')
  })
})

describe('a first that outlives its lock', () => {
  it('is taken over when it was killed', async () => {
    const { run, effects, pass, names } = world({}, ({ amount }) => (amount === 1 ? new Promise(() => {}) : 'second'))
    void run({ id: 'a', amount: 1 }, 5000)
    await settle()
    pass(5000)
    await expect(run({ id: 'a' })).rejects.toBeInstanceOf(InProgressError)
    pass(1)
    expect(await run({ id: 'a' })).toBe('second')
    expect([effects(), names().includes('idempotency.takenOver')]).toEqual([2, true])
  })

  it('does not begin its effect where the lock ended on the way from the store, as in a process that was frozen', async () => {
    const store = memoryStore()
    const slow: IdempotencyStore = {
      ...store,
      async acquire(request) {
        const acquired = await store.acquire(request)
        pass(60_000)
        return acquired
      },
    }
    const { run, effects, pass } = world({ store: slow })
    await expect(run({ id: 'a' })).rejects.toMatchObject({ code: 'IdempotencyStore', retryable: true })
    expect(effects()).toBe(0)
  })

  it('cannot overwrite the second’s result, and hears that it is late', async () => {
    let end: (value: unknown) => void = () => {}
    const { run, pass, names } = world({}, ({ amount }) =>
      amount === 1 ? new Promise(resolve => (end = resolve)) : 'second',
    )
    const first = run({ id: 'a', amount: 1 }, 5000)
    await settle()
    pass(5001)
    expect(await run({ id: 'a' })).toBe('second')
    end('first')
    await expect(first).rejects.toBeInstanceOf(LockLostError)
    expect(await run({ id: 'a' })).toBe('second')
    expect(names()).toContain('idempotency.lockLost')
  })

  it('cannot free the second’s lock by failing late', async () => {
    let fail: (error: Error) => void = () => {}
    const { run, pass, effects } = world({}, ({ amount }) =>
      amount === 1 ? new Promise((_, reject) => (fail = reject)) : new Promise(() => {}),
    )
    const first = run({ id: 'a', amount: 1 }, 5000)
    await settle()
    pass(5001)
    void run({ id: 'a' }, 5000)
    await settle()
    fail(new Error('late'))
    await expect(first).rejects.toThrow('late')
    await expect(run({ id: 'a' })).rejects.toBeInstanceOf(InProgressError)
    expect(effects()).toBe(2)
  })

  it('of a durable execution has its own lock again, with its owner', async () => {
    const owner = ({ event }: { readonly event: unknown }) => (event as { readonly execution?: string }).execution
    const { run, effects } = world({ owner } as Options, () => new Promise(() => {}))
    void run({ id: 'a', execution: 'e1' } as Event)
    await settle()
    await expect(run({ id: 'a', execution: 'e2' } as Event)).rejects.toBeInstanceOf(InProgressError)
    void run({ id: 'a', execution: 'e1' } as Event)
    await settle()
    expect(effects()).toBe(2)
  })
})

describe('a result that can’t be kept', () => {
  class Order {}
  it.each([
    ['an instance of a class', () => new Order(), 'is an instance of a class'],
    ['one that is too large', () => 'x'.repeat(2000), 'the result is 2002 bytes, and a record takes 1000'],
  ])(
    '%s fails the unit with a clear error, and repeats hear the same: the effect is not done again',
    async (_name, result, message) => {
      const store: IdempotencyStore = { ...memoryStore(), maxBytes: 1000 }
      const { run, effects } = world({ store }, result)
      await expect(run({ id: 'a' })).rejects.toThrow(message)
      await expect(run({ id: 'a' })).rejects.toMatchObject({
        message: expect.stringContaining(message),
        code: 'IdempotencyResult',
        retryable: false,
      })
      expect(effects()).toBe(1)
    },
  )

  it('goes to S3 where there is a bucket for it', async () => {
    const objects = new Map<string, string>()
    const client = {
      putObject: async ({ Key, Body }: { Key: string; Body?: string | Uint8Array }) => {
        objects.set(Key, String(Body))
        return { $metadata: {} }
      },
      getObject: async ({ Key }: { Key: string }) => ({
        $metadata: {},
        Body: {
          transformToString: async () => objects.get(Key) ?? '',
          transformToByteArray: async () => new Uint8Array(),
        },
      }),
    }
    const store: IdempotencyStore = { ...memoryStore(), maxBytes: 1000 }
    const { run, effects } = world({ store, largeResults: { bucket: 'b', client } }, () => ({
      text: 'x'.repeat(2000),
      at: new Date(0),
    }))
    const first = await run({ id: 'a' })
    expect(await run({ id: 'a' })).toStrictEqual(first)
    expect([effects(), [...objects.keys()][0]?.slice(0, 20)]).toEqual([1, 'idempotency-results/'])
  })
})

describe('a store that fails', () => {
  const throttled = Object.assign(new Error('slow'), { name: 'ProvisionedThroughputExceededException' })
  const denied = Object.assign(new Error('no'), { name: 'AccessDeniedException' })
  const faulty = (faults: Partial<Record<'acquire' | 'complete' | 'release', readonly Error[]>>): IdempotencyStore => {
    const store = memoryStore()
    const left = {
      acquire: [...(faults.acquire ?? [])],
      complete: [...(faults.complete ?? [])],
      release: [...(faults.release ?? [])],
    }
    const next = (name: 'acquire' | 'complete' | 'release') => {
      const fault = left[name].shift()
      if (fault) throw fault
    }
    return {
      acquire: async request => {
        next('acquire')
        return store.acquire(request)
      },
      complete: async (lock, outcome) => {
        next('complete')
        return store.complete(lock, outcome)
      },
      release: async lock => {
        next('release')
        return store.release(lock)
      },
    }
  }

  it('by throttling is asked again, at both ends', async () => {
    const { run, effects } = world(
      { store: faulty({ acquire: [throttled, throttled], complete: [throttled, throttled] }) },
      () => 'ok',
    )
    expect([await run({ id: 'a' }), await run({ id: 'a' }), effects()]).toEqual(['ok', 'ok', 1])
  })

  it('fails the unit as retryable before the effect', async () => {
    const { run, effects, said } = world({ store: faulty({ acquire: [denied] }) })
    const error = await run({ id: 'a' }).catch(thrown => thrown)
    expect(error).toBeInstanceOf(RetryableError)
    expect(error).toMatchObject({ code: 'IdempotencyStore', cause: denied })
    expect([effects(), said[0]]).toEqual([
      0,
      expect.objectContaining({ name: 'idempotency.storeError', level: 'error' }),
    ])
  })

  it.each(['fail', 'run'] as const)(
    'by no answer, as on a connection that died in a freeze, fails the unit at the deadline: %s',
    async onStoreError => {
      const store: IdempotencyStore = { ...memoryStore(), acquire: () => new Promise(() => {}) }
      const { run, effects } = world({ store, onStoreError })
      await expect(run({ id: 'a' }, 50)).rejects.toMatchObject({
        code: 'IdempotencyStore',
        cause: { name: 'TimeoutError' },
      })
      expect(effects()).toBe(0)
    },
  )

  it('lets the unit run where that is asked for', async () => {
    const { run, effects, names } = world({ store: faulty({ acquire: [denied] }), onStoreError: 'run' }, () => 'ok')
    expect([await run({ id: 'a' }), effects(), names()]).toEqual(['ok', 1, ['idempotency.storeError']])
  })

  it('after the effect does not fail the unit, which would make it happen again', async () => {
    const { run, names } = world({ store: faulty({ complete: [denied] }) }, () => 'ok')
    expect([await run({ id: 'a' }), names()]).toEqual(['ok', ['idempotency.acquired', 'idempotency.storeError']])
  })

  it('when it frees a key leaves the unit its own error', async () => {
    const { run } = world({ store: faulty({ release: [denied] }) }, () => {
      throw new PermanentError('mine')
    })
    await expect(run({ id: 'a' })).rejects.toThrow('mine')
  })
})

describe('the local cache', () => {
  it('answers without the store, never past expiry, and hands out copies', async () => {
    const store = memoryStore()
    const acquire = vi.spyOn(store, 'acquire')
    const { run, pass, effects } = world({ store, cache: true, expiresAfter: 60_000 }, () => ({ list: [1] }))
    await run({ id: 'a' })
    const copy = (await run({ id: 'a' })) as { list: number[] }
    copy.list.push(2)
    expect(await run({ id: 'a' })).toEqual({ list: [1] })
    expect(acquire).toHaveBeenCalledTimes(1)
    pass(60_000)
    await run({ id: 'a' })
    pass(1)
    expect([acquire.mock.calls.length, effects()]).toEqual([2, 1])
  })

  it('keeps no more than it may', async () => {
    const store = memoryStore()
    const acquire = vi.spyOn(store, 'acquire')
    const { run } = world({ store, cache: { maxEntries: 2 } })
    for (const id of ['a', 'b', 'a', 'c', 'a', 'b']) await run({ id })
    expect(acquire).toHaveBeenCalledTimes(4) // a, b, c, and b again: a was used last
    const small = world({ store: memoryStore(), cache: { maxBytes: 100 } }, () => 'x'.repeat(1000))
    await small.run({ id: 'a' })
    await small.run({ id: 'a' })
    expect(small.names()).toEqual(['idempotency.acquired', 'idempotency.replayed'])
  })
})

describe('records', () => {
  it('of one batch with one key have one effect, and a drop is replayed as a drop', async () => {
    let effects = 0
    const handler = sqs()
      .each({ concurrency: 1 })
      .use(
        idempotent({
          store: memoryStore(),
          key: ({ message }: { readonly message: { readonly body: string } }) => message.body,
        }),
      )
      .handle(({ message }) => {
        effects++
        return message.body === 'cancelled' ? drop('cancelled') : undefined
      })
    const event = sqsEvent([{ body: 'a' }, { body: 'a' }, { body: 'cancelled' }, { body: 'cancelled' }])
    expect(await invoke(handler, event)).toEqual({ batchItemFailures: [] })
    expect(await invoke(handler, event)).toEqual({ batchItemFailures: [] })
    expect(effects).toBe(2)
  })

  it('at once with one key: one runs, the others come again', async () => {
    let effects = 0
    const handler = sqs()
      .each({ concurrency: 10 })
      .use(
        idempotent({
          store: memoryStore(),
          key: ({ message }: { readonly message: { readonly body: string } }) => message.body,
        }),
      )
      .handle(async () => {
        effects++
        await settle(5)
      })
    vi.spyOn(console, 'warn').mockImplementation(() => {})
    const { batchItemFailures } = await invoke(handler, sqsEvent(Array.from({ length: 5 }, () => ({ body: 'a' }))))
    vi.restoreAllMocks()
    expect([effects, batchItemFailures.length]).toEqual([1, 4])
  })
})

describe('the Idempotency-Key header', () => {
  const api = (required = true, work: () => unknown = () => ({ status: 201, body: { id: 7 } })) => {
    let effects = 0
    const handler = http()
      .use(idempotent({ store: memoryStore(), ...idempotencyKeyHeader({ required }) }))
      .handle(async () => {
        effects++
        return (await work()) as { status: number; body: unknown }
      })
    const post = (headers: Record<string, string>, body = '{"a":1}') =>
      invoke(
        handler,
        apiGatewayProxyEventV2({
          headers,
          body,
          rawPath: '/orders',
          requestContext: { http: { method: 'POST', path: '/orders' } },
        }),
        lambdaContext(),
      ) as Promise<{
        statusCode: number
        headers?: Record<string, string>
        body?: string
      }>
    return { post, effects: () => effects }
  }

  it('gives a repeat the first answer', async () => {
    const { post, effects } = api()
    const first = await post({ 'Idempotency-Key': 'k-1' })
    expect(first.statusCode).toBe(201)
    expect(await post({ 'idempotency-key': '"k-1"' })).toEqual(first)
    expect(effects()).toBe(1)
  })

  it('answers 400 without it, or when it is none', async () => {
    const { post, effects } = api()
    expect((await post({})).statusCode).toBe(400)
    expect((await post({ 'idempotency-key': '' })).statusCode).toBe(400)
    expect((await post({ 'idempotency-key': 'x'.repeat(256) })).statusCode).toBe(400)
    expect(effects()).toBe(0)
  })

  it('is not needed where that is said', async () => {
    const { post, effects } = api(false)
    await post({})
    await post({})
    expect(effects()).toBe(2)
  })

  it('answers 409 with Retry-After while the first runs, and 422 to another payload', async () => {
    let end: (value: unknown) => void = () => {}
    const { post } = api(true, () => new Promise(resolve => (end = resolve)))
    const first = post({ 'idempotency-key': 'k' })
    await settle(5)
    const second = await post({ 'idempotency-key': 'k' })
    expect(second.statusCode).toBe(409)
    expect(Number(second.headers?.['retry-after'])).toBeGreaterThan(0)
    expect((await post({ 'idempotency-key': 'k' }, '{"a":2}')).statusCode).toBe(422)
    end({ status: 200, body: 'ok' })
    await first
    expect((await post({ 'idempotency-key': 'k' }, '{"a":2}')).statusCode).toBe(422)
  })
})

describe('defects of the field that are not here', () => {
  it('unrelated units whose key is missing or empty do not share one record', async () => {
    const { run, effects } = world()
    for (const event of [{}, { id: '' }, { id: {} }]) await expect(run(event)).rejects.toThrow('missing or empty')
    expect(effects()).toBe(0)
  })

  it('a handler that returns nothing does not run twice', async () => {
    const { run, effects } = world({}, () => undefined)
    expect([await run({ id: 'a' }), await run({ id: 'a' }), effects()]).toEqual([undefined, undefined, 1])
  })

  it('the local cache does not hand out the live object', async () => {
    const live = { list: [1] }
    const { run } = world({ cache: true }, () => live)
    await run({ id: 'a' })
    live.list.push(2)
    expect(await run({ id: 'a' })).toEqual({ list: [1] })
  })

  it('nested operations on one store do not share a prefix', async () => {
    const store = memoryStore()
    const effects: string[] = []
    const key = ({ event }: { readonly event: unknown }) => (event as Event).id
    const handler = plain()
      .use(idempotent({ store, key, prefix: 'outer' }))
      .use((_ctx, next) => {
        effects.push('outer')
        return next()
      })
      .use(idempotent({ store, key, prefix: 'inner' }))
      .handle(() => {
        effects.push('inner')
        return 'ok'
      })
    for (const _ of [1, 2]) expect(await handler({ id: 'a' }, lambda())).toBe('ok')
    expect(effects).toEqual(['outer', 'inner'])
    const inner = plain()
      .use(idempotent({ store, key, prefix: 'inner' }))
      .handle(() => 'again')
    expect(await inner({ id: 'a' }, lambda())).toBe('ok')
  })

  it('a unit that meets its own lock, since the middleware stands twice, is not its own duplicate', async () => {
    const store = memoryStore()
    const key = ({ event }: { readonly event: unknown }) => (event as Event).id
    let effects = 0
    const handler = plain()
      .use(idempotent({ store, key }))
      .use(idempotent({ store, key }))
      .handle(() => ++effects)
    expect([await handler({ id: 'a' }, lambda()), await handler({ id: 'a' }, lambda())]).toEqual([1, 1])
  })
})

describe('a definition that is wrong', () => {
  const store = memoryStore()
  const key = () => 1
  it.each<[string, () => unknown, string]>([
    ['no store', () => idempotent({ store: {} as never, key }), 'takes a store, such as dynamoDbStore({ tableName })'],
    ['no key', () => idempotent({ store, key: 'id' as never }), 'idempotent({ key }) takes a function'],
    [
      'a misspelt mode',
      () => idempotent({ store, key, onInProgress: 'await' as never }),
      'takes reject or wait, not await',
    ],
    ['no time', () => idempotent({ store, key, expiresAfter: 10 }), 'takes at least 1000 ms, not 10'],
    ['no hash', () => idempotent({ store, key, hash: 'md6' }), 'not md6'],
    [
      'an empty cache',
      () => idempotent({ store, key, cache: { maxEntries: 0 } }),
      'takes a whole number above 0, not 0',
    ],
  ])('is refused at once: %s', (_name, define, message) => {
    expect(define).toThrow(message)
  })
})
