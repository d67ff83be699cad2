// Completed results within the process: the least recently used go first, and none outlives its record.

export interface LocalCacheOptions {
  /** How many results. @default 1000 */
  readonly maxEntries?: number | undefined
  /** Bytes of their texts together. @default 1048576 */
  readonly maxBytes?: number | undefined
}

export interface CachedResult {
  /** Undefined where the unit returned nothing. */
  readonly data: string | undefined
  readonly expiresAt: number
  readonly validation: string | undefined
}

export interface LocalCache {
  get(key: string, now: number): CachedResult | undefined
  set(key: string, result: CachedResult): void
}

export function localCache({ maxEntries = 1000, maxBytes = 1_048_576 }: LocalCacheOptions): LocalCache {
  for (const [name, value] of Object.entries({ maxEntries, maxBytes }))
    if (!(Number.isSafeInteger(value) && value > 0))
      throw new RangeError(`idempotent({ cache: { ${name} } }) takes a whole number above 0, not ${value}`)
  const results = new Map<string, CachedResult>() // in the order of their last use
  let bytes = 0
  const sizeOf = (key: string, { data = '' }: CachedResult) => 2 * (key.length + data.length)
  const drop = (key: string) => {
    const result = results.get(key)
    if (result && results.delete(key)) bytes -= sizeOf(key, result)
    return result
  }
  return {
    get(key, now) {
      const result = drop(key)
      if (!result || result.expiresAt <= now) return undefined
      this.set(key, result)
      return result
    },
    set(key, result) {
      drop(key)
      results.set(key, result)
      bytes += sizeOf(key, result)
      for (const oldest of results.keys()) {
        if (results.size <= maxEntries && bytes <= maxBytes) break
        drop(oldest)
      }
    },
  }
}
