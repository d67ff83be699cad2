// What Kinesis and DynamoDB Streams have in common: batches in the order of a shard, and tumbling windows.
import {
  type BatchPipeline,
  type BatchSource,
  LambentError,
  type Opened,
  type RecordTypes,
  type SourceTypes,
  UnexpectedEventError,
} from '@lambent/core'
import { isObject } from '@lambent/core/event-kind'
import { batchPipeline } from './batch-pipeline.ts'
import { recordsOf } from './expected.ts'
import { type BatchItem, batchResponse, type Identity } from './failures.ts'
import { mustBeConcurrency, type Nothing, type PartialEachOptions, type StreamEachOptions } from './options.ts'
import { eachPartial } from './partial.ts'
import { epochMillis, invocationUnit } from './units.ts'

/** The option of a stream whose event source mapping has `TumblingWindowInSeconds`. */
export interface WindowOptions<State extends object> {
  /** The state that a window begins with. JSON: at most 1 MB a shard, or Lambda ends the window early. */
  readonly initial: () => State
}

/**
 * A tumbling window, as an invocation or a record sees it.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-windows.html
 */
export interface Window<State extends object> {
  /** Epoch milliseconds. */
  readonly start: number
  /** Epoch milliseconds. */
  readonly end: number
  /** What the handler returned last in this window, as JSON carried it; what `initial` gives when it has not yet. */
  readonly state: State
  /** Whether the window is over, and the state its result. Such an invocation may have no records. */
  readonly isFinalInvokeForWindow: boolean
  /** Whether Lambda ends the window before its time, since its state is larger than 1 MB. */
  readonly isWindowTerminatedEarly: boolean
}

/** What Lambda adds to the event. */
export interface TumblingWindowEvent {
  readonly window: { readonly start: string; readonly end: string }
  readonly state?: object | null | undefined
  readonly shardId: string
  readonly eventSourceARN: string
  readonly isFinalInvokeForWindow: boolean
  readonly isWindowTerminatedEarly: boolean
}

/** The types of a source whose batches belong to windows. */
export interface WindowTypes<T extends SourceTypes, State extends object> extends SourceTypes {
  readonly event: T['event'] & Partial<TumblingWindowEvent>
  readonly context: T['context'] & { readonly window: Window<State> }
  /** The state after these records, and those that failed. */
  readonly returns: { readonly state: State; readonly failures?: Exclude<T['returns'], Nothing> | undefined }
  readonly response: T['response'] & { state: State }
}

/** The types of its records. One after the other: each sees the state that the one before returned. */
export interface WindowRecordTypes<R extends RecordTypes, State extends object> extends RecordTypes {
  readonly context: R['context'] & { readonly window: Window<State> }
  /** The state after this record; nothing and `drop()` leave it as it is. */
  readonly returns: R['returns'] | { readonly state: State }
  readonly options: Pick<PartialEachOptions, 'throwOnFullFailure'>
}

/** What the two streams differ in. */
export interface Stream<Record, Item> {
  readonly name: string
  readonly reserve: number | undefined
  readonly window: WindowOptions<object> | undefined
  /** What a record lacks without which it could not be reported, and would be lost when it failed. */
  readonly missing: (record: Record) => string | undefined
  readonly read: (record: Record) => Item
  readonly open: (item: Item) => Opened
}

interface StreamItem extends BatchItem<string> {
  readonly sequenceNumber: string
}

// In here types are erased; those that users see are the sources' own.
interface ErasedTypes extends SourceTypes {
  readonly context: {
    readonly event: unknown
    readonly records: readonly StreamItem[]
    readonly window?: Window<object>
  }
}
interface ErasedRecordTypes extends RecordTypes {
  readonly options: StreamEachOptions
}

export function streamPipeline<Record extends object, Item>(
  stream: Stream<Record, Item & StreamItem>,
): BatchPipeline<ErasedTypes, ErasedRecordTypes> {
  const { name, reserve, window } = stream
  const source: BatchSource<ErasedTypes, ErasedRecordTypes> = {
    name,
    reserve,
    open(event, lambda) {
      const given = window && isLastOfWindow(event, name) ? [] : recordsOf<Record>(event, name, stream.missing)
      const [first] = given as readonly { readonly eventSourceARN?: string }[]
      const arn = first ? first.eventSourceARN : (event as TumblingWindowEvent).eventSourceARN
      const opened = { unit: invocationUnit(name, event, lambda, arn), event, records: given.map(stream.read) }
      return window ? { ...opened, window: windowOf(event as Partial<TumblingWindowEvent>, window) } : opened
    },
    respond(value, ctx) {
      if (!ctx.window) return batchResponse(value, ctx, 'stream', identify)
      const { state, failures } = (value ?? {}) as { readonly state?: unknown; readonly failures?: unknown }
      if (!isObject(state))
        throw new LambentError('the handler of a window returned no state: return { state }, with failures if any', {
          code: 'StateMissing',
        })
      return { ...batchResponse(failures, ctx, 'stream', identify), state }
    },
    each: (options = {}) => {
      const { concurrency = 1, onFailure } = options
      mustBeConcurrency(concurrency)
      if (window && (concurrency > 1 || onFailure === 'continue'))
        throw new RangeError(
          '.each() of a window hands the state from record to record: it takes no concurrency, and stops at a failure',
        )
      const settings = { ...options, concurrency }
      const open = stream.open as (item: StreamItem) => Opened
      return async (ctx, run) => {
        if (!ctx.window) return eachPartial(ctx, 'stream', open, run, settings)
        let { state } = ctx.window
        // Its own copy for each record: what one that fails has changed in it is not the state.
        const openWithState = (item: StreamItem) => ({
          ...open(item),
          window: { ...ctx.window, state: structuredClone(state) },
        })
        const work = async (record: Opened) => {
          const value = await run(record)
          if (!isObject(value) || !isObject(value.state)) return value
          state = value.state
          return undefined
        }
        return { failures: await eachPartial(ctx, 'stream', openWithState, work, settings), state }
      }
    },
  }
  return batchPipeline(source)
}

function identify({ sequenceNumber }: StreamItem): Identity {
  return { itemIdentifier: sequenceNumber }
}

/** The last invocation of a window has no record that would say what it is, if none came since the one before. */
function isLastOfWindow(event: unknown, name: string): boolean {
  if (!isObject(event) || !Array.isArray(event.Records) || event.Records.length > 0) return false
  return isObject(event.window) && `${event.eventSourceARN}`.split(':')[2] === name.slice('aws:'.length)
}

function windowOf(event: Partial<TumblingWindowEvent>, { initial }: WindowOptions<object>): Window<object> {
  const { state, isFinalInvokeForWindow = false, isWindowTerminatedEarly = false } = event
  const start = epochMillis(event.window?.start)
  const end = epochMillis(event.window?.end)
  if (start === undefined || end === undefined)
    throw new UnexpectedEventError(
      'expected an event with a window: set TumblingWindowInSeconds of the event source mapping',
    )
  // What a window begins with is an empty object.
  const begun = isObject(state) && Object.keys(state).length > 0
  return { start, end, state: begun ? state : initial(), isFinalInvokeForWindow, isWindowTerminatedEarly }
}
