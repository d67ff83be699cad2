// The public surface: what to do when it fails, or takes too long.
export type { Backoff, BackoffOptions } from './backoff.ts'
export { type BulkheadOptions, bulkhead } from './bulkhead.ts'
export { type CircuitBreakerOptions, circuitBreaker, withCircuitBreaker } from './circuit-breaker.ts'
export type { CircuitRecord, CircuitStore, CircuitStoreCall } from './circuit-store.ts'
export {
  type CircuitTablePort,
  type DynamoDbCircuitStoreOptions,
  dynamoDbCircuitStore,
} from './dynamodb-circuit-store.ts'
export { memoryCircuitStore } from './memory-circuit-store.ts'
export { type GaveUp, type Retries, retriesOf } from './retries-of.ts'
export { type Attempt, type Retry, type RetryOptions, retry, withRetry } from './retry.ts'
export { type RetryBudget, type RetryBudgetOptions, retryBudget } from './retry-budget.ts'
export type { Scope } from './scope.ts'
export { timeout } from './timeout.ts'
