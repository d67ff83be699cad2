// For sources without a partial response: after all records were tried, the invocation fails if any of them did.
import type { NotDone } from './records.ts'

const NAMED = 10

/**
 * Throws for records that are not done: the error itself where the event has but one record, and else one
 * AggregateError, whose message names the first ten by their ids.
 */
export function throwNotDone<Item>(
  notDone: readonly NotDone<Item>[],
  total: number,
  idOf: (item: Item) => string,
): void {
  const [only] = notDone
  if (!only) return
  if (total === 1) throw only.error
  const ids = notDone.slice(0, NAMED).map(({ item }) => idOf(item))
  throw new AggregateError(
    notDone.map(({ error }) => error),
    `${notDone.length} of ${total} records failed: ${ids.join(', ')}${notDone.length > NAMED ? ', …' : ''}`,
  )
}
