// Runs the records of a batch as their order, a bound and the deadline let it, and tells what is not done.
import { type Context, type Opened, TimeoutError } from '@lambent/core'
import { announce, type Order } from './failures.ts'
import type { StreamEachOptions } from './options.ts'
import { scheduleOf, type Task } from './runnable.ts'
import { accept } from './verdicts.ts'

/** A record that is not done. */
export interface NotDone<Item> {
  readonly item: Item
  /**
   * What was thrown, which may be anything. A TimeoutError of a record that the deadline did not let start, or end;
   * undefined of one that has to wait for another.
   */
  readonly error: unknown
  /** It was not started, because it has to wait for another. */
  readonly waited: boolean
}

export interface EachSettings<Record> extends Pick<StreamEachOptions, 'concurrency' | 'onFailure'> {
  /** Called with what a record threw, and awaited before the record counts as ended. Must not throw. */
  readonly failed?: ((record: Record, error: unknown) => unknown) | undefined
}

/**
 * Runs `work` for `items`, as `open` opens them, and gives those that are not done, in the order of the batch: what
 * threw, what had to wait for it (`order`), what the deadline left no time to start, and what did not end in the first
 * half of the reserve after it, 250 ms at most. Emits `batch.record.failed` for each that threw or did not end, and `batch.failures`
 * once when any is not done. By default one runs after the other, and a stream stops at the first failure.
 */
export async function eachRecord<Item, Record extends Opened>(
  ctx: Context,
  items: readonly Item[],
  order: Order,
  open: (item: Item) => Record,
  work: (record: Record) => Promise<unknown>,
  { concurrency = 1, onFailure = 'stop', failed }: EachSettings<Record> = {},
): Promise<readonly NotDone<Item>[]> {
  const next = scheduleOf(items, order, onFailure, open)
  const running = new Set<Task<Record>>()
  const done = new Uint8Array(items.length)
  const errors = new Map<number, unknown>()
  let started = 0
  let late: TimeoutError | undefined
  let answered = false

  const fail = ({ index, record }: Task<Record>, error: unknown) => {
    errors.set(index, error)
    const message = 'a record failed'
    ctx.telemetry.emit({ name: 'batch.record.failed', level: 'warn', message, unit: record.unit, error })
  }

  // One for each record that may run at once, each with its next record as soon as its last one ended: no waves.
  async function slot(): Promise<void> {
    let task = next()
    while (task) {
      if (ctx.deadline.remaining() <= 0) {
        late ??= new TimeoutError('the record was not started: the deadline was reached')
        return
      }
      const { index, record } = task
      started++
      running.add(task)
      try {
        const value = await work(record)
        if (answered) return // it was told as one that did not end
        accept(value, record, ctx)
        done[index] = 1
        running.delete(task)
      } catch (error) {
        if (answered) return
        running.delete(task)
        fail(task, error)
        await failed?.(record, error)
      }
      task = next(task, done[index] === 1)
    }
  }

  await beforeTimeout(ctx, Promise.all(Array.from({ length: Math.min(concurrency, items.length) }, slot)))
  answered = true
  for (const task of running)
    fail(task, new TimeoutError('the record did not end at the deadline: what it awaits should heed ctx.signal'))

  const notDone: NotDone<Item>[] = []
  for (const [index, item] of items.entries())
    if (!done[index]) {
      const tried = errors.has(index)
      notDone.push({ item, error: tried ? errors.get(index) : late, waited: !tried && late === undefined })
    }
  if (notDone.length > 0) announce(ctx, items.length, notDone.length, items.length - started)
  return notDone
}

const LONGEST = 2 ** 31 - 1 // ms of a timer
const MOST_GRACE = 250 // ms: half of the default reserve; a narrowed deadline may be far from the timeout

/**
 * Settles with `work`, or in the middle of the reserve: after the deadline there is time for what heeds `ctx.signal`
 * to end, and before the timeout for the answer.
 */
async function beforeTimeout({ deadline, lambda }: Context, work: Promise<unknown>): Promise<void> {
  const left = deadline.remaining()
  if (left === Infinity) return void (await work)
  const reserve = (lambda?.getRemainingTimeInMillis?.() ?? left) - left // a test may have no Lambda context
  const grace = Math.min(reserve / 2, MOST_GRACE)
  let timer: ReturnType<typeof setTimeout> | undefined
  const over = new Promise(resolve => {
    timer = setTimeout(resolve, Math.min(left + grace, LONGEST))
  })
  try {
    await Promise.race([work, over])
  } finally {
    clearTimeout(timer)
  }
}
