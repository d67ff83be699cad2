// A fraction of a core, as a small Lambda function has it, without privileges: the process is stopped and continued by
// SIGSTOP and SIGCONT in periods of 20 ms, as long as those in which Lambda hands out CPU time. The clock is in a thread
// of its own, which sleeps exactly; the emulators are not held.
import { isMainThread, Worker, workerData } from 'node:worker_threads'

const PERIOD = 20

export interface Throttle {
  /** Holds this process, or with undefined none. */
  hold(pid: number | undefined): void
  close(): Promise<unknown>
}

/** `share` of the time, between 0 and 1, the process runs. */
export function throttle(share: number): Throttle {
  if (!(share > 0 && share < 1)) throw new RangeError(`a share of CPU is above 0 and below 1, not ${share}`)
  const held = new Int32Array(new SharedArrayBuffer(4))
  const worker = new Worker(new URL(import.meta.url), { workerData: { held, share } })
  return {
    hold(pid = 0) {
      Atomics.store(held, 0, pid)
      Atomics.notify(held, 0)
    },
    close: () => worker.terminate(),
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch {
    // It has ended.
  }
}

if (!isMainThread && workerData?.held) {
  const { held, share }: { readonly held: Int32Array; readonly share: number } = workerData
  const never = new Int32Array(new SharedArrayBuffer(4))
  for (;;) {
    const pid = Atomics.load(held, 0)
    if (pid === 0) {
      Atomics.wait(held, 0, 0)
      continue
    }
    Atomics.wait(never, 0, 0, PERIOD * share)
    if (Atomics.load(held, 0) !== pid) continue
    signal(pid, 'SIGSTOP')
    Atomics.wait(never, 0, 0, PERIOD * (1 - share))
    signal(pid, 'SIGCONT')
  }
}
