// `logger()`: a log for each unit, `ctx.log`, and the framework's own events in it.
import type { ConstructorOptions } from '@aws-lambda-powertools/logger/types'
import type { Context, Middleware, Telemetry } from '@lambent/core'
import { isColdStart } from './cold-start.ts'
import { type Log, logs, UnitLog } from './log.ts'
import { type Redact, redactor } from './redact.ts'
import { ownWriter, type PowertoolsLogger, usersWriter, type Writer } from './writer.ts'

export type { Level, Log, LogMessage } from './log.ts'
export type { LogBufferOptions, PowertoolsLogger } from './writer.ts'

export interface EventLogOptions {
  /**
   * Logs each event, redacted, at level `info`; where the logger stands after `.each()` alone, each record.
   * @default what `POWERTOOLS_LOGGER_LOG_EVENT` says, and else false
   */
  readonly logEvent?: boolean | undefined
  /**
   * Names of keys that a logged event does not show, at any depth and in JSON inside of text, with any case: besides
   * those of credentials, cookies, cards and the like, which it never shows.
   */
  readonly redact?: readonly string[] | undefined
}

/**
 * Options of Powertools' Logger. Two mean more here: `sampleRateValue` is the share of invocations that log from `debug`
 * on, and `logBufferOptions` keeps lines back for each unit, and writes them when it logs an error or fails.
 */
export type LoggerOptions = ConstructorOptions & EventLogOptions

/** What `logger()` provides. */
export interface LoggerContext {
  readonly log: Log
}

// Of an invocation who listens: a logger may stand before `.each()` and after it.
const listened = new WeakSet<Telemetry>()

/**
 * Provides `ctx.log`, on a Logger of Powertools. Each line says whose it is: request id, record id, source, cold start,
 * function version, tenant, correlation id, trace id. Where it stands before `.each()`, each record has a log of its own
 * too; it may stand after it, or in both places. The framework's own events are logged through the log of their unit.
 *
 * ```ts
 * export const handler = sqs()
 *   .use(logger({ serviceName: 'orders', logBufferOptions: {} }))
 *   .each()
 *   .handle(async ({ log, message }) => log.info('taken', { receiveCount: message.receiveCount }))
 * ```
 *
 * A Logger that you made is used as it is: `logger(myLogger)`. Its own keys, level, sampling and buffering stay its own.
 *
 * @throws {TypeError} or RangeError, when it is defined, for options that are none
 * @see https://docs.aws.amazon.com/powertools/typescript/latest/features/logger/
 */
export function logger(given: PowertoolsLogger, options?: EventLogOptions): Middleware<unknown, LoggerContext>
export function logger(options?: LoggerOptions): Middleware<unknown, LoggerContext>
export function logger(
  given: PowertoolsLogger | LoggerOptions = {},
  ofUsers: EventLogOptions = {},
): Middleware<unknown, LoggerContext> {
  const { writer, events } = partsOf(given, ofUsers)
  const { logEvent, redact } = events
  if (redact !== undefined && !(Array.isArray(redact) && redact.every(name => typeof name === 'string')))
    throw new TypeError('logger({ redact }) takes an array of names of keys')
  let redacted: Redact | undefined
  const sampling = new WeakMap<Telemetry, boolean>()

  return function logger(ctx, next) {
    const outer = outerOf(ctx)
    const { telemetry, unit } = ctx
    const coldStart = isColdStart(telemetry)
    const log = new UnitLog(ctx, { writer, coldStart, sampled: isSampled(telemetry) }, outer)
    if (!listened.has(telemetry)) {
      listened.add(telemetry)
      telemetry.subscribe(event => ((event.unit && logs.get(event.unit)) ?? log).tell(event))
    }
    logs.set(unit, log)
    if (!outer && writer.shouldLogEvent(logEvent)) {
      redacted ??= redactor(redact)
      log.info('Lambda invocation event', { event: redacted(ctx.event) })
    }
    const rest = next({ log })
    return writer.keeps ? flushed(rest, log) : rest
  }

  function isSampled(telemetry: Telemetry): boolean {
    if (writer.sampleRate === 0) return false
    const sampled = sampling.get(telemetry) ?? Math.random() < writer.sampleRate
    sampling.set(telemetry, sampled)
    return sampled
  }
}

/** A unit that fails writes the lines that were kept back, before anybody else hears of it. */
async function flushed<T>(rest: Promise<T>, log: UnitLog): Promise<T> {
  try {
    return await rest
  } catch (error) {
    log.flushBuffer()
    throw error
  }
}

function outerOf(ctx: Context & { readonly log?: unknown }): UnitLog | undefined {
  return ctx.log instanceof UnitLog ? ctx.log : undefined
}

function partsOf(
  given: PowertoolsLogger | LoggerOptions,
  ofUsers: EventLogOptions,
): { readonly writer: Writer; readonly events: EventLogOptions } {
  if (typeof given !== 'object' || given === null)
    throw new TypeError('logger() takes options or a Logger of Powertools')
  if ('createChild' in given) return { writer: usersWriter(given), events: ofUsers }
  const { logEvent, redact, ...options } = given
  return { writer: ownWriter(options as ConstructorOptions), events: { logEvent, redact } }
}
