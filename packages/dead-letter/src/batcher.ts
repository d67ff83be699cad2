// Sends entries together, as many as a call takes, without holding one up that is alone.
import { classify, LambentError, TimeoutError } from '@lambent/core'
import { inTime } from './time-left.ts'

/** What came of one entry: nothing when it was taken, or the error, and whether it may be taken a little later. */
export type Outcome = { readonly error: unknown; readonly retryable: boolean } | undefined

export interface BatchSettings<Entry> {
  /** For messages: `queue orders-dlq`. */
  readonly name: string
  /** Bytes of one call at most, together. */
  readonly maxBytes: number
  /** One call. Gives one outcome for each entry, in their order; what it throws is that of all of them. */
  readonly call: (entries: readonly Entry[], abortSignal: AbortSignal) => Promise<readonly Outcome[]>
}

/** Settles when the entry was taken, and rejects with its own error, or when the signal fires. */
export type Send<Entry> = (entry: Entry, bytes: number, signal: AbortSignal) => Promise<void>

/** What one call takes: SQS, SNS and EventBridge alike. */
export const MOST_ENTRIES = 10

const LINGER = 50 // ms that entries wait at most for a call on its way, to go together with the next
const ATTEMPTS = 5 // of one entry; a call as a whole is retried by its client
const BASE = 50 // ms
const MOST_DELAY = 1000 // ms

// Taken here, so that timers which a test puts in their place do not hold up what is sent.
const soon = setImmediate

interface Waiting<Entry> {
  readonly entry: Entry
  readonly bytes: number
  attempts: number
  settled: boolean
  readonly settle: (error?: { readonly error: unknown }) => void
  readonly signal: AbortSignal
}

/**
 * Entries that come in one turn of the event loop go together. Those that come while a call is on its way wait for it,
 * 50 ms at most, unless they fill a call of their own. An entry that the service did not take, and may a little later,
 * is sent again; each entry has its own outcome, whoever it travelled with.
 */
export function batcher<Entry>({ name, maxBytes, call }: BatchSettings<Entry>): Send<Entry> {
  let queue: Waiting<Entry>[] = []
  let onTheWay = 0
  let scheduled = false
  let lingering: NodeJS.Timeout | undefined

  function enqueue(...waiting: Waiting<Entry>[]): void {
    queue.push(...waiting)
    if (scheduled) return
    scheduled = true
    soon(() => {
      scheduled = false
      flush(onTheWay === 0)
    })
  }

  /** Starts the calls that are full, and with `all` the last one as it is. */
  function flush(all: boolean): void {
    queue = queue.filter(({ settled }) => !settled)
    let chunk = take()
    while (chunk.length > 0 && (all || chunk.length === MOST_ENTRIES || chunk.length < queue.length)) {
      queue.splice(0, chunk.length)
      void send(chunk)
      chunk = take()
    }
    if (all) {
      clearTimeout(lingering)
      lingering = undefined
    } else if (queue.length > 0) lingering ??= setTimeout(flush, LINGER, true)
  }

  /** As many from the front as go into one call: one at least. */
  function take(): Waiting<Entry>[] {
    let bytes = 0
    const over = queue.findIndex((waiting, index) => {
      bytes += waiting.bytes
      return index === MOST_ENTRIES || (index > 0 && bytes > maxBytes)
    })
    return queue.slice(0, over < 0 ? queue.length : over)
  }

  async function send(chunk: readonly Waiting<Entry>[]): Promise<void> {
    onTheWay++
    const outcomes = await outcomesOf(chunk)
    onTheWay--
    for (const [index, waiting] of chunk.entries()) {
      const outcome = outcomes[index]
      waiting.attempts++
      if (!outcome) waiting.settle()
      else if (!outcome.retryable || waiting.attempts >= ATTEMPTS) waiting.settle({ error: outcome.error })
      else setTimeout(enqueue, Math.random() * Math.min(BASE * 2 ** waiting.attempts, MOST_DELAY), waiting)
    }
    if (onTheWay === 0) flush(true)
  }

  async function outcomesOf(chunk: readonly Waiting<Entry>[]): Promise<readonly Outcome[]> {
    const entries = chunk.map(({ entry }) => entry)
    const abort = allOf(chunk)
    try {
      // One that never ends is not on its way for ever: others would wait for it, in the invocations to come too.
      const outcomes = await inTime(call(entries, abort.signal), abort.signal)
      if (outcomes.length === chunk.length) return outcomes
      throw new LambentError(`${name} answered ${outcomes.length} of ${chunk.length} entries`, { retryable: true })
    } catch (error) {
      // One entry that makes the whole call invalid must not take the others with it.
      if (chunk.length > 1 && !abort.signal.aborted && blamesContent(error))
        return (await Promise.all(chunk.map(waiting => outcomesOf([waiting])))).flat()
      return chunk.map(() => ({ error, retryable: false }))
    } finally {
      abort.end()
    }
  }

  return (entry, bytes, signal) =>
    new Promise((resolve, reject) => {
      const late = () => settle({ error: new TimeoutError(`${name} did not take the dead letter in time`) })
      const settle: Waiting<Entry>['settle'] = failed => {
        if (waiting.settled) return
        waiting.settled = true
        signal.removeEventListener('abort', late)
        if (failed) reject(failed.error)
        else resolve()
      }
      const waiting: Waiting<Entry> = { entry, bytes, attempts: 0, settled: false, settle, signal }
      if (signal.aborted) return late()
      signal.addEventListener('abort', late, { once: true })
      enqueue(waiting)
    })
}

/** A signal that fires when those of all entries have: a call is worth its while as long as somebody waits for it. */
function allOf(chunk: readonly { readonly signal: AbortSignal }[]): { signal: AbortSignal; end(): void } {
  const controller = new AbortController()
  const check = () => {
    if (chunk.every(({ signal }) => signal.aborted)) controller.abort(new TimeoutError('nobody waits any more'))
  }
  for (const { signal } of chunk) signal.addEventListener('abort', check)
  check()
  return {
    signal: controller.signal,
    end() {
      for (const { signal } of chunk) signal.removeEventListener('abort', check)
    },
  }
}

/** Whether the service refused what was in the call, and not the call itself (rights, throttling, network). */
function blamesContent(error: unknown): boolean {
  const { name, code } = Object(error) as { name?: unknown; code?: unknown }
  return classify(error) !== 'retryable' && /Invalid|TooLong|TooLarge|Validation|Malformed/.test(`${name} ${code}`)
}
