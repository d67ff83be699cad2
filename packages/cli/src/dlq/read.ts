// Reads a queue from its beginning to its end, without consuming it.
import type { Bar } from '../output.ts'
import { type Found, found } from './found.ts'
import { Holding } from './holding.ts'
import type { Queue } from './queue.ts'

export interface Reading {
  /** How many messages were looked at, matching or not. */
  readonly read: number
  readonly matching: number
  /** Not all was read: `max` was reached, or the reader was interrupted. */
  readonly stopped: boolean
}

export interface ReadOptions {
  readonly queue: Queue
  readonly matches: (found: Found) => boolean
  /** How many that match are wanted. */
  readonly max: number
  readonly signal: AbortSignal
}

/**
 * Shows `each` that matches, one at a time: a queue may hold more than the memory. All go back to the queue when it is
 * done, and when it fails.
 */
export async function readAll(
  { queue, matches, max, signal }: ReadOptions,
  each: (found: Found) => void,
  bar?: Bar,
): Promise<Reading> {
  await using holding = new Holding(queue)
  let [read, matching] = [0, 0]
  try {
    while (matching < max && !signal.aborted) {
      const messages = await holding.receive()
      if (messages.length === 0) return { read, matching, stopped: false }
      read += messages.length
      for (const one of messages
        .map(found)
        .filter(matches)
        .slice(0, max - matching)) {
        matching++
        each(one)
      }
      bar?.advance(messages.length, `${read} read`)
    }
    return { read, matching, stopped: true }
  } finally {
    bar?.stop()
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
