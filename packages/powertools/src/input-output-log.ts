// `inputOutputLog()`: what came in and what came of it, without what nobody may read.
import type { Context, Middleware } from '@lambent/core'
import type { Log } from './log.ts'
import { type Redact, redactor } from './redact.ts'

export interface InputOutputLogOptions {
  /**
   * Names of keys that are not shown, at any depth and in JSON inside of text, with any case: besides those of
   * credentials, cookies, cards and the like, which never are.
   */
  readonly redact?: readonly string[] | undefined
  /** What is shown of the event, or false. @default all of it, redacted */
  readonly input?: false | ((event: unknown) => unknown) | undefined
  /** What is shown of the result, or false. @default all of it, redacted */
  readonly output?: false | ((result: unknown) => unknown) | undefined
  /** Bytes of JSON of each; of more, the beginning is shown. @default 10000 */
  readonly maxBytes?: number | undefined
  /** The share of units that are logged, 0 to 1. @default 1 */
  readonly sampleRate?: number | undefined
  /** @default 'info'; what failed is logged as 'error' */
  readonly level?: 'debug' | 'info' | undefined
}

/**
 * Logs the event of a unit, and what the rest of the pipeline made of it: its result, or its error. Before `.each()` of the
 * invocation, after it of each record. Writes to `ctx.log` where `logger()` stands before it, and else lines of JSON to the
 * console.
 *
 * ```ts
 * http().use(logger()).use(inputOutputLog({ redact: ['email'] }))
 * ```
 *
 * @throws {TypeError} or RangeError, when it is defined, for options that are none
 */
export function inputOutputLog(options: InputOutputLogOptions = {}): Middleware {
  const { redact, input = same, output = same, maxBytes = 10_000, sampleRate = 1, level = 'info' } = options
  if (redact !== undefined && !(Array.isArray(redact) && redact.every(name => typeof name === 'string')))
    throw new TypeError('inputOutputLog({ redact }) takes an array of names of keys')
  if (!Number.isInteger(maxBytes) || maxBytes < 1)
    throw new RangeError('inputOutputLog({ maxBytes }) takes a number of bytes from 1 on')
  if (!(sampleRate >= 0 && sampleRate <= 1)) throw new RangeError('inputOutputLog({ sampleRate }) takes 0 to 1')
  for (const [name, part] of Object.entries({ input, output }))
    if (part !== false && typeof part !== 'function')
      throw new TypeError(`inputOutputLog({ ${name} }) takes false, or a function that gives what is shown`)
  let redacted: Redact | undefined

  /** What is logged must not change what becomes of the unit. */
  function shown(part: (value: unknown) => unknown, value: unknown): unknown {
    redacted ??= redactor(redact)
    try {
      return bounded(redacted(part(value)), maxBytes)
    } catch (error) {
      return `[can’t be shown: ${Object(error).name}]`
    }
  }

  return async function inputOutputLog(ctx, next) {
    if (sampleRate < 1 && Math.random() >= sampleRate) return next()
    if (input) write(ctx, level, { message: 'input', event: shown(input, ctx.event) })
    try {
      const result = await next()
      if (output) write(ctx, level, { message: 'output', result: shown(output, result.value) })
      return result
    } catch (error) {
      if (output) write(ctx, 'error', { message: 'failed' }, error)
      throw error
    }
  }
}

const same = (value: unknown): unknown => value

function bounded(value: unknown, maxBytes: number): unknown {
  const json = JSON.stringify(value, (_key, each) => (typeof each === 'bigint' ? `${each}` : each))
  if (json === undefined) return undefined
  const bytes = Buffer.byteLength(json)
  if (bytes <= maxBytes) return JSON.parse(json)
  return { bytes, beginning: Buffer.from(json).subarray(0, maxBytes).toString() }
}

type Line = { readonly message: string; readonly [key: string]: unknown }

function write(
  ctx: Context & { readonly log?: Log },
  level: 'debug' | 'info' | 'error',
  line: Line,
  error?: unknown,
): void {
  const { log, unit, lambda } = ctx
  if (typeof log?.[level] === 'function') return void (error === undefined ? log[level](line) : log[level](line, error))
  const { name, message } = Object(error)
  console[level](
    JSON.stringify({
      level: level.toUpperCase(),
      ...line,
      ...(error !== undefined && { error: { name, message } }),
      function_request_id: lambda?.awsRequestId,
      source: unit.source,
      record_id: unit.kind === 'record' ? unit.id : undefined,
    }),
  )
}
