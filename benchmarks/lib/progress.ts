// How far a long run is, and when it will probably end: a line that changes on a terminal, one every 15 s elsewhere.

/** Call what it gives after each of `total` steps of about the same length. */
export function progress(label: string, total: number): () => void {
  const { isTTY } = process.stderr
  const started = performance.now()
  let done = 0
  let said = started
  return () => {
    done++
    const now = performance.now()
    if (done < total && now - said < (isTTY ? 100 : 15_000)) return
    said = now
    const elapsed = (now - started) / 1000
    const rest =
      done < total ? `about ${duration((elapsed / done) * (total - done))} left` : `took ${duration(elapsed)}`
    process.stderr.write(`${isTTY ? '\r\x1b[K' : ''}${label}: ${done} of ${total}, ${rest}`)
    if (!isTTY || done >= total) process.stderr.write('\n')
  }
}

export const duration = (seconds: number): string =>
  seconds < 90 ? `${Math.ceil(seconds)} s` : `${(seconds / 60).toFixed(1)} min`
