// The one classification of errors. `retry`, `deadLetter` and the sources read it; nobody else invents one.

/** `retryable`: the same work may succeed later. `permanent`: it will not. `unknown`: nothing says. */
export type Classification = 'retryable' | 'permanent' | 'unknown'

// AWS's names for throttling and for faults that pass, the web's for aborts; after a blank the HTTP status, or the code
// of Node's system errors and undici's: each as far as another attempt can help.
const TRANSIENT =
  /^Abort|Throttl|TooManyRequests|(Throughput|Limit)Exceeded|SlowDown|TransactionInProgress|Timeout|Internal(Server|Failure)|Unavailable| (429|50[0234]|E(CONN|PIPE|TIMEDOUT|AI_AGAIN|NOTFOUND|\w+UNREACH)|UND_ERR_(SOCKET|.*TIMEOUT))/
// Requests that are wrong in themselves. Missing rights and missing resources are not here: a deployment mends them.
const WRONG = /^(Validation|ConditionalCheckFailed)/

const MOST = 999 // errors, their causes and members

/**
 * Says whether the same work may succeed later. Reads, in this order: `retryable` of Lambent's errors, `$retryable`,
 * `name` and `$metadata.httpStatusCode` of the AWS SDK's, Node's and undici's network codes, `AbortError` and
 * `TimeoutError`; then the same of `cause` and of the members of an AggregateError: one that is retryable makes it so,
 * and only when all are permanent is it permanent. Takes anything that can be thrown; never throws itself.
 * @see https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
 */
export function classify(error: unknown): Classification {
  return look(error, [])
}

/** `seen` is as long as errors were looked at: circles, and aggregates of aggregates, end as unknown. */
function look(error: unknown, seen: unknown[]): Classification {
  try {
    if (seen.push(error) > MOST) return 'unknown'
    const { retryable, $retryable, $metadata, name, code, errors, cause } = error as Facts
    if (typeof retryable === 'boolean') return retryable ? 'retryable' : 'permanent'
    if (WRONG.test(name as string)) return 'permanent'
    const status = ($metadata as { httpStatusCode?: unknown } | undefined)?.httpStatusCode
    if ($retryable || TRANSIENT.test(`${name} ${status} ${code}`)) return 'retryable'
    const all = [errors ?? [], cause ?? []].flat().map(each => look(each, seen))
    if (all.includes('retryable')) return 'retryable'
    return all[0] && !all.includes('unknown') ? 'permanent' : 'unknown'
  } catch {
    return 'unknown' // null, undefined, or what has a getter that throws
  }
}

type Facts = { [key in 'retryable' | '$retryable' | '$metadata' | 'name' | 'code' | 'errors' | 'cause']?: unknown }
