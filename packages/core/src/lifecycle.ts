// `init` once and in time, `shutdown` on SIGTERM.
import type { MiddlewareParts } from './middleware.ts'

/**
 * Starts every `init` now, in Lambda's init phase, and gives the function that awaits them all. What failed is
 * rejected with its own error to whoever awaits that try, and started again for the next. A middleware that stands in
 * several pipelines is started once.
 */
export function lifecycle(parts: readonly MiddlewareParts[]): () => Promise<unknown> | undefined {
  for (const { shutdown } of parts) {
    if (!shutdown) continue
    if (!shutdowns.size) process.once('SIGTERM', onSigterm)
    shutdowns.add(shutdown)
  }
  let pending = parts.flatMap(({ init = [] }) => init)
  for (const init of pending) start(init).catch(() => {}) // it waits for the first invocation to hear of it
  const ended = async (init: Init) => {
    try {
      await start(init)
      pending = pending.filter(other => other !== init)
    } catch (error) {
      tries.delete(init)
      throw error
    }
  }
  return () => (pending[0] ? Promise.all(pending.map(ended)) : undefined)
}

type Init = () => unknown
const tries = new WeakMap<Init, Promise<unknown>>()

function start(init: Init): Promise<unknown> {
  const trying = tries.get(init) ?? (async () => init())()
  tries.set(init, trying)
  return trying
}

const shutdowns = new Set<() => unknown>()

async function onSigterm(): Promise<void> {
  const ending = Array.from(shutdowns, async shutdown => shutdown())
  shutdowns.clear()
  for (const ended of ending) await ended.catch(console.error)
  // Another listener decides for itself when to leave.
  if (!process.listenerCount('SIGTERM')) process.kill(process.pid, 'SIGTERM')
}
