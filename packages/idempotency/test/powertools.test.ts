// One table for Powertools and for Lambent: either acquires, the other sees it, replays, and refuses another payload.

import { IdempotencyConfig, makeIdempotent } from '@aws-lambda-powertools/idempotency'
import { CachePersistenceLayer } from '@aws-lambda-powertools/idempotency/cache'
import { DynamoDBPersistenceLayer } from '@aws-lambda-powertools/idempotency/dynamodb'
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { DynamoDB } from '@lambent/aws/dynamodb'
import { createClient } from '@redis/client'
import type { Context } from 'aws-lambda'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { dynamoDbStore, idempotent, redisStore } from '../src/index.ts'
import { lambda, plain } from './context.ts'
import { credentials, type Dynamo, hasRedis, type Redis, startDynamo, startRedis } from './servers.ts'

interface Order {
  readonly id: string
  readonly amount?: number
  readonly nested?: object
}

let dynamo: Dynamo
beforeAll(async () => {
  dynamo = await startDynamo()
  await dynamo.table('shared')
  await dynamo.table('shared-sorted', 'sk')
})
afterAll(() => dynamo.stop())
beforeEach(() => vi.stubEnv('AWS_LAMBDA_FUNCTION_NAME', 'f'))
afterEach(() => vi.unstubAllEnvs())

let count = 0
const fresh = () => `order-${count++}`
const settle = () => new Promise(resolve => setTimeout(resolve, 30))

/** The same work by either, with what it has cost in effects. */
function both(
  work: (order: Order) => unknown,
  { sortKey, validate = false }: { sortKey?: string; validate?: boolean } = {},
) {
  const effects = { powertools: 0, lambent: 0 }
  const tableName = sortKey ? 'shared-sorted' : 'shared'
  const config = { endpoint: dynamo.endpoint, region: 'eu-west-1', credentials }
  const persistenceStore = new DynamoDBPersistenceLayer({
    tableName,
    awsSdkV3Client: new DynamoDBClient(config),
    ...(sortKey && { sortKeyAttr: sortKey }),
  })
  const theirs = makeIdempotent(
    async (order: Order, _context: Context) => {
      effects.powertools++
      return (await work(order)) as never
    },
    {
      persistenceStore,
      config: new IdempotencyConfig({
        eventKeyJmesPath: 'id',
        throwOnNoIdempotencyKey: true,
        ...(validate && { payloadValidationJmesPath: 'amount' }),
      }),
    },
  )
  const ours = plain()
    .use(
      idempotent({
        store: dynamoDbStore({
          tableName,
          client: new DynamoDB(config),
          format: 'powertools',
          sortKeyAttribute: sortKey,
        }),
        key: ({ event }) => (event as Order).id,
        ...(validate && { validate: ({ event }) => (event as Order).amount }),
      }),
    )
    .handle(async ({ event }) => {
      effects.lambent++
      return await work(event as Order)
    })
  return {
    effects,
    powertools: (order: Order) => theirs(order, lambda() as unknown as Context),
    lambent: (order: Order) => ours(order, lambda()),
  }
}

describe.each([undefined, 'sk'])('with the sort key %s', sortKey => {
  const options = sortKey ? { sortKey } : {}
  const result = { text: 'é', n: 1.5, big: 9007199254740991, list: [1, 'a', null, true], nested: { deep: {} } }

  it('what Powertools has done Lambent replays', async () => {
    const { powertools, lambent, effects } = both(() => result, options)
    const id = fresh()
    expect(await powertools({ id })).toEqual(result)
    expect(await lambent({ id })).toEqual(result)
    expect(effects).toEqual({ powertools: 1, lambent: 0 })
  })

  it('what Lambent has done Powertools replays', async () => {
    const { powertools, lambent, effects } = both(() => result, options)
    const id = fresh()
    expect(await lambent({ id })).toEqual(result)
    expect(await powertools({ id })).toEqual(result)
    expect(await lambent({ id })).toEqual(result)
    expect(effects).toEqual({ powertools: 0, lambent: 1 })
  })

  it('a unit that returns nothing is done for both', async () => {
    const { powertools, lambent, effects } = both(() => undefined, options)
    const [one, two] = [fresh(), fresh()]
    await powertools({ id: one })
    expect(await lambent({ id: one })).toBeUndefined()
    await lambent({ id: two })
    expect(await powertools({ id: two })).toBeUndefined()
    expect(effects).toEqual({ powertools: 1, lambent: 1 })
  })

  it.each(['powertools', 'lambent'] as const)('while %s runs the other sees it in progress', async first => {
    let end: () => void = () => {}
    const all = both(() => new Promise<void>(resolve => (end = resolve)), options)
    const id = fresh()
    const running = all[first]({ id })
    await vi.waitFor(() => expect(all.effects[first]).toBe(1), 30_000)
    const other = first === 'powertools' ? all.lambent : all.powertools
    const error = await other({ id }).catch((thrown: Error) => thrown)
    expect((error as Error).name).toBe(
      first === 'powertools' ? 'IdempotencyInProgressError' : 'IdempotencyAlreadyInProgressError',
    )
    end()
    await running
    await other({ id })
    expect(all.effects[first === 'powertools' ? 'lambent' : 'powertools']).toBe(0)
  })

  it.each(['powertools', 'lambent'] as const)(
    'what %s has done with one payload the other refuses with another',
    async first => {
      const all = both(() => 'ok', { ...options, validate: true })
      const id = fresh()
      await all[first]({ id, amount: 1 })
      const other = first === 'powertools' ? all.lambent : all.powertools
      expect(await other({ id, amount: 1 })).toBe('ok')
      const error = await other({ id, amount: 2 }).catch((thrown: Error) => thrown)
      expect((error as Error).name).toBe(
        first === 'powertools' ? 'IdempotencyPayloadMismatchError' : 'IdempotencyValidationError',
      )
    },
  )

  it.each(['powertools', 'lambent'] as const)('what %s has failed the other may do', async first => {
    let fail = true
    const all = both(() => {
      if (fail) throw new Error('down')
      return 'ok'
    }, options)
    const id = fresh()
    await expect(all[first]({ id })).rejects.toThrow()
    fail = false
    const other = first === 'powertools' ? all.lambent : all.powertools
    expect(await other({ id })).toBe('ok')
  })
})

describe('defects of the field that are not here', () => {
  it('a result that DynamoDB cannot hold does not leave the unit in progress', async () => {
    for (const result of [
      { a: undefined },
      { at: new Date(0) },
      { n: Number.NaN },
      { n: 2 ** 60 },
      { n: 1e-200 },
      { n: 1e300 },
    ]) {
      const { lambent, effects } = both(() => result)
      const id = fresh()
      await lambent({ id }).catch(() => {})
      await lambent({ id }).catch(() => {})
      expect(effects.lambent).toBe(1)
    }
  })

  it('a rejected duplicate does not delete the lock of the running first call', async () => {
    let end: () => void = () => {}
    const { lambent, effects } = both(() => new Promise<void>(resolve => (end = resolve)))
    const id = fresh()
    const first = lambent({ id })
    await settle()
    for (let i = 0; i < 3; i++) await expect(lambent({ id })).rejects.toThrow('in progress')
    expect(effects.lambent).toBe(1)
    end()
    await first
  })

  it('a handler that mutates its input completes under the key that it began with', async () => {
    const { lambent, effects } = both(order => {
      ;(order as { id: string }).id = 'another'
    })
    const id = fresh()
    await lambent({ id })
    await lambent({ id })
    expect(effects.lambent).toBe(1)
  })
})

if (hasRedis)
  describe('in Redis', () => {
    let redis: Redis
    let client: ReturnType<typeof createClient>
    beforeAll(async () => {
      redis = await startRedis()
      client = createClient({ socket: { host: '127.0.0.1', port: redis.port } })
      await client.connect()
    })
    afterAll(async () => {
      await client.close()
      redis.stop()
    })

    it.each(['powertools', 'lambent'] as const)(
      'what %s has done the other replays, and sees while it runs',
      async first => {
        const effects = { powertools: 0, lambent: 0 }
        let end: () => void = () => {}
        const work = () =>
          new Promise<{ text: string; n: number }>(resolve => (end = () => resolve({ text: 'é', n: 1.5 })))
        const theirs = makeIdempotent(
          async (_order: Order, _context: Context) => {
            effects.powertools++
            return (await work()) as never
          },
          {
            persistenceStore: new CachePersistenceLayer({ client: client as never }),
            config: new IdempotencyConfig({ eventKeyJmesPath: 'id' }),
          },
        )
        const ours = plain()
          .use(
            idempotent({
              store: redisStore({ client, format: 'powertools' }),
              key: ({ event }) => (event as Order).id,
            }),
          )
          .handle(() => {
            effects.lambent++
            return work()
          })
        const all = {
          powertools: (order: Order) => theirs(order, lambda() as unknown as Context),
          lambent: (order: Order) => ours(order, lambda()),
        }
        const other = first === 'powertools' ? 'lambent' : 'powertools'
        const id = fresh()
        const running = all[first]({ id })
        await settle()
        await expect(all[other]({ id })).rejects.toThrow(/in.?progress/i)
        end()
        expect(await running).toEqual({ text: 'é', n: 1.5 })
        expect(await all[other]({ id })).toEqual({ text: 'é', n: 1.5 })
        expect(effects).toEqual({ [first]: 1, [other]: 0 })
      },
    )
  })
