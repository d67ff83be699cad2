// Which record of a batch may start: the first in the order of the batch whose group is free.
import type { Opened } from '@lambent/core'
import type { Order } from './failures.ts'

/** A record that may run now. */
export interface Task<Record> {
  /** Its place in the batch. */
  readonly index: number
  readonly record: Record
  readonly group: Group<Record> | undefined
  /** The one of its group that waits for its turn after this one. */
  next: Task<Record> | undefined
}

/** Of one group one record runs, and the others that were met since wait in a list. */
interface Group<Record> {
  readonly id: string
  first: Task<Record> | undefined
  last: Task<Record> | undefined
}

/** Ends the task before, if any, and gives the next one, or undefined when a slot has nothing left to do. */
export type Schedule<Record> = (ended?: Task<Record>, done?: boolean) => Task<Record> | undefined

/**
 * Hands out each of `items` at most once, for as many slots as ask. A slot that gets undefined can end: what is left
 * then waits for a record that runs in another slot, which will take it over. What a failure stops is never handed out.
 *
 * A record is opened when it is first looked at, so that no more than those waiting for their group are held open.
 */
export function scheduleOf<Item, Record extends Opened>(
  items: readonly Item[],
  order: Order,
  onFailure: 'stop' | 'continue',
  open: (item: Item) => Record,
): Schedule<Record> {
  const groups = new Map<string, Group<Record>>() // those that are busy
  let end = items.length
  let cursor = 0

  return (ended, done = true) => {
    if (ended && !done && order === 'stream' && onFailure === 'stop') end = Math.min(end, ended.index)
    const group = ended?.group
    if (group && done) {
      const { first } = group
      if (first && first.index < end) {
        group.first = first.next
        return first
      }
      groups.delete(group.id)
    } // else the group stays busy for ever
    while (cursor < end) {
      const index = cursor++
      const record = open(items[index] as Item)
      const id = groupOf(record, order)
      if (id === undefined) return { index, record, group: undefined, next: undefined }
      const busy = groups.get(id)
      if (!busy) {
        const group: Group<Record> = { id, first: undefined, last: undefined }
        groups.set(id, group)
        return { index, record, group, next: undefined }
      }
      const task: Task<Record> = { index, record, group: busy, next: undefined }
      if (busy.first && busy.last) busy.last.next = task
      else busy.first = task
      busy.last = task
    }
    return undefined
  }
}

/** In a stream records without a group are in order with each other. */
function groupOf({ unit }: Opened, order: Order): string | undefined {
  if (order === 'independent') return undefined
  return order === 'stream' ? (unit.groupId ?? '') : unit.groupId
}
