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
const DEPTH = 8 // of causes, as in `classify`

/**
 * Reads, of the error, its causes and its members: `retryAfter` (ms) of Lambent's errors; `Retry-After` (s, or a date)
 * in the headers of an HttpError or of a response; `$retryable`, `$metadata`, `status` and `name`. Never throws.
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3
 */
export function hintsOf(error: unknown, depth = 0): Hints {
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
      code,
      cause,
      errors,
    } = Object(error) as { readonly [key: string]: unknown }
    const { httpStatusCode, attempts } = Object($metadata)
    const said = [headers, Object(response).headers, Object($response).headers].map(retryAfterOf)
    // Other libraries have a `retryAfter` too, and not all in milliseconds.
    if (typeof retryable === 'boolean' && Number(retryAfter) >= 0) said.push(Number(retryAfter))
    const own: Hints = {
      throttling:
        Object($retryable).throttling === true ||
        httpStatusCode === 429 ||
        status === 429 ||
        THROTTLING.test(`${name}`),
      retryAfter: longest(said),
      attempts: Number.isSafeInteger(attempts) && attempts > 0 ? attempts : 1,
      later: code === 'RetryLater',
    }
    const inner = depth < DEPTH ? [cause ?? [], errors ?? []].flat().slice(0, DEPTH) : []
    const all = [own, ...inner.map(each => hintsOf(each, depth + 1))]
    return {
      throttling: all.some(({ throttling }) => throttling),
      retryAfter: longest(all.map(each => each.retryAfter)),
      attempts: Math.max(...all.map(each => each.attempts)),
      later: own.later,
    }
  } catch {
    return { throttling: false, retryAfter: undefined, attempts: 1, later: false } // a getter that throws
  }
}

function longest(all: readonly (number | undefined)[]): number | undefined {
  const said = all.filter(ms => ms !== undefined)
  return said.length > 0 ? Math.max(...said) : undefined
}

function retryAfterOf(headers: unknown): number | undefined {
  const found = Object.entries(Object(headers)).find(([name]) => name.toLowerCase() === 'retry-after')?.[1]
  const value = found ?? Object(headers).get?.('retry-after')
  if (value === undefined || value === null) return undefined
  const ms = /^\d{1,9}$/.test(`${value}`) ? Number(value) * 1000 : Date.parse(`${value}`) - Date.now()
  return ms >= 0 ? ms : undefined
}
