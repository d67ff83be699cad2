// Events of another kind than a source expects, and the records of those that have them.
import { UnexpectedEventError } from '@lambent/core'
import { BY_EVENT_SOURCE, eventKind, isObject } from '@lambent/core/event-kind'

/** The error of a source that got an event of another kind. `expected` is what it handles, in words. */
export function unexpected(expected: string, event: unknown): UnexpectedEventError {
  return new UnexpectedEventError(
    `expected ${expected}, got ${eventKind(event)}: check what triggers this function, or the test event`,
  )
}

/** The records of an event, each of which has this `eventSource` and `id`: the rest of it is not looked at. */
export function recordsOf<R extends object>(
  event: unknown,
  eventSource: string,
  has: (record: R) => string | undefined,
): readonly R[] {
  const expected = `${BY_EVENT_SOURCE[eventSource]} with records`
  const records = isObject(event) ? event.Records : undefined
  if (!Array.isArray(records) || records.length === 0) throw unexpected(expected, event)
  for (let index = 0; index < records.length; index++) {
    const record: unknown = records[index]
    // One of another kind in the first place says what the event is.
    if (!isObject(record) || (record.eventSource ?? record.EventSource) !== eventSource) {
      if (index === 0) throw unexpected(expected, event)
      throw new UnexpectedEventError(
        `expected ${expected}: Records[${index}] has another eventSource than ${eventSource}`,
      )
    }
    const lack = has(record as R)
    if (lack) throw new UnexpectedEventError(`expected ${expected}: Records[${index}] has no ${lack}`)
  }
  return records
}
