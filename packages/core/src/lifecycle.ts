// `init` once and in time, `shutdown` on SIGTERM.
import type { MiddlewareParts } from './middleware.ts'

/**
 * Starts every `init` now, in Lambda's init phase, and gives the function that awaits them all. What failed is
 * rejected with its own error to whoever awaits that try, and started again for the next.
 */
export function lifecycle(parts: readonly MiddlewareParts[]): () => Promise<void> | undefined {
  for (const { shutdown } of parts) if (shutdown) atShutdown(shutdown)
  let pending = parts.flatMap(({ init = [] }) => init)
  let trying: Promise<void> | undefined
  const start = async (): Promise<void> => {
    const all = await Promise.allSettled(pending.map(async init => init()))
    pending = pending.filter((_, i) => all[i]?.status === 'rejected')
    const failed = all.find(each => each.status === 'rejected')
    if (failed) throw failed.reason
    trying = undefined
  }
  const ready = () => {
    if (pending.length === 0) return trying
    trying ??= start()
    const observed = trying
    observed.catch(() => {
      if (trying === observed) trying = undefined
    })
    return observed
  }
  if (pending.length > 0) {
    trying = start()
    trying.catch(() => {}) // nobody may be there to hear of it yet: it waits for the first invocation
  }
  return ready
}

const shutdowns: (() => unknown)[] = []

function atShutdown(shutdown: () => unknown): void {
  if (shutdowns.push(shutdown) === 1) process.once('SIGTERM', onSigterm)
}

async function onSigterm(): Promise<void> {
  for (const ended of shutdowns.splice(0).map(async shutdown => shutdown())) await ended.catch(console.error)
  // Another listener decides for itself when to leave.
  if (process.listenerCount('SIGTERM') === 0) process.kill(process.pid, 'SIGTERM')
}
