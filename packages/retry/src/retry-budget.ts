// What may be spent on further attempts: when nearly all calls fail, they are made once, and the other side can recover.
import { mustBeCount } from './options.ts'

export interface RetryBudgetOptions {
  /** @default 500 */
  readonly capacity?: number | undefined
  /** What a further attempt takes. @default 14 */
  readonly cost?: number | undefined
  /** What it takes where there were too many requests. @default 5 */
  readonly throttlingCost?: number | undefined
}

/** A token bucket. One a dependency and thread: made at the top of a module, given to each `retry()` of that dependency. */
export interface RetryBudget {
  /** Takes what a further attempt costs; gives undefined where not enough is left. */
  take(throttling: boolean): number | undefined
  /** Gives back what the last attempt took, which succeeded; 1 where it was the first. */
  refund(cost?: number): void
}

/**
 * With the defaults of the AWS SDKs: 35 further attempts, or 100 for throttling, and then as many as there are successes
 * to pay for them.
 * @throws {RangeError} for what are no whole numbers from 1 on
 * @see https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
 */
export function retryBudget(options: RetryBudgetOptions = {}): RetryBudget {
  const { capacity = 500, cost = 14, throttlingCost = 5 } = options
  for (const [name, value] of Object.entries({ capacity, cost, throttlingCost }))
    mustBeCount(value, `retryBudget({ ${name} })`)
  let left = capacity
  return {
    take(throttling) {
      const price = throttling ? throttlingCost : cost
      if (left < price) return undefined
      left -= price
      return price
    },
    refund(price = 1) {
      left = Math.min(capacity, left + price)
    },
  }
}
