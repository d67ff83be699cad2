// Faults that a reading of this package found: each by its name, so that it does not come back.

import { IdempotencyConfig, makeIdempotent } from '@aws-lambda-powertools/idempotency'
import { DynamoDBPersistenceLayer } from '@aws-lambda-powertools/idempotency/dynamodb'
import { BasePersistenceLayer } from '@aws-lambda-powertools/idempotency/persistence'
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { DynamoDB } from '@lambent/aws/dynamodb'
import type { LambdaContext, TelemetryEvent } from '@lambent/core'
import { drop, firehose } from '@lambent/events/firehose'
import { createClient } from '@redis/client'
import type { Context } from 'aws-lambda'
import fc from 'fast-check'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import {
  dynamoDbStore,
  type IdempotencyStore,
  type IdempotentOptions,
  idempotent,
  memoryStore,
  redisStore,
} from '../src/index.ts'
import { keyOf } from '../src/key.ts'
import { lambda, plain } from './context.ts'
import { credentials, type Dynamo, hasRedis, startDynamo, startRedis } from './servers.ts'

let dynamo: Dynamo
beforeAll(async () => {
  dynamo = await startDynamo()
  await dynamo.table('review')
})
afterAll(() => dynamo.stop())
beforeEach(() => vi.stubEnv('AWS_LAMBDA_FUNCTION_NAME', 'f'))
afterEach(() => vi.unstubAllEnvs())

let count = 0
const fresh = () => `review-${count++}`
const settle = () => new Promise(resolve => setTimeout(resolve, 5))
const config = () => ({ endpoint: dynamo.endpoint, region: 'eu-west-1', credentials })
const shared = (format: 'lambent' | 'powertools') =>
  dynamoDbStore({ tableName: 'review', client: new DynamoDB(config()), format })

/** A unit of one key, with its effects and what was told. */
function unit(work: () => unknown, options: Partial<IdempotentOptions> = {}) {
  const said: TelemetryEvent[] = []
  const key = fresh()
  let effects = 0
  const handler = plain(said)
    .use(idempotent({ store: memoryStore(), key: () => key, ...options }))
    .handle(() => {
      effects++
      return work()
    })
  return {
    key,
    run: (context: LambdaContext = lambda()) => handler({}, context),
    effects: () => effects,
    names: () => said.map(({ name }) => name),
  }
}

function powertools(key: string, work: () => unknown) {
  const run = makeIdempotent(async (_event: { key: string }, _context: Context) => (await work()) as never, {
    persistenceStore: new DynamoDBPersistenceLayer({
      tableName: 'review',
      awsSdkV3Client: new DynamoDBClient(config()),
    }),
    config: new IdempotencyConfig({ eventKeyJmesPath: 'key' }),
  })
  return () => run({ key }, lambda() as unknown as Context)
}

/** A context whose time passes. */
function ending(ms: number): LambdaContext & { readonly end: number } {
  const end = Date.now() + ms
  return { ...lambda(), end, getRemainingTimeInMillis: () => end - Date.now() }
}

describe('the lock', () => {
  it('of a unit that runs does not end with a record that is kept for less', async () => {
    let clock = 1_700_000_000_000
    let end: () => void = () => {}
    const { run, effects } = unit(() => new Promise<void>(resolve => (end = resolve)), {
      expiresAfter: 1000,
      now: () => clock,
    })
    const first = run(lambda(60_000))
    await settle()
    clock += 59_000
    await expect(run(lambda(60_000))).rejects.toThrow('in progress')
    expect(effects()).toBe(1)
    end()
    await first
  })

  it('of a unit that waited first ends with its invocation', async () => {
    const store = memoryStore()
    let asked = 0
    let until = 0
    const busy: IdempotencyStore = {
      ...store,
      async acquire(request) {
        until = request.lockedUntil
        if (asked++ > 3) return store.acquire(request)
        return { acquired: false, record: { status: 'INPROGRESS', expiresAt: request.expiresAt } }
      },
    }
    const context = ending(10_000)
    await unit(() => 1, { store: busy, onInProgress: 'wait' }).run(context)
    expect(asked).toBeGreaterThan(3)
    expect(until - context.end).toBeLessThan(50)
  })

  it('of another store is another lock', async () => {
    const inner = memoryStore()
    const acquire = vi.fn(inner.acquire)
    const handler = plain()
      .use(idempotent({ store: memoryStore(), key: () => 'k' }))
      .use(idempotent({ store: { ...inner, acquire }, key: () => 'k' }))
      .handle(() => 1)
    await handler({}, lambda())
    expect(acquire).toHaveBeenCalledOnce()
  })
})

describe('a write that took place, and whose answer was lost', () => {
  const stores: [string, () => IdempotencyStore][] = [
    ['memoryStore()', memoryStore],
    ['dynamoDbStore()', () => shared('lambent')],
    ['dynamoDbStore() in Powertools’ format', () => shared('powertools')],
  ]
  let close = () => {}
  let client: ReturnType<typeof createClient>
  beforeAll(async () => {
    if (!hasRedis) return
    const redis = await startRedis()
    client = createClient({ socket: { host: '127.0.0.1', port: redis.port } })
    await client.connect()
    close = () => {
      client.destroy()
      redis.stop()
    }
  })
  afterAll(() => close())
  if (hasRedis) stores.push(['redisStore()', () => redisStore({ client })])

  const gone = () => Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' })

  describe.each(stores)('of %s', (_name, make) => {
    it('that acquired is no duplicate', async () => {
      const store = make()
      let lost = 0
      const lossy: IdempotencyStore = {
        ...store,
        async acquire(...args) {
          const outcome = await store.acquire(...args)
          if (lost++ === 0) throw gone()
          return outcome
        },
      }
      const { run, effects, names } = unit(() => 'ok', { store: lossy })
      expect([await run(), await run(), effects()]).toEqual(['ok', 'ok', 1])
      expect(names()).not.toContain('idempotency.takenOver')
    })

    it('that completed is no lost lock', async () => {
      const store = make()
      let lost = 0
      const lossy: IdempotencyStore = {
        ...store,
        async complete(...args) {
          const outcome = await store.complete(...args)
          if (lost++ === 0) throw gone()
          return outcome
        },
      }
      const { run, effects } = unit(() => 'ok', { store: lossy })
      expect([await run(), await run(), effects(), lost]).toEqual(['ok', 'ok', 1, 2])
    })

    it('that released frees no lock of another, though that ends in the same ms', async () => {
      const store = make()
      const key = fresh()
      const now = Date.now()
      const request = { key, now, lockedUntil: now + 9000, expiresAt: now + 99_000 }
      const first = await store.acquire({ ...request, owner: 'a' })
      if (!first.acquired) throw new Error('the key is taken')
      expect(await store.release(first.lock)).toBe(true)
      const second = await store.acquire({ ...request, owner: 'b' })
      if (!second.acquired) throw new Error('the key is taken')
      expect([await store.release(first.lock), await store.complete(first.lock, { expiresAt: now })]).toEqual([
        false,
        false,
      ])
      expect(await store.complete(second.lock, { expiresAt: now + 99_000 })).toBe(true)
      expect(await store.complete(first.lock, { expiresAt: now })).toBe(false)
    })
  })
})

describe('a store', () => {
  it('that hangs after the effect does not take the rest of the invocation', async () => {
    const store: IdempotencyStore = { ...memoryStore(), complete: () => new Promise(() => {}) }
    const { run, names } = unit(() => 'ok', { store })
    const context = ending(1000)
    expect(await run(context)).toBe('ok')
    expect(context.getRemainingTimeInMillis()).toBeGreaterThan(-200)
    expect(names()).toContain('idempotency.storeError')
  })

  it('is not what failed when `owner` throws', async () => {
    const owner = () => {
      throw new TypeError('no execution')
    }
    const { run, effects } = unit(() => 1, { onStoreError: 'run', owner })
    await expect(run()).rejects.toThrow('no execution')
    expect(effects()).toBe(0)
  })
})

describe('in Powertools’ format', () => {
  const format = () => ({ store: shared('powertools') })

  it.each<[string, unknown]>([
    ['a number that is too large', { n: 1e300 }],
    ['small members, which take more in the table than in JSON', Array.from({ length: 190_000 }, () => 1)],
  ])('a result with %s does not leave the unit in progress', async (_name, result) => {
    const { run, effects } = unit(() => result, format())
    for (let i = 0; i < 2; i++)
      await expect(run()).rejects.toMatchObject({ name: 'IdempotencyResultError', retryable: false })
    expect(effects()).toBe(1)
  })

  it.each<[string, unknown]>([
    ['integers above 2^53', { n: [2 ** 60, -(2 ** 60), 1e21, 1.5e100] }],
    ['a key that looks like a type of the codec', { $lambent: ['bigint', '5'] }],
  ])('a result with %s is replayed', async (_name, result) => {
    const { run, effects } = unit(() => result, format())
    expect([await run(), await run(), effects()]).toEqual([result, result, 1])
  })

  it.each<[string, unknown]>([
    ['a bigint', { n: 1234567890123456789n }],
    ['a set', { s: new Set(['a']) }],
    ['bytes', { b: new Uint8Array([1, 2]) }],
  ])('what Powertools stored with %s is replayed', async (_name, result) => {
    const { key, run, effects } = unit(() => 'again', { ...format(), onStoreError: 'run' })
    await powertools(key, () => result)()
    expect([await run(), effects()]).toEqual([result, 0])
  })

  it('options are refused that Powertools would give as a result', () => {
    for (const option of [{ keep: () => true }, { largeResults: { bucket: 'b' } }])
      expect(() => idempotent({ ...format(), key: () => 'k', ...option })).toThrow('Powertools’ format')
  })

  it('a key is Powertools’ own for any JSON', async () => {
    let theirs = ''
    class Keys extends BasePersistenceLayer {
      protected async _putRecord({ idempotencyKey }: { readonly idempotencyKey: string }): Promise<void> {
        theirs = idempotencyKey
      }
      protected async _updateRecord(): Promise<void> {}
      protected async _deleteRecord(): Promise<void> {}
      protected async _getRecord(): Promise<never> {
        throw new Error('not read')
      }
    }
    const run = makeIdempotent(async (_event: unknown, _context: Context) => null, {
      persistenceStore: new Keys(),
      config: new IdempotencyConfig({}),
    })
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {}) // of keys that are empty
    const parts = { format: 'powertools', prefix: 'f', tenantId: undefined, hash: undefined } as const
    const key = fc.oneof(fc.string(), fc.nat(200).map(String), fc.constantFrom('a', 'A', 'b', 'B', '-', '01'))
    // With the key `__proto__` Powertools sets a prototype, and leaves it out of the hash.
    const json = fc.letrec(tie => ({
      value: fc.oneof(
        { depthSize: 'small' },
        fc.oneof(fc.string(), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.boolean(), fc.constant(null)),
        fc.array(tie('value')),
        fc.dictionary(
          key.filter(name => name !== '__proto__'),
          tie('value'),
          { maxKeys: 40 },
        ),
      ),
    })).value
    await fc.assert(
      fc.asyncProperty(json, async value => {
        const payload = JSON.parse(JSON.stringify({ value }))
        await run(payload, lambda() as unknown as Context)
        expect(keyOf(payload, parts)).toBe(theirs)
      }),
      { numRuns: 300 },
    )
    warn.mockRestore()
  })
})

describe('a brand', () => {
  it('of a record that Firehose is to drop is there when it is replayed', async () => {
    const { firehoseTransformationEvent } = await import('@lambent/testing')
    const handler = firehose()
      .each({ concurrency: 1 })
      .use(idempotent({ store: memoryStore(), key: () => 'k' }))
      .handle(() => drop('twice'))
    const event = firehoseTransformationEvent([{ data: 'a' }, { data: 'a' }])
    const { records } = await handler(event, lambda())
    expect(records.map(({ result }) => result)).toEqual(['Dropped', 'Dropped'])
  })
})
