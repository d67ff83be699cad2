// Runs the records of a batch one after the other, in the order that their source asks for, and tells what failed.
import { type Context, type Opened, TimeoutError } from '@lambent/core'
import { announce, type Order } from './failures.ts'

/** A record that is not done. */
export interface NotDone<Item> {
  readonly item: Item
  /** What was thrown, which may be anything. Of a record that was not started: a TimeoutError at the deadline. */
  readonly error: unknown
}

/**
 * Runs `work` for each of `items` in turn, as `open` opens it, and gives those that are not done, in the order of the
 * batch: what threw, what had to wait for it (`order`), and what the deadline left no time to start. Emits
 * `batch.record.failed` for each that threw, and `batch.failures` once when any is not done.
 */
export async function eachRecord<Item, Record extends Opened>(
  ctx: Context,
  items: readonly Item[],
  order: Order,
  open: (item: Item) => Record,
  work: (record: Record) => Promise<unknown>,
): Promise<readonly NotDone<Item>[]> {
  const notDone: NotDone<Item>[] = []
  const stopped = new Set<string | undefined>() // groups
  let late: TimeoutError | undefined
  let started = 0

  for (const item of items) {
    if (order === 'stream' && notDone.length > 0) {
      notDone.push({ item, error: undefined })
      continue
    }
    const record = open(item)
    const group = order === 'grouped' ? record.unit.groupId : undefined
    if (group !== undefined && stopped.has(group)) {
      notDone.push({ item, error: undefined })
    } else if (ctx.deadline.remaining() === 0) {
      late ??= new TimeoutError('the record was not started: the deadline was reached')
      notDone.push({ item, error: late })
      stopped.add(group)
    } else {
      started++
      try {
        await work(record)
      } catch (error) {
        notDone.push({ item, error })
        stopped.add(group)
        const message = 'a record failed'
        ctx.telemetry.emit({ name: 'batch.record.failed', level: 'warn', message, unit: record.unit, error })
      }
    }
  }

  if (notDone.length > 0) announce(ctx, items.length, notDone.length, items.length - started)
  return notDone
}
