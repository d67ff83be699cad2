// `.each()` of the sources whose batches have a partial response.
import type { Context, Opened } from '@lambent/core'
import { announcedFailures, type BatchItem, type Failures, type Order } from './failures.ts'
import type { PartialEachOptions } from './options.ts'
import { type EachSettings, eachRecord } from './records.ts'

/** Runs the records, and gives what the handler of a whole batch would return. */
export async function eachPartial<Source extends string, Item extends BatchItem<Source>, Record extends Opened>(
  ctx: Context & { readonly records: readonly Item[] },
  order: Order,
  open: (item: Item) => Record,
  work: (record: Record) => Promise<unknown>,
  settings: EachSettings<Record> & PartialEachOptions,
): Promise<Failures<Source> | undefined> {
  const { records } = ctx
  const notDone = await eachRecord(ctx, records, order, open, work, settings)
  if (notDone.length === 0) return undefined
  if (settings.throwOnFullFailure && notDone.length === records.length)
    throw new AggregateError(
      notDone.flatMap(({ error, waited }) => (waited ? [] : [error])),
      `none of ${records.length} records is done: throwOnFullFailure fails the invocation`,
    )
  return announcedFailures(notDone.map(({ item }) => item))
}
