// Where the state of circuits is shared: one record a circuit, and a write that only one of many can win.
import type { Permission } from '@lambent/core'

/** The shared state of one circuit. Where there is none, it is closed. */
export interface CircuitRecord {
  readonly state: 'closed' | 'open' | 'halfOpen'
  /** Epoch ms. Open: no call before it. Half-open: the probe's lease ends. Closed: when it was closed. */
  readonly until: number
  /** Another one with each change. */
  readonly version: string
}

export interface CircuitStoreCall {
  /** Fires after a second, or a little after the deadline. */
  readonly signal: AbortSignal
}

/** A port: `memoryCircuitStore()`, `dynamoDbCircuitStore()`, or your own. */
export interface CircuitStore {
  read(name: string, call: CircuitStoreCall): Promise<CircuitRecord | undefined>
  /**
   * Stores the record if what is stored has the version `expected`, or nothing is where that is undefined. Gives what is
   * stored then: `record` if it won. A write whose answer was lost must have won too, when it is made again.
   */
  write(
    name: string,
    record: CircuitRecord,
    expected: string | undefined,
    call: CircuitStoreCall,
  ): Promise<CircuitRecord | undefined>
  /** What it needs from AWS. */
  readonly permissions?: readonly Permission[] | undefined
}
