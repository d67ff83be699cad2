// One cached value and its states: missing, fresh, stale (served while one refresh runs), expired; and after a failed
// fetch a pause. Nothing here knows where values come from, or waits.

export interface EntryOptions {
  /** ms in which a value is fresh. */
  readonly maxAge: number
  /** ms after that in which it is served while a refresh runs, or fails. */
  readonly maxStale: number
  /** ms after which a fetch that has not ended is given up: its socket may have died with a freeze. It has not failed. */
  readonly patience: number
  /** Epoch ms. */
  readonly now: () => number
  /** 0 to 1. */
  readonly random: () => number
}

export type State = 'missing' | 'fresh' | 'stale' | 'expired'

const FIRST_PAUSE = 1000 // ms after a failed fetch
const LONGEST_PAUSE = 30_000 // ms
const JITTER = 0.1 // of maxAge: a fleet that started together does not refresh at once

export interface Entry<Value> {
  /** Of the value that it holds now. */
  state(): State
  /** Only where the state is `fresh` or `stale`. */
  readonly value: Value
  /** What the last fetch failed with, until one succeeds. */
  readonly error: unknown
  /** Epoch ms: when the fetch of the value began. 0 where there is none. */
  readonly fetchedAt: number
  /** Epoch ms until which it is fresh, 0 where it is not. */
  readonly freshUntil: number
  /** How many values it has been given. */
  readonly generation: number
  /** Whether a fetch should begin now: none runs, and there is no pause. */
  due(): boolean
  /** The fetch that runs. */
  pending(): Promise<void> | undefined
  /** A fetch begins. It settles with what it gave, and never rejects: then `error` says why. */
  begin(fetch: Promise<Value>): Promise<void>
  /** Ends the pause, and makes what is fresh stale. */
  invalidate(): void
}

export function entry<Value>({ maxAge, maxStale, patience, now, random }: EntryOptions): Entry<Value> {
  let value: Value | undefined
  let fetchedAt = 0
  let fresh = 0 // until, epoch ms
  let expires = 0 // epoch ms
  let failures = 0
  let generation = 0
  let notBefore = 0
  let error: unknown
  let running: { readonly since: number; readonly settled: Promise<void> } | undefined

  const pending = () => (running && now() - running.since < patience ? running.settled : undefined)

  return {
    state() {
      if (fetchedAt === 0) return 'missing'
      const at = now()
      if (at < fresh) return 'fresh'
      return at < expires ? 'stale' : 'expired'
    },
    get value() {
      return value as Value
    },
    get error() {
      return error
    },
    get fetchedAt() {
      return fetchedAt
    },
    get freshUntil() {
      return fresh
    },
    get generation() {
      return generation
    },
    due: () => pending() === undefined && now() >= notBefore,
    pending,
    begin(fetch) {
      const since = now()
      const settled = fetch.then(
        fetched => {
          // One that was given up may still end, and then be older than what there is.
          if (since >= fetchedAt) {
            value = fetched
            generation++
            fetchedAt = since
            fresh = since + maxAge * (1 - JITTER * random())
            expires = since + maxAge + maxStale
            failures = 0
            notBefore = 0
            error = undefined
          }
          if (running?.settled === settled) running = undefined
        },
        thrown => {
          if (running?.settled !== settled) return
          running = undefined
          if (now() - since >= patience) return
          error = thrown
          failures++
          notBefore = now() + Math.min(FIRST_PAUSE * 2 ** (failures - 1), LONGEST_PAUSE) * (0.5 + random() / 2)
        },
      )
      running = { since, settled }
      return settled
    },
    invalidate() {
      fresh = 0
      notBefore = 0
    },
  }
}
