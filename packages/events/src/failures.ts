// Which records of a batch failed: the typed value that a handler of a whole batch returns, and its response to Lambda.
import { type Context, LambentError } from '@lambent/core'

declare const OF: unique symbol
// From the registry, so that an ES module copy and a CommonJS copy of this file agree.
const FAILED: unique symbol = Symbol.for('lambent.failures')

/** A record of `ctx.records`. What `failures()` takes is one of them, and no look-alike. In types only. */
export interface BatchItem<Source extends string> {
  readonly [OF]: Source
}

/** Made by `failures()`. */
export interface Failures<Source extends string> {
  readonly [FAILED]: readonly BatchItem<Source>[]
  /** Whether telemetry has told of them. */
  readonly announced: boolean
}

/**
 * What a handler of a whole batch returns when some of `ctx.records` failed: these come again, the others are done.
 * In a FIFO queue those come again too that follow a failed one in its message group; in a stream all from the first
 * failed one on.
 *
 * ```ts
 * sqs().handle(async ({ records }) => failures(...(await store(records))))
 * ```
 *
 * The invocation fails, and with it the whole batch comes again, for a record that is not in the batch.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
 */
export function failures<Source extends string = never>(...records: readonly BatchItem<Source>[]): Failures<Source> {
  return { [FAILED]: records, announced: false }
}

/** What `.each()` gives: its own summary, with those that it did not start, was emitted inside of the middlewares. */
export function announcedFailures<Source extends string>(records: readonly BatchItem<Source>[]): Failures<Source> {
  return { [FAILED]: records, announced: true }
}

/**
 * What a failure means for the records after it. `independent`: nothing. `grouped`: those of the same group wait for it.
 * `stream`: all wait for it.
 */
export type Order = 'independent' | 'grouped' | 'stream'

/** What Lambda and the order need to know of a record. */
export interface Identity {
  readonly itemIdentifier: string
  readonly groupId?: string | undefined
}

export interface BatchResponse {
  batchItemFailures: { itemIdentifier: string }[]
}

/**
 * The response for what a handler of the whole batch returned.
 * @throws {LambentError} for anything but nothing and failures of these records: Lambda would lose or repeat the batch
 */
export function batchResponse<Item extends BatchItem<string>>(
  value: unknown,
  ctx: Context & { readonly records: readonly Item[] },
  order: Order,
  identify: (record: Item) => Identity,
): BatchResponse {
  if (value === undefined || value === null) return { batchItemFailures: [] }
  const { [FAILED]: given = refuse(typeof value), announced } = value as Partial<Failures<string>>
  const failed = new Set(given)
  const found = new Set<string>()
  const groups = new Set<string>()
  let count = 0 // of records that come again
  for (const record of ctx.records) {
    if (failed.size === 0 && groups.size === 0 && order !== 'stream') break
    const { itemIdentifier, groupId } = identify(record)
    const own = failed.delete(record)
    if (own && order === 'grouped' && groupId !== undefined) groups.add(groupId)
    const waits = order === 'stream' ? found.size > 0 : groupId !== undefined && groups.has(groupId)
    if (own || waits) count++
    // Lambda goes back to the lowest of a stream, which is the first: the others say no more.
    if ((own || waits) && !(order === 'stream' && found.size > 0)) found.add(itemIdentifier)
  }
  if (failed.size > 0)
    throw new LambentError(`${failed.size} of the failures that the handler returned are no records of this batch`, {
      code: 'UnknownRecord',
    })
  if (!announced && found.size > 0) announce(ctx, ctx.records.length, count, 0)
  return { batchItemFailures: Array.from(found, itemIdentifier => ({ itemIdentifier })) }
}

function refuse(type: string): never {
  throw new LambentError(
    `the handler of a batch returned ${type}: return nothing, or failures(...) with those of ctx.records that failed`,
    { code: 'UnknownRecord' },
  )
}

/** One line about a batch that was not done whole: an error when nothing of it was. `failed` counts the records that are not done. */
export function announce(ctx: Context, total: number, failed: number, notStarted: number): void {
  ctx.telemetry.emit({
    name: 'batch.failures',
    level: failed < total ? 'warn' : 'error',
    message: `${failed} of ${total} records failed${notStarted > 0 ? `, ${notStarted} of them not started` : ''}`,
    unit: ctx.unit,
    fields: { total, failed, notStarted },
  })
}
