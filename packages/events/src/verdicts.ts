// What the handler of one record may say about it, besides returning nothing or throwing.
import { type Context, LambentError, type Opened } from '@lambent/core'

// Branded by a string, so that a drop that a middleware has stored as JSON is one when it is replayed; and by a symbol,
// where JSON of a sender's may be what a handler returns. From the registry, so that an ES module copy and a CommonJS
// copy of this file agree.
const VERDICT: unique symbol = Symbol.for('lambent.verdict')

/** Made by `drop()`. */
export interface Drop {
  readonly 'lambent.verdict': 'drop'
  readonly [VERDICT]: 'drop'
  readonly reason: string | undefined
}

/** Made by `fail()`. */
export interface Fail {
  readonly [VERDICT]: 'fail'
  readonly error: unknown
}

/**
 * The record is done without effect: it is acknowledged, and told as `batch.record.dropped` in telemetry.
 *
 * ```ts
 * if (order.cancelled) return drop('cancelled')
 * ```
 *
 * @param reason for the log: a few words, no payload
 */
export function drop(reason?: string): Drop {
  return { 'lambent.verdict': 'drop', [VERDICT]: 'drop', reason }
}

/**
 * The record is not done and is reported, as if its handler had thrown. The middlewares of the record see it as an
 * error: `error` itself, or a LambentError with the code `RecordFailed` and the reason as its message.
 */
export function fail(error: unknown = 'the handler failed the record'): Fail {
  return {
    [VERDICT]: 'fail',
    error: typeof error === 'string' ? new LambentError(error, { code: 'RecordFailed' }) : error,
  }
}

/** Throws what `fail` and `retryLater` stand for; gives any other value back. */
export function raise(value: unknown): unknown {
  const { [VERDICT]: verdict, error } = (value ?? {}) as Partial<Fail>
  if (verdict === 'fail') throw error
  return value
}

/**
 * A handler of one record whose `fail()` and `retryLater()` become errors before any middleware sees them: to one that
 * retries, stores results or writes dead letters, a record that failed must not look like one that is done.
 */
export function judged<Ctx>(work: (ctx: Ctx) => unknown): (ctx: Ctx) => Promise<unknown> {
  return async ctx => raise(await work(ctx))
}

/** Whether a handler returned `drop()`. */
export function isDrop(value: unknown): value is Drop {
  return (value as Drop | undefined | null)?.['lambent.verdict'] === 'drop'
}

/**
 * Takes what came of a record: nothing, or a verdict.
 * @throws what a verdict stands for, and a LambentError for any other value
 */
export function accept(value: unknown, { unit }: Opened, { telemetry }: Context): void {
  if (value === undefined || value === null) return
  const verdict = raise(value)
  if (!isDrop(verdict))
    throw new LambentError(
      `the handler of a record returned ${typeof value}: return nothing, or a verdict such as drop() or fail()`,
      { code: 'UnknownVerdict' },
    )
  const fields = { reason: verdict.reason }
  telemetry.emit({ name: 'batch.record.dropped', level: 'info', message: 'a record was dropped', unit, fields })
}

/** Whether a handler returned `drop()` itself, and not JSON that looks like it. */
export function isOwnDrop(value: unknown): value is Drop {
  return (value as Drop | undefined | null)?.[VERDICT] === 'drop'
}
