// Stores against a model, by random commands and a clock that the test sets.
import { DynamoDB } from '@lambent/aws/dynamodb'
import fc from 'fast-check'
import { Redis as IoRedis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { dynamoDbStore, type IdempotencyStore, type Lock, memoryStore, redisStore } from '../src/index.ts'
import { credentials, type Dynamo, hasRedis, type Redis, startDynamo, startRedis } from './servers.ts'

interface ModelRecord {
  readonly status: 'INPROGRESS' | 'COMPLETED'
  readonly lockedUntil: number
  /** In seconds, as stores keep it. */
  readonly expires: number
  readonly data: string | undefined
}

interface Model {
  clock: number
  readonly records: Map<string, ModelRecord>
}

interface Real {
  readonly store: IdempotencyStore
  readonly run: string
  /** All locks that were ever given. */
  readonly locks: Lock[]
}

const KEYS = ['a', 'b']
const seconds = (ms: number) => Math.round(ms / 1000)

class Pass implements fc.AsyncCommand<Model, Real> {
  readonly ms: number
  constructor(ms: number) {
    this.ms = ms
  }
  check = () => true
  async run(model: Model): Promise<void> {
    model.clock += this.ms
  }
  toString = () => `pass(${this.ms})`
}

class Acquire implements fc.AsyncCommand<Model, Real> {
  private readonly key: string
  private readonly lock: number
  private readonly ttl: number
  constructor(key: string, lock: number, ttl: number) {
    this.key = key
    this.lock = lock
    this.ttl = ttl
  }
  check = () => true
  async run(model: Model, { store, run, locks }: Real): Promise<void> {
    const { clock, records } = model
    const [lockedUntil, expiresAt] = [clock + this.lock, clock + this.ttl]
    const outcome = await store.acquire({ key: `${run}#${this.key}`, now: clock, lockedUntil, expiresAt })
    const record = records.get(this.key)
    const expired = record && record.expires * 1000 < seconds(clock) * 1000
    const ended = record?.status === 'INPROGRESS' && record.lockedUntil < clock
    expect(outcome.acquired).toBe(!record || expired || ended)
    if (outcome.acquired) {
      expect(outcome.tookOver).toBe(record?.status === 'INPROGRESS')
      records.set(this.key, { status: 'INPROGRESS', lockedUntil, expires: seconds(expiresAt), data: undefined })
      locks.push(outcome.lock)
    } else
      expect(outcome.record).toMatchObject({
        status: record?.status,
        ...(record?.data !== undefined && { data: record.data }),
      })
  }
  toString = () => `acquire(${this.key}, ${this.lock}, ${this.ttl})`
}

class End implements fc.AsyncCommand<Model, Real> {
  private readonly which: number
  private readonly how: 'complete' | 'release'
  private readonly data: string
  private readonly ttl: number
  constructor(which: number, how: 'complete' | 'release', data: string, ttl: number) {
    this.which = which
    this.how = how
    this.data = data
    this.ttl = ttl
  }
  check = () => true
  async run({ clock, records }: Model, { store, locks }: Real): Promise<void> {
    const lock = locks[this.which % Math.max(1, locks.length)]
    if (!lock) return
    const key = lock.key.slice(-1)
    const record = records.get(key)
    const mine = record?.lockedUntil === lock.lockedUntil
    const runs = record?.status === 'INPROGRESS'
    const expiresAt = clock + this.ttl
    const took =
      this.how === 'complete' ? await store.complete(lock, { data: this.data, expiresAt }) : await store.release(lock)
    // Who completes twice, since an answer was lost, has completed; the first result stays.
    expect(took).toBe(mine && (runs || this.how === 'complete'))
    if (!mine || !runs) return
    if (this.how === 'release') records.delete(key)
    else records.set(key, { ...record, status: 'COMPLETED', data: this.data, expires: seconds(expiresAt) })
  }
  toString = () => `${this.how}(lock ${this.which})`
}

const ttl = fc.integer({ min: 3_600_000, max: 7_200_000 })
const commands = [
  fc.integer({ min: 0, max: 3000 }).map(ms => new Pass(ms)),
  fc.integer({ min: 3_600_000, max: 9_000_000 }).map(ms => new Pass(ms)),
  fc.tuple(fc.constantFrom(...KEYS), fc.integer({ min: 0, max: 2000 }), ttl).map(args => new Acquire(...args)),
  fc
    .tuple(
      fc.nat(20),
      fc.constantFrom('complete' as const, 'release' as const),
      fc.jsonValue().map(value => JSON.stringify(value)),
      ttl,
    )
    .map(args => new End(...args)),
]

let count = 0
async function holds(make: () => IdempotencyStore, numRuns: number): Promise<void> {
  await fc.assert(
    fc.asyncProperty(fc.commands(commands, { maxCommands: 40 }), async cmds => {
      const run = `model-${count++}`
      await fc.asyncModelRun(
        () => ({ model: { clock: Date.now(), records: new Map() }, real: { store: make(), run, locks: [] } }),
        cmds,
      )
    }),
    { numRuns },
  )
}

describe('every store does what the model does', () => {
  let dynamo: Dynamo
  let redis: Redis | undefined
  let io: IoRedis | undefined
  beforeAll(async () => {
    dynamo = await startDynamo()
    await dynamo.table('model')
    if (hasRedis) {
      redis = await startRedis()
      io = new IoRedis({ host: '127.0.0.1', port: redis.port })
    }
  })
  afterAll(async () => {
    io?.disconnect()
    redis?.stop()
    await dynamo.stop()
  })

  it('memoryStore()', () => holds(() => memoryStore(), 300))
  it('dynamoDbStore()', async () => {
    const client = new DynamoDB({ endpoint: dynamo.endpoint, region: 'eu-west-1', credentials })
    await holds(() => dynamoDbStore({ tableName: 'model', client }), 60)
  }, 60_000)
  if (hasRedis) it('redisStore()', () => holds(() => redisStore({ client: io as IoRedis }), 150), 60_000)
})
