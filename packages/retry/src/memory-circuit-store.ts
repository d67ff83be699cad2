// Circuits of one process.
import type { CircuitRecord, CircuitStore } from './circuit-store.ts'

/** Shares circuits among the handlers of one process, or of one thread. The default. */
export function memoryCircuitStore(): CircuitStore {
  const records = new Map<string, CircuitRecord>()
  return {
    async read(name) {
      return records.get(name)
    },
    async write(name, record, expected) {
      if (records.get(name)?.version === expected) records.set(name, record)
      return records.get(name)
    },
  }
}
