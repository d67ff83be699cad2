// Which attributes a change has changed.
import { isDeepStrictEqual } from 'node:util'

type Item = Readonly<Record<string, unknown>>

export interface Difference {
  readonly changed: readonly string[]
}

export function difference(before: Item = {}, after: Item = {}): Difference {
  const names = new Set([...Object.keys(before), ...Object.keys(after)])
  return { changed: [...names].filter(name => !isDeepStrictEqual(before[name], after[name])).sort() }
}
