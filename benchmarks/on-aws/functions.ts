// The functions that are deployed: each contender of benchmarks/stacks that signs its calls, as an ES module.
import { bare, type Contender, contenders } from '../lib/contenders.ts'

export interface Deployed {
  /** Logical id in the template. */
  readonly id: string
  readonly contender: Contender
}

/** What sends unsigned requests is for emulators. */
const UNSIGNED = new Set(['aws-call/post', 'full/floor', 'full/floor-powertools'])

export const functions: readonly Deployed[] = [bare, ...contenders]
  .filter(({ entry }) => !UNSIGNED.has(entry))
  .map(contender => ({
    id: `${contender.entry}-${contender.schema ?? ''}`
      .split(/[^a-z0-9]+/i)
      .map(word => word.slice(0, 1).toUpperCase() + word.slice(1))
      .join(''),
    contender,
  }))
