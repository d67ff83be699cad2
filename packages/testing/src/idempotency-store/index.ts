// What every idempotency store must do, as named cases that any test runner can run.
import assert from 'node:assert/strict'

/** `IdempotencyStore` of @lambent/idempotency, as far as the cases use it. */
export interface TestedStore {
  acquire(request: {
    readonly key: string
    readonly now: number
    readonly lockedUntil: number
    readonly expiresAt: number
    readonly validation?: string
    readonly owner?: string
  }): Promise<
    | { readonly acquired: true; readonly lock: TestedLock; readonly tookOver: boolean }
    | { readonly acquired: false; readonly record: TestedRecord }
  >
  complete(
    lock: TestedLock,
    outcome: { readonly data?: string; readonly expiresAt: number; readonly validation?: string },
  ): Promise<boolean>
  release(lock: TestedLock): Promise<boolean>
}

export interface TestedLock {
  readonly key: string
  readonly lockedUntil: number
}

export interface TestedRecord {
  readonly status: 'INPROGRESS' | 'COMPLETED'
  readonly expiresAt: number
  readonly lockedUntil?: number | undefined
  readonly data?: string | undefined
  readonly validation?: string | undefined
}

export interface StoreCase {
  readonly name: string
  /** Rejects with an AssertionError where the store does something else. */
  readonly run: (store: TestedStore) => Promise<void>
}

const HOUR = 3_600_000
const DATA = '{"text":"é\\"\\u0000","n":1.5,"list":[null,true,[]],"none":{}}'

let count = 0
const fresh = () => `conformance#${process.pid}-${Date.now()}-${count++}`

/** An acquirer at a time of the case's own: stores go by the times that they are given. */
function world(store: TestedStore) {
  const key = fresh()
  const start = Date.now()
  const acquire = (
    at: number,
    more: { readonly ms?: number; readonly validation?: string; readonly owner?: string; readonly ttl?: number } = {},
  ) => {
    const { ms = 1000, ttl = HOUR, ...rest } = more
    return store.acquire({ key, now: start + at, lockedUntil: start + at + ms, expiresAt: start + at + ttl, ...rest })
  }
  const mustAcquire = async (...args: Parameters<typeof acquire>) => {
    const outcome = await acquire(...args)
    assert.ok(outcome.acquired, 'the key is free')
    return outcome
  }
  const mustNot = async (...args: Parameters<typeof acquire>) => {
    const outcome = await acquire(...args)
    assert.ok(!outcome.acquired, 'the key is taken')
    return outcome.record
  }
  return { key, start, mustAcquire, mustNot }
}

/**
 * The cases, for a store of your own too:
 *
 * ```ts
 * for (const { name, run } of idempotencyStoreCases) it(name, () => run(myStore()))
 * ```
 */
export const idempotencyStoreCases: readonly StoreCase[] = [
  {
    name: 'gives a key to one, and tells others until when it is locked',
    async run(store) {
      const { mustAcquire, mustNot, start } = world(store)
      const { tookOver, lock } = await mustAcquire(0, { ms: 1000, validation: 'v' })
      assert.equal(tookOver, false)
      assert.equal(lock.lockedUntil, start + 1000)
      const record = await mustNot(500)
      assert.equal(record.status, 'INPROGRESS')
      assert.equal(record.lockedUntil, start + 1000)
      assert.equal(record.validation, 'v')
      assert.equal(record.data, undefined)
    },
  },
  {
    name: 'gives a key to one of 64 that ask at once',
    async run(store) {
      const key = fresh()
      const now = Date.now()
      const all = await Promise.all(
        Array.from({ length: 64 }, (_, i) =>
          store.acquire({ key, now, lockedUntil: now + 1000 + i, expiresAt: now + HOUR }),
        ),
      )
      assert.equal(all.filter(({ acquired }) => acquired).length, 1)
    },
  },
  {
    name: 'gives back what it was given, to the letter',
    async run(store) {
      const { mustAcquire, mustNot, start } = world(store)
      const { lock } = await mustAcquire(0)
      assert.equal(await store.complete(lock, { data: DATA, expiresAt: start + HOUR, validation: 'v' }), true)
      const record = await mustNot(500)
      assert.equal(record.status, 'COMPLETED')
      assert.deepEqual(JSON.parse(record.data ?? 'null'), JSON.parse(DATA))
      assert.equal(record.validation, 'v')
      assert.ok(Math.abs(record.expiresAt - (start + HOUR)) <= 1000, 'to the second')
    },
  },
  {
    name: 'completes a unit that returned nothing',
    async run(store) {
      const { mustAcquire, mustNot, start } = world(store)
      const { lock } = await mustAcquire(0)
      assert.equal(await store.complete(lock, { expiresAt: start + HOUR }), true)
      const record = await mustNot(500)
      assert.equal(record.status, 'COMPLETED')
      assert.equal(record.data, undefined)
    },
  },
  {
    name: 'does not free what is completed when its lock has ended',
    async run(store) {
      const { mustAcquire, mustNot, start } = world(store)
      const { lock } = await mustAcquire(0)
      await store.complete(lock, { data: '1', expiresAt: start + HOUR })
      assert.equal((await mustNot(60_000)).status, 'COMPLETED')
    },
  },
  {
    name: 'frees a key that is released, and only once',
    async run(store) {
      const { mustAcquire } = world(store)
      const { lock } = await mustAcquire(0)
      assert.equal(await store.release(lock), true)
      assert.equal(await store.release(lock), false)
      assert.equal((await mustAcquire(1)).tookOver, false)
    },
  },
  {
    name: 'lets another take over when the lock has ended, not before, and says so',
    async run(store) {
      const { mustAcquire, mustNot } = world(store)
      await mustAcquire(0, { ms: 1000 })
      await mustNot(1000)
      assert.equal((await mustAcquire(1001)).tookOver, true)
    },
  },
  {
    name: 'gives an ended lock to one of 64 that ask at once',
    async run(store) {
      const { key, start, mustAcquire } = world(store)
      await mustAcquire(0, { ms: 1000 })
      const now = start + 2000
      const all = await Promise.all(
        Array.from({ length: 64 }, (_, i) =>
          store.acquire({ key, now, lockedUntil: now + 1000 + i, expiresAt: now + HOUR }),
        ),
      )
      assert.equal(all.filter(({ acquired }) => acquired).length, 1)
    },
  },
  {
    name: 'takes nothing from one who is late: not its result, not its release',
    async run(store) {
      const { mustAcquire, mustNot, start } = world(store)
      const late = await mustAcquire(0, { ms: 1000 })
      const second = await mustAcquire(2000, { ms: 1000 })
      assert.equal(await store.complete(late.lock, { data: '"late"', expiresAt: start + HOUR }), false)
      assert.equal(await store.release(late.lock), false)
      assert.equal((await mustNot(2500)).status, 'INPROGRESS')
      assert.equal(await store.complete(second.lock, { data: '"second"', expiresAt: start + HOUR }), true)
      assert.equal(await store.complete(late.lock, { data: '"late"', expiresAt: start + HOUR }), false)
      assert.equal(await store.release(late.lock), false)
      assert.equal((await mustNot(2500)).data, '"second"')
    },
  },
  {
    name: 'frees a key when its record has expired, though it may still be there',
    async run(store) {
      const { mustAcquire, mustNot, start } = world(store)
      const { lock } = await mustAcquire(0)
      await store.complete(lock, { data: '1', expiresAt: start + 60_000 })
      await mustNot(58_000)
      await mustAcquire(62_000)
    },
  },
  {
    name: 'gives an owner its own lock again, and nobody else',
    async run(store) {
      const { mustAcquire, mustNot, start } = world(store)
      const first = await mustAcquire(0, { ms: 10_000, owner: 'execution-1' })
      await mustNot(100, { owner: 'execution-2' })
      await mustNot(100)
      const again = await mustAcquire(200, { ms: 10_000, owner: 'execution-1' })
      assert.equal(again.tookOver, false)
      assert.equal(await store.complete(first.lock, { data: '1', expiresAt: start + HOUR }), false)
      assert.equal(await store.complete(again.lock, { data: '2', expiresAt: start + HOUR }), true)
      assert.equal((await mustNot(300, { owner: 'execution-1' })).data, '2')
    },
  },
  {
    name: 'keeps keys apart',
    async run(store) {
      const one = world(store)
      const two = world(store)
      const { lock } = await one.mustAcquire(0)
      await two.mustAcquire(0)
      await store.complete(lock, { data: '1', expiresAt: one.start + HOUR })
      assert.equal((await two.mustNot(1)).status, 'INPROGRESS')
    },
  },
]
