// Where lines go: to a Logger of Powertools, the user's as it is, or one of our own, which keeps lines back for a unit.
import { Logger, LogItem, LogLevelThreshold } from '@aws-lambda-powertools/logger'
import type { ConstructorOptions } from '@aws-lambda-powertools/logger/types'
import type { Level, LogMessage } from './log.ts'

type Input = Exclude<LogMessage, string>
type Extra = (Error | string | object)[]
/** Powertools' type of it knows no object beside an error. */
type PowertoolsExtra = [Error]

/** What a Logger of Powertools is used for. */
export type PowertoolsLogger = Pick<Logger, Level | 'createChild' | 'flushBuffer' | 'level' | 'shouldLogEvent'>

/** Lines of a unit that are kept back, as text, since what they show may change. */
export interface Kept {
  readonly lines: { readonly level: Level; readonly text: string }[]
  bytes: number
  evicted: number
}

export interface Writer {
  /** The share of invocations that log from `debug` on. */
  readonly sampleRate: number
  /** Whether lines are kept back, so that a unit that fails has something to write. */
  readonly keeps: boolean
  /** Whether a line of an error writes the lines that are kept back. */
  readonly flushOnError: boolean
  /** What becomes of a line of this level, before it is made. */
  how(level: Level, sampled: boolean): 'write' | 'keep' | 'not'
  write(level: Level, input: Input, extra: Extra): void
  keep(kept: Kept, level: Level, input: Input, extra: Extra): void
  flush(kept: Kept | undefined): void
  shouldLogEvent(option: boolean | undefined): boolean
}

function threshold(level: Level): number {
  return LogLevelThreshold[level.toUpperCase() as Uppercase<Level>]
}

/** A Logger that the user made: its level, sampling and buffering are its own, and stay as they are. */
export function usersWriter(logger: PowertoolsLogger): Writer {
  // Protected, so that classes of users' may replace it: whether a line below the level is buffered.
  const { shouldBufferLog } = logger as { shouldBufferLog?: (traceId: string, level: number) => boolean }
  return {
    sampleRate: 0,
    keeps: true,
    flushOnError: false, // it does so itself
    how: level =>
      threshold(level) >= logger.level || shouldBufferLog?.call(logger, 'any', threshold(level)) !== false
        ? 'write'
        : 'not',
    write: (level, input, extra) => logger[level](input, ...(extra as PowertoolsExtra)),
    keep() {},
    flush: () => logger.flushBuffer(),
    shouldLogEvent: option => logger.shouldLogEvent(option),
  }
}

/** Of Powertools, but for each unit instead of each trace: records share a trace, and Managed Instances set none. */
export type LogBufferOptions = NonNullable<ConstructorOptions['logBufferOptions']>

/** A Logger of our own. It samples invocations, where Powertools samples execution environments. */
export function ownWriter({ sampleRateValue, logBufferOptions, ...options }: ConstructorOptions): Writer {
  const sampleRate = sampleRateValue ?? (Number(process.env.POWERTOOLS_LOGGER_SAMPLE_RATE) || 0)
  if (!(sampleRate >= 0 && sampleRate <= 1))
    throw new RangeError(`logger({ sampleRateValue }) takes 0 to 1, the share of invocations, not ${sampleRate}`)
  const { enabled = logBufferOptions !== undefined, maxBytes = 20_480 } = logBufferOptions ?? {}
  if (!(maxBytes > 0))
    throw new RangeError(`logger({ logBufferOptions: { maxBytes } }) takes bytes above 0, not ${maxBytes}`)
  const upTo = enabled ? threshold((logBufferOptions?.bufferAtVerbosity ?? 'debug') as Level) : 0
  if (upTo === undefined || upTo > LogLevelThreshold.WARN)
    throw new TypeError('logger({ logBufferOptions: { bufferAtVerbosity } }) is DEBUG, INFO or WARN')
  const lines = new Lines(options as ConstructorOptions, sampleRate)
  return {
    sampleRate,
    keeps: enabled,
    flushOnError: logBufferOptions?.flushOnErrorLog ?? true,
    how(level, sampled) {
      const own = threshold(level)
      if (own <= upTo && !sampled) return 'keep' // who is sampled is to be seen whole
      return own >= (sampled ? Math.min(LogLevelThreshold.DEBUG, lines.level) : lines.level) ? 'write' : 'not'
    },
    write: (level, input, extra) => lines.write(level, input, extra),
    keep(kept, level, input, extra) {
      const text = lines.textOf(level, input, extra)
      kept.lines.push({ level, text })
      kept.bytes += Buffer.byteLength(text)
      while (kept.bytes > maxBytes) {
        kept.bytes -= Buffer.byteLength(kept.lines.shift()?.text ?? '')
        kept.evicted++
      }
    },
    flush(kept) {
      if (!kept) return
      const { evicted } = kept
      for (const { level, text } of kept.lines.splice(0)) lines.writeText(level, text)
      kept.bytes = kept.evicted = 0
      if (evicted > 0)
        lines.write(
          'warn',
          { message: `${evicted} earlier lines were evicted: logBufferOptions.maxBytes is ${maxBytes}` },
          [],
        )
    },
    shouldLogEvent: option => lines.shouldLogEvent(option),
  }
}

/** A Logger whose lines can be made without being written. */
class Lines extends Logger {
  readonly #sampleRate: number

  constructor(options: ConstructorOptions, sampleRate: number) {
    super({ ...options, sampleRateValue: 0 }) // it would sample once, for good
    this.#sampleRate = sampleRate
  }

  write(level: Level, input: Input, extra: Extra): void {
    this.printLog(threshold(level), this.#item(level, input, extra))
  }

  textOf(level: Level, input: Input, extra: Extra): string {
    return JSON.stringify(this.#item(level, input, extra).getAttributes(), this.getJsonReplacer())
  }

  writeText(level: Level, text: string): void {
    this.printLog(threshold(level), new LogItem({ attributes: JSON.parse(text) }))
  }

  #item(level: Level, input: Input, extra: Extra): LogItem {
    const item = this.createAndPopulateLogItem(threshold(level), input, extra as PowertoolsExtra)
    if (this.#sampleRate > 0) item.addAttributes({ sampling_rate: this.#sampleRate })
    return item
  }
}
