// Calls and failures of the last so many milliseconds, counted in ten steps: memory does not grow with the calls.

export interface SlidingWindow {
  add(failed: boolean): void
  counts(): { readonly calls: number; readonly failures: number }
  clear(): void
}

const STEPS = 10

export function slidingWindow(ms: number): SlidingWindow {
  let steps: { readonly step: number; calls: number; failures: number }[] = []
  const stepNow = () => Math.floor(Date.now() / (ms / STEPS))
  const current = () => {
    const now = stepNow()
    steps = steps.filter(({ step }) => step > now - STEPS && step <= now)
    return now
  }
  return {
    add(failed) {
      const step = current()
      let last = steps.at(-1)
      if (last?.step !== step) {
        last = { step, calls: 0, failures: 0 }
        steps.push(last)
      }
      last.calls++
      if (failed) last.failures++
    },
    counts() {
      current()
      return steps.reduce(
        (sum, { calls, failures }) => ({ calls: sum.calls + calls, failures: sum.failures + failures }),
        { calls: 0, failures: 0 },
      )
    },
    clear() {
      steps = []
    },
  }
}
