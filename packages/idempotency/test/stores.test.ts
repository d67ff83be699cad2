// Every store passes the conformance suite: by either client of DynamoDB, by either client of Redis where it is installed.
import { DynamoDB as SdkDynamoDB } from '@aws-sdk/client-dynamodb'
import { DynamoDB } from '@lambent/aws/dynamodb'
import { idempotencyStoreCases } from '@lambent/testing/idempotency-store'
import { createClient } from '@redis/client'
import { Redis as IoRedis } from 'ioredis'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { dynamoDbStore, type IdempotencyStore, memoryStore, redisStore } from '../src/index.ts'
import { credentials, type Dynamo, hasRedis, type Redis, startDynamo, startRedis } from './servers.ts'

afterEach(() => vi.unstubAllEnvs())

function conforms(make: () => IdempotencyStore): void {
  it.each(idempotencyStoreCases)('$name', ({ run }) => run(make()))
}

describe('memoryStore()', () => {
  conforms(() => memoryStore())

  it('refuses to start on Lambda, unless it is told', () => {
    vi.stubEnv('LAMBDA_TASK_ROOT', '/var/task')
    expect(() => memoryStore()).toThrow('take dynamoDbStore() or redisStore(), or set onLambda')
    expect(() => memoryStore({ onLambda: true })).not.toThrow()
  })
})

describe('dynamoDbStore()', () => {
  let dynamo: Dynamo
  beforeAll(async () => {
    dynamo = await startDynamo()
    await dynamo.table('idempotency')
    await dynamo.table('sorted', 'sk')
  })
  afterAll(() => dynamo.stop())
  const config = () => ({ endpoint: dynamo.endpoint, region: 'eu-west-1', credentials })

  describe.each([
    ['@lambent/aws', () => new DynamoDB(config())],
    ['the AWS SDK', () => new SdkDynamoDB(config())],
  ])('by %s', (_name, client) => {
    describe('in the format of its own', () =>
      conforms(() => dynamoDbStore({ tableName: 'idempotency', client: client() })))
    describe('in Powertools’ format', () =>
      conforms(() => dynamoDbStore({ tableName: 'idempotency', client: client(), format: 'powertools' })))
  })

  describe('with a sort key and attributes of one’s own', () =>
    conforms(() =>
      dynamoDbStore({
        tableName: 'sorted',
        client: new DynamoDB(config()),
        sortKeyAttribute: 'sk',
        staticPartitionKey: 'all',
        statusAttribute: 'state',
        expiryAttribute: 'ttl',
        inProgressExpiryAttribute: 'locked',
        dataAttribute: 'result',
        validationAttribute: 'payload',
        ownerAttribute: 'execution',
      }),
    ))

  it('acquires by one write, completes by another, and reads nothing', async () => {
    const calls: string[] = []
    const client = new DynamoDB(config())
    const counting = new Proxy(client, {
      get: (target, name) => {
        const method = Reflect.get(target, name) as (...args: unknown[]) => unknown
        return (...args: unknown[]) => {
          calls.push(String(name))
          return method.apply(target, args)
        }
      },
    })
    const store = dynamoDbStore({ tableName: 'idempotency', client: counting })
    const now = Date.now()
    const acquired = await store.acquire({ key: 'count', now, lockedUntil: now + 1000, expiresAt: now + 60_000 })
    if (acquired.acquired) await store.complete(acquired.lock, { data: '1', expiresAt: now + 60_000 })
    expect(calls).toEqual(['putItem', 'updateItem'])
  })

  it('says what is wrong with a definition, and with an item that is none', async () => {
    expect(() => dynamoDbStore({ tableName: undefined })).toThrow(
      'takes the name of a table, got undefined: is the environment variable set?',
    )
    expect(() => dynamoDbStore({ tableName: 't', sortKeyAttribute: 'id' })).toThrow('takes two attributes')
    const client = new DynamoDB(config())
    await client.putItem({
      TableName: 'idempotency',
      Item: { id: { S: 'foreign' }, other: { S: 'x' }, expiration: { N: '9999999999' } },
    })
    const now = Date.now()
    const store = dynamoDbStore({ tableName: 'idempotency', client })
    await expect(store.acquire({ key: 'foreign', now, lockedUntil: now, expiresAt: now })).rejects.toThrow(
      'is no idempotency record',
    )
  })
})

if (!hasRedis)
  it('redisStore() is not tested here: there is no redis-server', () =>
    console.log('redis-server is not on this machine: the tests of redisStore() did not run'))
else
  describe('redisStore()', () => {
    let redis: Redis
    let node: ReturnType<typeof createClient>
    let io: IoRedis
    beforeAll(async () => {
      redis = await startRedis()
      node = createClient({ socket: { host: '127.0.0.1', port: redis.port } })
      await node.connect()
      io = new IoRedis({ host: '127.0.0.1', port: redis.port })
    })
    afterAll(async () => {
      await node.close()
      io.disconnect()
      redis.stop()
    })
    describe('by node-redis', () => conforms(() => redisStore({ client: node })))
    describe('by ioredis', () => conforms(() => redisStore({ client: io })))
    describe('in Powertools’ format', () => conforms(() => redisStore({ client: node, format: 'powertools' })))

    it('leaves records that end by themselves', async () => {
      const now = Date.now()
      await redisStore({ client: io }).acquire({ key: 'ends', now, lockedUntil: now + 1000, expiresAt: now + 60_000 })
      expect(await io.ttl('ends')).toBeGreaterThan(50)
      expect(await io.ttl('ends')).toBeLessThanOrEqual(60)
    })

    it('refuses a client that can’t send commands', () => {
      expect(() => redisStore({ client: {} as never })).toThrow('takes a client of node-redis, ioredis or iovalkey')
    })
  })
