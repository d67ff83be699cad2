// What a source is: it opens an event as a unit, and turns outcomes into the answer that Lambda expects.
import type { Context } from './context.ts'
import type { LambdaContext } from './lambda.ts'
import type { Permission } from './middleware.ts'
import type { Unit } from './unit.ts'

/** The fields of a context that a source gives: the unit, the typed event, and its conveniences. */
export interface Opened {
  readonly unit: Unit
  readonly event: unknown
}

/** The types of a source: the event that Lambda sends, the context it becomes, what handlers return, the response. */
export interface SourceTypes {
  readonly event: unknown
  readonly context: object
  readonly returns: unknown
  readonly response: unknown
}

export interface Source<T extends SourceTypes> {
  /** As AWS calls the event source: `aws:sqs`, … */
  readonly name: string
  /** Milliseconds kept back from the deadline. @default 500, and never more than a fifth of the remaining time */
  readonly reserve?: number | undefined
  /** What it needs from AWS. */
  readonly permissions?: readonly Permission[]
  /**
   * The unit and the context of an event, which may be anything: what is read is checked here.
   * @throws {UnexpectedEventError} when it is not an event of this source
   */
  open(event: unknown, lambda: LambdaContext): T['context'] & Opened
  /** The response for what the handler returned. */
  respond(value: unknown, ctx: Context & T['context']): T['response'] | Promise<T['response']>
  /** The response for what was thrown. Left out, the invocation fails with it. */
  fail?(error: unknown, ctx: Context & T['context']): T['response'] | Promise<T['response']>
}

/** The types of one record of a batch, and of the options that `.each()` takes. */
export interface RecordTypes {
  readonly context: object
  readonly returns: unknown
  readonly options: object
}

/** Runs the rest of the pipeline for one record and gives what its handler returned. */
export type RunRecord<R extends RecordTypes> = (opened: R['context'] & Opened) => Promise<unknown>

/** Handles all records of an opened event by `run`, and gives what a handler of the whole batch would return. */
export type RunBatch<T extends SourceTypes, R extends RecordTypes> = (
  ctx: Context & T['context'],
  run: RunRecord<R>,
) => Promise<T['returns']>

/** A source whose events are batches of records. */
export interface BatchSource<T extends SourceTypes, R extends RecordTypes> extends Source<T> {
  each(options?: R['options']): RunBatch<T, R>
}
