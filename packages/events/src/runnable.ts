// Which record of a batch may start: the first in the order of the batch whose group is free.
import type { Opened } from '@lambent/core'
import type { Order } from './failures.ts'

/** A record that may run now. */
export interface Task<Record> {
  /** Its place in the batch. */
  readonly index: number
  readonly record: Record
  readonly group: Group | undefined
}

/** Of one group one record runs, and the others that were met since wait in a list. */
interface Group {
  readonly id: string
  first: Waiting | undefined
  last: Waiting | undefined
}

interface Waiting {
  readonly index: number
  next: Waiting | undefined
}

/** Ends the task before, if any, and gives the next one, or undefined when a slot has nothing left to do. */
export type Schedule<Record> = (ended?: Task<Record>, done?: boolean) => Task<Record> | undefined

/**
 * Hands out each of `items` at most once, for as many slots as ask. A slot that gets undefined can end: what is left
 * then waits for a record that runs in another slot, which will take it over. What a failure stops is never handed out.
 *
 * A record is opened to see its group, and again if it had to wait: those that wait are not held open.
 */
export function scheduleOf<Item, Record extends Opened>(
  items: readonly Item[],
  order: Order,
  onFailure: 'stop' | 'continue',
  open: (item: Item) => Record,
): Schedule<Record> {
  const groups = new Map<string, Group>() // those that are busy
  let end = items.length
  let cursor = 0

  return (ended, done = true) => {
    if (ended && !done && order === 'stream' && onFailure === 'stop') end = Math.min(end, ended.index)
    const group = ended?.group
    if (group && done) {
      const { first } = group
      if (first && first.index < end) {
        group.first = first.next
        return { index: first.index, record: open(items[first.index] as Item), group }
      }
      groups.delete(group.id)
    } // else the group stays busy for ever
    while (cursor < end) {
      const index = cursor++
      const record = open(items[index] as Item)
      const id = groupOf(record, order)
      if (id === undefined) return { index, record, group: undefined }
      const busy = groups.get(id)
      if (!busy) {
        const group: Group = { id, first: undefined, last: undefined }
        groups.set(id, group)
        return { index, record, group }
      }
      const waiting: Waiting = { index, next: undefined }
      if (busy.first && busy.last) busy.last.next = waiting
      else busy.first = waiting
      busy.last = waiting
    }
    return undefined
  }
}

/** In a stream records without a group are in order with each other. */
function groupOf({ unit }: Opened, order: Order): string | undefined {
  if (order === 'independent') return undefined
  return order === 'stream' ? (unit.groupId ?? '') : unit.groupId
}
