// A store within the process: for tests and development.
import { type IdempotencyStore, isFree, type Lock, type StoredRecord } from './store.ts'

export interface MemoryStoreOptions {
  /**
   * Lets it serve on Lambda, where each execution environment has a memory of its own, and a repeat that another one gets
   * runs again. @default false
   */
  readonly onLambda?: boolean | undefined
}

/**
 * A store in the memory of this process, for tests and development: it forgets when the process ends.
 * @throws {TypeError} on Lambda, unless `onLambda` says that this is meant
 */
export function memoryStore({ onLambda = false }: MemoryStoreOptions = {}): IdempotencyStore {
  if (process.env.LAMBDA_TASK_ROOT && !onLambda)
    throw new TypeError(
      'memoryStore() keeps records in one execution environment, so on Lambda repeats run again: take dynamoDbStore() or redisStore(), or set onLambda',
    )
  const records = new Map<string, StoredRecord & { readonly owner?: string | undefined }>()
  const mine = ({ key, lockedUntil, owner }: Lock) => {
    const record = records.get(key)
    return record?.lockedUntil === lockedUntil && record.owner === owner ? record : undefined
  }
  return {
    async acquire(request) {
      const { key, lockedUntil, expiresAt, validation, owner } = request
      const record = records.get(key)
      if (record && !isFree(record, request)) return { acquired: false, record }
      records.set(key, { status: 'INPROGRESS', lockedUntil, expiresAt, validation, owner })
      const tookOver = record?.status === 'INPROGRESS' && record.owner !== (owner ?? null)
      return { acquired: true, lock: { key, lockedUntil, owner }, tookOver }
    },
    async complete(lock, { data, expiresAt, validation }) {
      const record = mine(lock)
      if (record?.status === 'INPROGRESS')
        records.set(lock.key, {
          ...record,
          status: 'COMPLETED',
          data,
          expiresAt,
          validation: validation ?? record.validation,
        })
      return record !== undefined
    },
    async release(lock) {
      return mine(lock)?.status === 'INPROGRESS' && records.delete(lock.key)
    },
  }
}
