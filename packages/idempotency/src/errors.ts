// What a unit hears that is not run, or is not run to its end.
import { HttpError, LambentError, PermanentError, RetryableError } from '@lambent/core'

/** The first runs still. Retryable, not before its lock ends. */
export class InProgressError extends RetryableError {
  constructor(retryAfter: number) {
    super('another unit of this idempotency key is in progress', { code: 'IdempotencyInProgress', retryAfter })
    this.name = 'IdempotencyInProgressError'
  }
}

/** The same key with another payload: two units that are not the same. */
export class PayloadMismatchError extends PermanentError {
  constructor() {
    super('this idempotency key was used with another payload', { code: 'IdempotencyPayloadMismatch' })
    this.name = 'IdempotencyPayloadMismatchError'
  }
}

/** This unit outlived its lock and another took over: what it did may have been done twice, and its result is not kept. */
export class LockLostError extends LambentError {
  constructor(cause?: unknown) {
    super(
      'this unit outlived its lock, and another has taken over: its result is not kept, and its effect may have happened twice',
      { code: 'IdempotencyLockLost', ...(cause !== undefined && { cause }) },
      'IdempotencyLockLostError',
    )
  }
}

/** For those who wait for an HTTP answer. `seconds`: as Retry-After says. */
export const conflict = (seconds: number): HttpError =>
  new HttpError(409, 'a request with this idempotency key is in progress', {
    code: 'IdempotencyInProgress',
    headers: { 'retry-after': `${seconds}` },
  })

export const unprocessable = (): HttpError =>
  new HttpError(422, 'this idempotency key was used with another payload', { code: 'IdempotencyPayloadMismatch' })

export const keyMissing = (header: string): HttpError =>
  new HttpError(400, `the ${header} header is needed`, { code: 'IdempotencyKeyMissing' })

export const keyMalformed = (header: string): HttpError =>
  new HttpError(400, `the ${header} header is no text of 1 to 255 visible characters`, {
    code: 'IdempotencyKeyMalformed',
  })
