// What an invocation allocates: exact, where the young generation is so large that nothing is collected meanwhile.
import { execFileSync } from 'node:child_process'

/** Flags for the process that measures. */
const FLAGS = [
  '--expose-gc',
  '--min-semi-space-size=128',
  '--max-semi-space-size=128',
  '--single-threaded-gc',
  '--no-opt',
]
const INVOCATIONS = 1000

/** Bytes an invocation allocates, once all is warm. In a process of `runWithRoom()`. */
export async function allocated(invoke: () => Promise<unknown>): Promise<number> {
  for (let i = 0; i < 500; i++) await invoke()
  globalThis.gc?.()
  const before = process.memoryUsage().heapUsed
  for (let i = 0; i < INVOCATIONS; i++) await invoke()
  return (process.memoryUsage().heapUsed - before) / INVOCATIONS
}

/** Runs a file that prints JSON in a process with room, and gives what it printed. */
export function runWithRoom(file: string, ...args: readonly string[]): unknown {
  return JSON.parse(execFileSync(process.execPath, [...FLAGS, file, ...args], { encoding: 'utf8' }))
}
