// Each effect once.
export { IdempotencyKeyError } from './canonical.ts'
export { ResultError } from './codec.ts'
export { type DynamoDbPort, type DynamoDbStoreOptions, dynamoDbStore } from './dynamodb-store.ts'
export { InProgressError, LockLostError, PayloadMismatchError } from './errors.ts'
export {
  type IdempotencyKeyHeaderOptions,
  idempotencyKeyHeader,
  type KeyedOptions,
  type KeyedRequest,
} from './idempotency-key-header.ts'
export { type IdempotentOptions, idempotent } from './idempotent.ts'
export type { LargeResultsOptions } from './large-results.ts'
export type { LocalCacheOptions } from './local-cache.ts'
export { type MemoryStoreOptions, memoryStore } from './memory-store.ts'
export { type RedisPort, type RedisStoreOptions, redisStore } from './redis-store.ts'
export type { Acquire, Acquired, Complete, IdempotencyStore, Lock, StoredRecord, StoreOptions } from './store.ts'
