// Which failed attempts are made again, when, and how many at all: as the AWS SDK's standard mode does.
// https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
import type { AwsError } from './errors.ts'

const THROTTLING =
  /^(BandwidthLimitExceeded|EC2ThrottledException|LimitExceededException|PriorRequestNotComplete|ProvisionedThroughputExceededException|RequestLimitExceeded|RequestThrottled(Exception)?|SlowDown|Thrott(led|ling)(Exception)?|TooManyRequestsException|TransactionInProgressException)$/
const TRANSIENT = /^(TimeoutError|NetworkError|RequestTimeout(Exception)?|InternalError|IDPCommunicationError)$/

/** What an error is to a client that may try again; undefined where it may not. */
export function retryOf(name: string, status: number | undefined): 'throttling' | 'transient' | undefined {
  if (status === 429 || THROTTLING.test(name)) return 'throttling'
  if (TRANSIENT.test(name) || (status && [500, 502, 503, 504].includes(status))) return 'transient'
  return undefined
}

const CAPACITY = 500
const COST = { throttling: 5, transient: 14 }
const BASE = { throttling: 1000, transient: 50 } // ms
const LONGEST = 20_000 // ms
const MOST_MORE = 5000 // ms that Retry-After may add

/** What a client may spend on further attempts: when nearly all calls fail, they are made once. One a client. */
export interface RetryBudget {
  /** Takes what a further attempt costs; gives undefined where not enough is left. */
  take(kind: 'throttling' | 'transient'): number | undefined
  /** Gives back the cost of the last attempt, which succeeded; 1 where it was the first. */
  refund(cost?: number): void
}

export function retryBudget(): RetryBudget {
  let left = CAPACITY
  return {
    take(kind) {
      if (left < COST[kind]) return undefined
      left -= COST[kind]
      return COST[kind]
    },
    refund(cost = 1) {
      left = Math.min(CAPACITY, left + cost)
    },
  }
}

/** ms before the attempt after `attempt`, which is from 1: full jitter, and not before the service said. */
export function delayOf(kind: 'throttling' | 'transient', attempt: number, retryAfter: number | undefined): number {
  const delay = Math.random() * Math.min(BASE[kind] * 2 ** (attempt - 1), LONGEST)
  return retryAfter === undefined ? delay : Math.max(delay, Math.min(retryAfter, delay + MOST_MORE))
}

/** ms that the service asks to wait: `x-amz-retry-after` in ms, `Retry-After` in s or as a date (RFC 9110, 10.2.3). */
export function retryAfterOf(headers: Readonly<Record<string, string | undefined>>): number | undefined {
  const { 'x-amz-retry-after': exact, 'retry-after': value } = headers
  if (exact && /^\d{1,9}$/.test(exact)) return Number(exact)
  if (!value) return undefined
  const ms = /^\d{1,9}$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now()
  return ms >= 0 ? ms : undefined
}

/** What may be of a clock that is wrong, if the Date of the answer says so. S3 says no more than Forbidden to a HEAD. */
export function isSkewed({ name, message }: AwsError): boolean {
  return (
    /^(RequestTimeTooSkewed|RequestExpired|RequestInTheFuture|Forbidden)$/.test(name) ||
    (/^(InvalidSignatureException|SignatureDoesNotMatch|AuthFailure)$/.test(name) &&
      /expired|not yet current|skew/i.test(message))
  )
}
