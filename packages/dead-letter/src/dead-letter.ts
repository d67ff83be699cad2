// `deadLetter({ to, after, when })`: a unit that failed for good is stored where a person finds it, then acknowledged.
import { type Context, classify, LambentError, type Middleware, type Permission } from '@lambent/core'
import { partsOf, type Redact } from './compose-letter.ts'
import { deadLettered } from './dead-lettered.ts'
import { errorDetail } from './error-detail.ts'
import type { Reason } from './letter.ts'
import { type ClaimCheck, type ClaimCheckOptions, claimCheckOf, pack } from './pack.ts'
import type { Sink } from './sink.ts'
import { inTime, timeLeft } from './time-left.ts'

export interface DeadLetterOptions {
  /** Where dead letters go: to each of these. Only when all have stored it is the unit acknowledged. */
  readonly to: Sink | readonly Sink[]
  /**
   * After how many receipts a unit is a dead letter, whatever its error: where the source counts them, which is SQS. Keep
   * it below the queue's `maxReceiveCount`, or the queue moves the message first.
   * @default none: only permanent errors
   */
  readonly after?: number | undefined
  /** Decides by itself: `true` is a dead letter, `false` is none, and undefined leaves it to the error and `after`. */
  readonly when?: ((error: unknown, ctx: Context) => boolean | undefined) | undefined
  /** Gets what would be stored and gives back what is: without the parts that nobody may read. Must not change its argument. */
  readonly redact?: Redact | undefined
  /** A bucket for bodies that do not fit. @default none: they are not acknowledged */
  readonly claimCheck?: ClaimCheckOptions | undefined
}

/** What an invocation answers that became a dead letter. A record needs none: it is dropped. */
export type Respond = (error: unknown, ctx: Context) => unknown

/** The unit is not stored, or not everywhere: it is not acknowledged, and comes again. */
export class DeadLetterError extends LambentError {
  /** What failed the unit, then what failed its dead letter. */
  readonly errors: readonly unknown[]

  constructor(errors: readonly [unknown, ...unknown[]]) {
    const [first, ...problems] = errors.map(error => errorDetail(error))
    const why = problems.map(({ name, message }) => `${name}: ${message.slice(0, 300)}`).join('; ')
    const message = `the unit failed (${first?.name}), and its dead letter was not stored: ${why}`
    super(message, { code: 'DeadLetterFailed', cause: errors[0] }, 'DeadLetterError', true)
    this.errors = errors
  }
}

// What `drop()` of @lambent/events makes: a record that is done without effect.
const DROPPED = {
  'lambent.verdict': 'drop',
  [Symbol.for('lambent.verdict')]: 'drop',
  reason: 'dead letter',
}

/**
 * Stores what failed for good, then acknowledges it: a permanent error, as `classify` says, or one that was received
 * `after` times. Any other error goes on, and so does this one when it could not be stored: as a DeadLetterError with both
 * causes. Stands at either level, outside of what may fail, and outside of `retry()`.
 *
 * ```ts
 * sqs().each()
 *   .use(deadLetter({ to: sqsQueue(process.env.DLQ_URL), after: 3 }))
 *   .use(parse(json(Order)))
 * ```
 *
 * A record is dropped, so that a stream goes on past it. An HTTP request does not compile without `respond`: whoever
 * sent it waits for an answer.
 * @throws {TypeError} without a sink, or for an option that is none
 * @throws {RangeError} when `after` is no whole number from 1 on
 */
export function deadLetter(options: DeadLetterOptions & { readonly respond: Respond }): Middleware
export function deadLetter(
  options: DeadLetterOptions & { readonly respond?: undefined },
): Middleware<{ readonly unit: Context['unit']; readonly request?: undefined }>
export function deadLetter(options: DeadLetterOptions & { readonly respond?: Respond | undefined }): Middleware {
  const { after, when, redact, respond } = options
  const sinks = sinksOf(options.to)
  const claimCheck = options.claimCheck && claimCheckOf(options.claimCheck)
  if (after !== undefined && !(Number.isSafeInteger(after) && after > 0))
    throw new RangeError(`deadLetter({ after }) takes a whole number from 1 on, not ${after}`)
  for (const [name, value] of Object.entries({ when, redact, respond }))
    if (value !== undefined && typeof value !== 'function')
      throw new TypeError(`deadLetter({ ${name} }) takes a function, not ${typeof value}`)

  function reasonOf(error: unknown, ctx: Context): Reason | undefined {
    const verdict = when?.(error, ctx)
    if (verdict !== undefined) return verdict ? 'when' : undefined
    if (classify(error) === 'permanent') return 'permanent'
    return after !== undefined && (ctx.unit.attempt ?? 0) >= after ? 'attempts' : undefined
  }

  /** Settles when every sink has stored it. */
  async function store(ctx: Context, error: unknown, reason: Reason): Promise<void> {
    const parts = partsOf(ctx, error, reason, redact)
    const time = timeLeft(ctx)
    try {
      const outcomes = await Promise.allSettled(
        sinks.map(async sink => {
          const message = await pack(parts, sink, claimCheck, time.signal)
          await inTime(sink.send(message, { signal: time.signal }), time.signal)
        }),
      )
      const problems = outcomes.flatMap(outcome => (outcome.status === 'rejected' ? [outcome.reason] : []))
      if (problems.length > 0) throw new DeadLetterError([error, ...problems])
    } finally {
      time.end()
    }
  }

  const middleware: Middleware = async function deadLetter(ctx, next) {
    try {
      return await next()
    } catch (error) {
      let reason: Reason | undefined
      try {
        reason = reasonOf(error, ctx)
        if (reason && canAnswer(ctx)) await store(ctx, error, reason)
      } catch (problem) {
        const failure = problem instanceof DeadLetterError ? problem : new DeadLetterError([error, problem])
        tell(ctx, 'deadLetter.failed', failure, 'a dead letter was not stored: the unit is not acknowledged', reason)
        throw failure
      }
      if (!reason) throw error
      if (!canAnswer(ctx)) {
        tell(
          ctx,
          'deadLetter.failed',
          error,
          'no dead letter: set respond of deadLetter(), since an answer is waited for',
          reason,
        )
        throw error
      }
      tell(ctx, 'deadLetter.sent', error, `a unit became a dead letter, in ${names}`, reason)
      return deadLettered(answer(ctx, error))
    }
  }

  const { length: total } = sinks
  const names = sinks.map(({ name }) => name).join(' and ')

  function tell(
    ctx: Context,
    name: `deadLetter.${'sent' | 'failed'}`,
    error: unknown,
    message: string,
    reason?: Reason,
  ): void {
    const { unit, telemetry } = ctx
    const fields = { reason, classification: classify(error), attempt: unit.attempt, sinks: total }
    telemetry.emit({ name, level: name === 'deadLetter.sent' ? 'warn' : 'error', message, unit, error, fields })
  }

  /** What an invocation of HTTP, or of Firehose as a whole, answers is not known here. */
  function canAnswer({ unit }: Context): boolean {
    return unit.kind === 'record' || respond !== undefined || !ANSWERING.includes(unit.source)
  }

  function answer(ctx: Context, error: unknown): unknown {
    if (ctx.unit.kind === 'record') return DROPPED
    if (respond) return respond(error, ctx)
    // Of a batch with a tumbling window: the state as it was.
    const { window } = ctx as { readonly window?: { readonly state?: unknown } }
    return window && { state: window.state }
  }

  return Object.assign(middleware, { permissions: permissionsOf(sinks, claimCheck) })
}

const ANSWERING: readonly string[] = ['aws:apigateway', 'aws:lambda-url', 'aws:elasticloadbalancing', 'aws:firehose']

function sinksOf(to: Sink | readonly Sink[]): readonly Sink[] {
  const sinks = [to].flat()
  if (sinks.length === 0)
    throw new TypeError('deadLetter({ to }) takes a sink, such as sqsQueue(url), or several; got none')
  for (const sink of sinks)
    if (typeof (sink as Sink | undefined)?.send !== 'function' || typeof sink.name !== 'string')
      throw new TypeError('deadLetter({ to }) takes a sink, such as sqsQueue(url): an object with name and send()')
  return sinks
}

function permissionsOf(sinks: readonly Sink[], claimCheck: ClaimCheck | undefined): readonly Permission[] {
  const own = sinks.flatMap(({ permissions = [] }) => permissions)
  if (!claimCheck) return own
  const { bucket, prefix } = claimCheck
  return [...own, { actions: ['s3:PutObject'], resources: [`arn:aws:s3:::${bucket}/${prefix}*`] }]
}
