// What an error says of the next attempt: when, whether there were too many requests, and how many were made already.

export interface Hints {
  /** There were too many requests. */
  readonly throttling: boolean
  /** ms to wait at least, where the other side said so. */
  readonly retryAfter: number | undefined
  /** How many attempts a client of AWS made before it gave up; 1 where nothing says. */
  readonly attempts: number
  /** It is `retryLater()` of @lambent/events: the handler wants the message again, not another attempt now. */
  readonly later: boolean
}

const THROTTLING = /Throttl|TooManyRequests|(Throughput|Limit)Exceeded|SlowDown/
const MOST = 32 // of an error, its causes and its members

/**
 * Reads, of the error, its causes and its members: `retryAfter` (ms) of Lambent's errors; `Retry-After` (s, or a date)
 * in the headers of an HttpError or of a response; `$retryable`, `$metadata`, `status` and `name`. Never throws.
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3
 */
export function hintsOf(error: unknown): Hints {
  const all = [error]
  const pauses: number[] = []
  let throttling = false
  let attempts = 1
  // The list grows as it is read; its bound ends circles too.
  for (let i = 0; i < Math.min(all.length, MOST); i++)
    try {
      const {
        retryable,
        retryAfter,
        headers,
        response,
        $response,
        $retryable,
        $metadata,
        status,
        name,
        cause,
        errors,
      } = Object(all[i]) as { readonly [name: string]: unknown }
      all.push(...[cause ?? [], errors ?? []].flat().slice(0, MOST))
      const metadata = Object($metadata)
      throttling ||= Object($retryable).throttling === true || THROTTLING.test(`${name}`)
      throttling ||= status === 429 || metadata.httpStatusCode === 429
      if (metadata.attempts > attempts) attempts = Math.trunc(metadata.attempts)
      // Other libraries have a `retryAfter` too, and not all in milliseconds.
      if (typeof retryable === 'boolean') pauses.push(Number(retryAfter))
      for (const each of [headers, Object(response).headers, Object($response).headers]) pauses.push(retryAfterOf(each))
    } catch {} // a getter that throws
  const said = pauses.filter(ms => ms >= 0)
  return { throttling, retryAfter: said.length > 0 ? Math.max(...said) : undefined, attempts, later: isLater(error) }
}

/** ms, or NaN. */
function retryAfterOf(headers: unknown): number {
  const named = Object.entries(Object(headers)).find(([name]) => name.toLowerCase() === 'retry-after')?.[1]
  const value = `${named ?? Object(headers).get?.('retry-after')}`
  return /^\d{1,9}$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now()
}

function isLater(error: unknown): boolean {
  try {
    return Object(error).code === 'RetryLater'
  } catch {
    return false
  }
}
