// What a store does: three writes, each of which says whether it took place. Times are epoch milliseconds.

/** The lock of a unit that runs. Whoever completes or releases it shows it. */
export interface Lock {
  readonly key: string
  /** Until when it lives. A lock that was released may be followed by one with the same: then the owners differ. */
  readonly lockedUntil: number
  readonly owner?: string | undefined
}

export interface Acquire {
  readonly key: string
  readonly now: number
  /** When the lock ends, and others may take over. */
  readonly lockedUntil: number
  /** When the record ends. */
  readonly expiresAt: number
  /** The hash of the validated part. */
  readonly validation?: string | undefined
  /**
   * Whoever has the same owner as the record may have its lock again: a unit that asks twice since the first answer was
   * lost, or the replay of a durable execution.
   */
  readonly owner?: string | undefined
}

/** A record that another unit has made. */
export interface StoredRecord {
  readonly status: 'INPROGRESS' | 'COMPLETED'
  readonly expiresAt: number
  readonly lockedUntil?: number | undefined
  /** What was given to `complete`. */
  readonly data?: string | undefined
  readonly validation?: string | undefined
}

export type Acquired =
  /** `tookOver`: another unit's lock had ended. */
  | { readonly acquired: true; readonly lock: Lock; readonly tookOver: boolean }
  | { readonly acquired: false; readonly record: StoredRecord }

export interface Complete {
  /** Left out where the unit returned nothing. */
  readonly data?: string | undefined
  readonly expiresAt: number
  readonly validation?: string | undefined
}

export interface StoreOptions {
  readonly signal?: AbortSignal | undefined
}

export interface IdempotencyStore {
  /** How keys and results look in it. @default 'lambent' */
  readonly format?: 'lambent' | 'powertools' | undefined
  /** Bytes that the text of a result may have. @default no bound */
  readonly maxBytes?: number | undefined
  readonly permissions?: readonly { readonly actions: readonly string[]; readonly resources: readonly string[] }[]
  /**
   * In one step that no other can come between: makes the record where there is none, or it has expired, or its lock has
   * ended; otherwise gives what is there.
   */
  acquire(request: Acquire, options?: StoreOptions): Promise<Acquired>
  /** Makes the record a completed one, if the lock is still this one's. Says whether it did, or had done so before. */
  complete(lock: Lock, outcome: Complete, options?: StoreOptions): Promise<boolean>
  /** Deletes the record, if the lock is still this one's. Says whether it did. */
  release(lock: Lock, options?: StoreOptions): Promise<boolean>
}

/** Whether an acquirer may take the place of a record: it has expired, or its lock has ended, or it is the owner's own. */
export function isFree(
  record: StoredRecord & { readonly owner?: string | undefined },
  { now, owner }: Acquire,
): boolean {
  if (record.expiresAt < now) return true
  if (record.status === 'COMPLETED') return false
  return (
    (record.lockedUntil !== undefined && record.lockedUntil < now) || (owner !== undefined && record.owner === owner)
  )
}
