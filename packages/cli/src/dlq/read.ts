// Reads a queue from its beginning to its end, without consuming it.
import type { Output } from '../output.ts'
import { type Found, found } from './found.ts'
import { Holding } from './holding.ts'
import type { Queue } from './queue.ts'

export interface Reading {
  readonly found: readonly Found[]
  /** How many messages were looked at, matching or not. */
  readonly read: number
  /** Not all was read: `max` was reached, or the reader was interrupted. */
  readonly stopped: boolean
}

export interface ReadOptions {
  readonly queue: Queue
  readonly matches: (found: Found) => boolean
  /** How many that match are wanted. */
  readonly max: number
  readonly output: Output
  readonly signal: AbortSignal
}

/** All go back to the queue when it is done, and when it fails. */
export async function readAll({ queue, matches, max, output, signal }: ReadOptions): Promise<Reading> {
  await using holding = new Holding(queue)
  const kept: Found[] = []
  const bar = output.bar(queue.visible)
  let read = 0
  try {
    while (kept.length < max && !signal.aborted) {
      const messages = await holding.receive()
      if (messages.length === 0) return { found: kept, read, stopped: false }
      read += messages.length
      kept.push(
        ...messages
          .map(found)
          .filter(matches)
          .slice(0, max - kept.length),
      )
      bar.advance(messages.length, `${read} read`)
    }
    return { found: kept, read, stopped: true }
  } finally {
    bar.stop(`${read} read`)
  }
}

/** What of a FIFO queue nobody can see: messages behind those of their group that are held. */
export function unreadNote({ fifo, visible, inFlight, name }: Queue, { read, stopped }: Reading): string | undefined {
  if (stopped) return `the first ${read} of about ${Math.max(visible, read)} messages were read`
  if (fifo && visible > read)
    return `about ${visible - read} messages of ${name} were not seen: in a FIFO queue they wait behind others of their group`
  return inFlight > 0
    ? `about ${inFlight} messages of ${name} were not seen: somebody else has received them`
    : undefined
}
