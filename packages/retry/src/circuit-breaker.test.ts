import { HttpError, PermanentError, RetryableError } from '@lambent/core'
import { lambdaContext } from '@lambent/testing'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { listening, through } from '../test/pipelines.ts'
import { type Fault, startTable, type Table } from '../test/table.ts'
import {
  type CircuitBreakerOptions,
  type CircuitStore,
  circuitBreaker,
  dynamoDbCircuitStore,
  memoryCircuitStore,
  retry,
  withCircuitBreaker,
  withRetry,
} from './index.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: 1_800_000_000_000 })
  vi.spyOn(console, 'warn').mockImplementation(() => {})
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

const pass = (ms: number) => vi.setSystemTime(Date.now() + ms)
const down = () => {
  throw new RetryableError('down')
}

function breaker(options: Partial<CircuitBreakerOptions> = {}) {
  const { events, listen } = listening()
  const middleware = circuitBreaker({ name: 'psp', store: memoryCircuitStore(), failureThreshold: 3, ...options })
  const call = (handler: () => unknown): Promise<unknown> =>
    through([listen, middleware], handler, { lambda: lambdaContext() }).catch(error => error)
  return { call, events, names: () => events.map(({ name }) => name), middleware }
}

describe('circuitBreaker', () => {
  it('opens, fails fast, is probed and closes, and tells of it', async () => {
    const { call, events, names } = breaker()
    for (let i = 0; i < 3; i++) expect(await call(down)).toMatchObject({ message: 'down' })
    let called = 0
    pass(10_000)
    const error = await call(() => called++)
    expect(error).toBeInstanceOf(RetryableError)
    expect(error).toMatchObject({ code: 'CircuitOpen', retryAfter: 20_000 })
    expect(called).toBe(0)
    pass(20_000)
    expect(await call(() => 'up')).toBe('up')
    expect(await call(() => 'up')).toBe('up')
    expect(names()).toEqual(['circuit.opened', 'circuit.rejected', 'circuit.halfOpened', 'circuit.closed'])
    expect(events[0]).toMatchObject({
      level: 'warn',
      unit: { id: 'u-1' },
      fields: { circuit: 'psp', calls: 3, failures: 3, recoveryTimeout: 30_000 },
    })
    expect(events.slice(1).map(({ level }) => level)).toEqual(['info', 'info', 'info'])
  })

  it('opens again when the probe fails', async () => {
    const { call, names } = breaker()
    for (let i = 0; i < 3; i++) await call(down)
    pass(30_000)
    await call(down)
    expect(await call(() => 'up')).toMatchObject({ retryAfter: 30_000 })
    expect(names()).toEqual(['circuit.opened', 'circuit.halfOpened', 'circuit.opened', 'circuit.rejected'])
  })

  it('does not open while most calls succeed', async () => {
    const { call, names } = breaker()
    for (let i = 0; i < 20; i++) {
      await call(() => 'up')
      await call(() => 'up')
      await call(down)
    }
    expect(names()).toEqual([])
  })

  it.each<[string, () => unknown]>([
    ['permanent errors', () => new PermanentError('no')],
    ['HTTP errors below 500', () => new HttpError(404, 'no')],
    ['another circuit that is open', () => new RetryableError('open', { code: 'CircuitOpen' })],
    ['a bulkhead that is full', () => new RetryableError('full', { code: 'BulkheadFull' })],
    ['retryLater()', () => new RetryableError('later', { code: 'RetryLater' })],
  ])('does not count %s', async (_, make) => {
    const { call, names } = breaker()
    for (let i = 0; i < 10; i++)
      await call(() => {
        throw make()
      })
    expect(names()).toEqual([])
  })

  it('asks failureIf, and loses no error where that throws', async () => {
    const never = breaker({ failureIf: () => false })
    for (let i = 0; i < 10; i++) await never.call(down)
    expect(never.names()).toEqual([])
    const broken = breaker({
      failureIf: () => {
        throw new TypeError('defect')
      },
    })
    expect(await broken.call(down)).toMatchObject({ errors: [{ message: 'down' }, { message: 'defect' }] })
  })

  it('answers by the fallback while it is open', async () => {
    const fallback = vi.fn((error: RetryableError) => `cached: ${error.code}`)
    const { call } = breaker({ fallback })
    for (let i = 0; i < 3; i++) expect(await call(down)).toMatchObject({ message: 'down' })
    expect(await call(() => 'up')).toBe('cached: CircuitOpen')
    expect(fallback).toHaveBeenCalledOnce()
  })

  it('lets a call through when the process of the probe died, after its lease', async () => {
    const store = memoryCircuitStore()
    const first = breaker({ store })
    for (let i = 0; i < 3; i++) await first.call(down)
    pass(30_000)
    void first.call(() => new Promise(() => {})) // frozen for good
    await new Promise(resolve => setTimeout(resolve, 5))
    const second = breaker({ store })
    await second.middleware.init?.()
    expect(await second.call(() => 'up')).toMatchObject({ code: 'CircuitOpen' })
    pass(31_000) // lambdaContext() has 30 s
    expect(await second.call(() => 'up')).toBe('up')
    expect(second.names()).toEqual(['circuit.rejected', 'circuit.halfOpened', 'circuit.closed'])
  })

  it('does not begin a probe whose lease ended on the way to the store, as in a process that was frozen', async () => {
    const memory = memoryCircuitStore()
    let frozen = 60_000
    const store: CircuitStore = {
      ...memory,
      async write(name, record, ...rest) {
        const written = await memory.write(name, record, ...rest)
        if (record.state === 'halfOpen') pass(frozen)
        return written
      },
    }
    const { call } = breaker({ store })
    for (let i = 0; i < 3; i++) await call(down)
    pass(30_000)
    let called = 0
    expect(await call(() => called++)).toMatchObject({ code: 'CircuitOpen' })
    expect(called).toBe(0)
    frozen = 0
    expect(await call(() => 'up')).toBe('up')
  })

  it('learns at init, before the first call, that others opened it', async () => {
    const store = memoryCircuitStore()
    const first = breaker({ store })
    for (let i = 0; i < 3; i++) await first.call(down)
    const second = breaker({ store })
    await second.middleware.init?.()
    expect(await second.call(() => 'up')).toMatchObject({ code: 'CircuitOpen' })
  })

  it('tells when it finds that another process has closed it, once', async () => {
    const store = memoryCircuitStore()
    const [mine, other] = [breaker({ store }), breaker({ store })]
    for (let i = 0; i < 3; i++) await mine.call(down)
    await mine.call(() => 'up')
    pass(30_000)
    expect(await other.call(() => 'up')).toBe('up')
    pass(60_000)
    expect(await other.call(() => 'up')).toBe('up')
    for (let i = 0; i < 3; i++) expect(await mine.call(() => 'up')).toBe('up')
    expect(mine.names()).toEqual(['circuit.opened', 'circuit.rejected', 'circuit.foundClosed'])
  })

  it('of one name share the memory of the process by default', async () => {
    const name = 'of-this-process'
    const one = circuitBreaker({ name, failureThreshold: 1 })
    const other = circuitBreaker({ name, failureThreshold: 1 })
    await through([one], down).catch(() => {})
    await other.init?.()
    await expect(through([other], () => 'up')).rejects.toMatchObject({ code: 'CircuitOpen' })
  })

  it('does not count a call that began before the circuit opened and closed again', async () => {
    const { call, names } = breaker({ failureThreshold: 2 })
    const late = Promise.withResolvers<never>()
    const calls = [call(() => late.promise), call(() => late.promise)]
    for (let i = 0; i < 2; i++) await call(down)
    pass(30_000)
    await call(() => 'up')
    late.reject(new RetryableError('late'))
    await Promise.all(calls)
    expect(await call(() => 'up')).toBe('up')
    expect(names()).toEqual(['circuit.opened', 'circuit.halfOpened', 'circuit.closed'])
  })

  it('opens a circuit whose record expired in the table meanwhile', async () => {
    let kept: Awaited<ReturnType<CircuitStore['read']>> = { state: 'closed', until: 0, version: 'old' }
    const store: CircuitStore = {
      read: async () => kept,
      async write(_, record, expected) {
        if (kept?.version === expected) kept = record
        return kept
      },
    }
    const { call, names } = breaker({ store })
    await call(() => 'up') // reads it
    kept = undefined
    for (let i = 0; i < 3; i++) await call(down)
    expect(names()).toEqual(['circuit.opened'])
    expect(kept).toMatchObject({ state: 'open' })
  })

  it('is not retried by a retry() around it, while it is open for longer than that waits', async () => {
    const store = memoryCircuitStore()
    const middleware = circuitBreaker({ name: 'psp', store, failureThreshold: 2 })
    let called = 0
    const error = await through([retry({ attempts: 5, backoff: () => 0 }), middleware], () => {
      called++
      return down()
    }).catch(caught => caught)
    expect([called, (error as RetryableError).code]).toEqual([2, 'CircuitOpen'])
  })

  it.each<[object, string]>([
    [{}, 'circuitBreaker({ name }) takes a text that is not empty, not undefined'],
    [{ name: 'x', failureThreshold: 0 }, 'circuitBreaker({ failureThreshold }) takes a whole number from 1 on, not 0'],
    [{ name: 'x', failureRate: 2 }, 'circuitBreaker({ failureRate }) takes a number above 0 and at most 1, not 2'],
    [{ name: 'x', recoveryTimeout: 0 }, 'circuitBreaker({ recoveryTimeout }) takes milliseconds above 0, not 0'],
    [{ name: 'x', store: {} }, 'circuitBreaker({ store }) takes a store, such as dynamoDbCircuitStore({ tableName })'],
    [{ name: 'x', fallback: 'y' }, 'circuitBreaker({ fallback }) takes a function, not string'],
  ])('%o is refused where it is given', (options, message) => {
    expect(() => circuitBreaker(options as CircuitBreakerOptions)).toThrow(message)
  })
})

describe('withCircuitBreaker', () => {
  it('wraps a function, and stands inside of withRetry', async () => {
    let called = 0
    const guarded = withCircuitBreaker(
      (_, id: string): string => {
        called++
        throw new RetryableError(`${id} is down`)
      },
      { name: 'w', store: memoryCircuitStore(), failureThreshold: 2, fallback: (_error, _scope, id) => `cached ${id}` },
    )
    const call = withRetry(guarded, { backoff: () => 0 })
    expect(await call({}, 'a')).toBe('cached a')
    expect(called).toBe(2)
  })
})

describe('on DynamoDB', () => {
  let table: Table
  beforeAll(async () => {
    table = await startTable()
  })
  afterAll(() => table[Symbol.asyncDispose]())
  afterEach(() => {
    table.fault = undefined
  })

  it.each(['ours', 'sdk'] as const)('reads once at init, and writes only when it changes: %s', async which => {
    const { call } = breaker({ name: `calls-${which}`, store: table.store(table.clients[which]) })
    table.calls.length = 0
    for (let i = 0; i < 20; i++) await call(() => 'up')
    expect(table.calls).toEqual(['GetItem'])
    for (let i = 0; i < 40; i++) await call(down)
    expect(table.calls).toEqual(['GetItem', 'PutItem'])
    pass(30_000)
    await call(() => 'up')
    expect(table.calls).toEqual(['GetItem', 'PutItem', 'PutItem', 'PutItem'])
  })

  it('has the attributes of its item where an idempotency table has them', async () => {
    const { call } = breaker({ name: 'item', store: table.store(), failureThreshold: 1 })
    await call(down)
    const { Item } = await table.clients.sdk.getItem({ TableName: 'circuits', Key: { id: { S: 'circuit#item' } } })
    expect(Item).toEqual({
      id: { S: 'circuit#item' },
      state: { S: 'open' },
      until: { N: '1800000030000' },
      version: { S: expect.any(String) },
      expiration: { N: '1800086430' },
    })
  })

  it('wins when the answer of its write is lost, and the client writes again', async () => {
    const { call, names } = breaker({ name: 'lost', store: table.store(), failureThreshold: 1, maxAge: Infinity })
    table.fault = 'lose the answer'
    await call(down)
    expect(names()).toEqual(['circuit.opened'])
    const other = breaker({ name: 'lost', store: table.store() })
    await other.middleware.init?.()
    expect(await other.call(() => 'up')).toMatchObject({ code: 'CircuitOpen' })
  })

  it.each<NonNullable<Fault>>(['reset', 'silent', 'throttle', 'error'])(
    'goes by memory alone while the table is out of reach (%s), says so once, and is back in step after it',
    async fault => {
      const name = `outage-${fault}`
      const { call, names } = breaker({ name, store: table.store(), failureThreshold: 2 })
      await call(() => 'up')
      await new Promise(resolve => setTimeout(resolve, 50)) // the read in the background
      table.fault = fault
      for (let i = 0; i < 2; i++) expect(await call(down)).toMatchObject({ message: 'down' })
      expect(await call(() => 'up')).toMatchObject({ code: 'CircuitOpen' })
      pass(30_000)
      expect(await call(() => 'up')).toBe('up')
      expect(await call(() => 'up')).toBe('up')
      expect(names().filter(each => each !== 'circuit.storeError')).toEqual([
        ...['circuit.opened', 'circuit.rejected', 'circuit.halfOpened', 'circuit.closed'],
      ])
      expect(names().filter(each => each === 'circuit.storeError')).toHaveLength(1)

      table.fault = undefined
      for (let i = 0; i < 2; i++) await call(down)
      const other = breaker({ name, store: table.store() })
      await other.middleware.init?.()
      expect(await other.call(() => 'up')).toMatchObject({ code: 'CircuitOpen' })
    },
  )

  it('says so where the item of its key is something else', async () => {
    await table.clients.sdk.putItem({ TableName: 'circuits', Item: { id: { S: 'circuit#odd' }, status: { S: 'x' } } })
    const { call, events, middleware } = breaker({ name: 'odd', store: table.store() })
    await middleware.init?.()
    expect(await call(() => 'up')).toBe('up')
    expect(events).toMatchObject([{ name: 'circuit.storeError', error: { name: 'TypeError' } }])
  })

  it('asks for the two permissions that it needs, on its table', () => {
    const store = dynamoDbCircuitStore({ tableName: 'circuits', region: 'eu-west-1' })
    expect(circuitBreaker({ name: 'x', store }).permissions).toEqual([
      {
        actions: ['dynamodb:GetItem', 'dynamodb:PutItem'],
        resources: ['arn:aws:dynamodb:eu-west-1:*:table/circuits'],
      },
    ])
    expect(() => dynamoDbCircuitStore({ tableName: undefined })).toThrow('is the environment variable set?')
    expect(() => dynamoDbCircuitStore({ tableName: 't', client: {} as never })).toThrow('a client with getItem()')
  })
})
