// `ctx.log`: the log of one unit, which says with each line whose it is.
import type { LambdaContext, Opened, TelemetryEvent, Unit } from '@lambent/core'
import { type Correlated, correlationOf } from '@lambent/core/correlation'
import type { Kept, Writer } from './writer.ts'

/** A line: its message, or the message among keys of its own. */
export type LogMessage = string | { readonly message: string; readonly [key: string]: unknown }

/** What Powertools calls its levels. */
export type Level = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'critical'

/**
 * The log of one unit. A Logger of Powertools is one too: for functions that take either, and for tests.
 * `more` is what was caught, a text, or objects with more keys.
 */
export interface Log {
  trace(message: LogMessage, ...more: unknown[]): void
  debug(message: LogMessage, ...more: unknown[]): void
  info(message: LogMessage, ...more: unknown[]): void
  warn(message: LogMessage, ...more: unknown[]): void
  error(message: LogMessage, ...more: unknown[]): void
  critical(message: LogMessage, ...more: unknown[]): void
  /** Keys of every later line of this unit, and of the records of this invocation. */
  appendKeys(keys: Readonly<Record<string, unknown>>): void
  removeKeys(keys: readonly string[]): void
  /** A log of the same unit with more keys. */
  createChild(options?: { readonly persistentKeys?: Readonly<Record<string, unknown>> | undefined }): Log
  /** Writes the lines that are kept back now. */
  flushBuffer(): void
}

/** What the logs of one invocation share. */
export interface InvocationLog {
  readonly writer: Writer
  readonly sampled: boolean
  readonly coldStart: boolean
}

type Keys = Readonly<Record<string, unknown>>

/** Of a unit the innermost log. */
export const logs: WeakMap<Unit, UnitLog> = new WeakMap()

/** One object for each unit. Which unit it is is read when it writes its first line: most records write none. */
export class UnitLog implements Log {
  readonly #ctx: Correlated
  readonly #invocation: InvocationLog
  /** Of the invocation for a record, of the unit for a child. */
  readonly #outer: UnitLog | undefined
  #own: Keys | undefined
  #unitKeys: Keys | undefined
  #kept: Kept | undefined

  constructor(ctx: Correlated, invocation: InvocationLog, outer?: UnitLog, own?: Keys) {
    this.#ctx = ctx
    this.#invocation = invocation
    this.#outer = outer
    this.#own = own
  }

  trace(message: LogMessage, ...more: unknown[]): void {
    this.#log('trace', message, more)
  }
  debug(message: LogMessage, ...more: unknown[]): void {
    this.#log('debug', message, more)
  }
  info(message: LogMessage, ...more: unknown[]): void {
    this.#log('info', message, more)
  }
  warn(message: LogMessage, ...more: unknown[]): void {
    this.#log('warn', message, more)
  }
  error(message: LogMessage, ...more: unknown[]): void {
    this.#log('error', message, more)
  }
  critical(message: LogMessage, ...more: unknown[]): void {
    this.#log('critical', message, more)
  }

  appendKeys(keys: Keys): void {
    this.#own = { ...this.#own, ...keys }
  }
  removeKeys(keys: readonly string[]): void {
    this.#own = Object.fromEntries(Object.entries(this.#own ?? {}).filter(([key]) => !keys.includes(key)))
  }
  createChild({ persistentKeys }: { readonly persistentKeys?: Keys | undefined } = {}): UnitLog {
    return new UnitLog(this.#ctx, this.#invocation, this, persistentKeys)
  }
  flushBuffer(): void {
    this.#invocation.writer.flush(this.#keeper().#kept)
  }

  /** Asked by `.each()` of @lambent/events, where this is the log of an invocation. */
  'lambent.ofRecord'({ unit, event }: Opened, lambda: LambdaContext): UnitLog {
    const log = new UnitLog({ unit, event, lambda }, this.#invocation, this)
    logs.set(unit, log)
    return log
  }

  /** Writes what the framework says of a unit, which may be another one than this log's, or of none: of the invocation. */
  tell({ name, level, message, unit, error, fields }: TelemetryEvent): void {
    const { unit: own } = this.#ctx
    const ofInvocation = own.kind === 'invocation'
    // Who fails writes what was kept back, also where a dead letter ends it. A record without a log of its own has its
    // lines among those of the invocation.
    if (error !== undefined && /warn|error/.test(level) && (unit === own || ofInvocation)) this.flushBuffer()
    const log = unit === own || (unit === undefined && ofInvocation) ? this : this.#of(unit)
    const line = { message, name, ...(fields && { fields }) }
    log.#log(level, line, error === undefined ? [] : [error], this.#keeper())
  }

  /** Of a record that has no log of its own, by what its unit says; or of the invocation, where only records have one. */
  #of(unit: Unit | undefined): UnitLog {
    const { lambda, unit: own } = this.#ctx
    const of: Unit = unit ?? { kind: 'invocation', source: own.source, id: lambda?.awsRequestId ?? '', raw: '' }
    const outer = own.kind === 'invocation' ? this : undefined // keys of one record are none of another's
    return new UnitLog({ unit: of, event: of.origin, lambda }, this.#invocation, outer)
  }

  #log(level: Level, message: LogMessage, more: readonly unknown[], keeper = this.#keeper()): void {
    const { writer, sampled } = this.#invocation
    const how = writer.how(level, sampled)
    if (how === 'not') return
    const input = { ...this.#keys(), ...(typeof message === 'string' ? { message } : message) }
    const extra = more.flatMap(loggable)
    if (how === 'keep') {
      keeper.#kept ??= { lines: [], bytes: 0, evicted: 0 }
      writer.keep(keeper.#kept, level, input, extra)
      return
    }
    if (writer.flushOnError && (level === 'error' || level === 'critical')) this.flushBuffer()
    writer.write(level, input, extra)
  }

  #keys(): Keys {
    this.#unitKeys ??= keysOf(this.#ctx, this.#invocation)
    return { ...this.#unitKeys, ...this.#added() }
  }

  #added(): Keys {
    const outer = this.#outer ? this.#outer.#added() : undefined
    return outer && this.#own ? { ...outer, ...this.#own } : (this.#own ?? outer ?? {})
  }

  /** Lines are kept for a unit, not for a child. */
  #keeper(): UnitLog {
    return this.#outer && this.#outer.#ctx.unit === this.#ctx.unit ? this.#outer.#keeper() : this
  }
}

// As Powertools names them, where it does.
function keysOf(ctx: Correlated, { coldStart }: InvocationLog): Keys {
  const { unit } = ctx
  const lambda: Partial<LambdaContext> = ctx.lambda ?? {} // a test may have none
  const { correlationId, traceId } = correlationOf(ctx)
  return {
    cold_start: coldStart,
    function_name: lambda.functionName,
    function_version: lambda.functionVersion,
    function_arn: lambda.invokedFunctionArn,
    function_memory_size: lambda.memoryLimitInMB,
    function_request_id: lambda.awsRequestId,
    tenant_id: lambda.tenantId,
    source: unit.source,
    record_id: unit.kind === 'record' ? unit.id : undefined,
    attempt: unit.attempt,
    correlation_id: correlationId,
    trace_id: traceId,
  }
}

/** What may follow a message in Powertools: errors, texts, objects. Anything can be thrown, and so be given. */
function loggable(value: unknown): (Error | string | object)[] {
  if (value === undefined || value === null) return []
  return typeof value === 'object' || typeof value === 'string' ? [value] : [String(value)]
}
