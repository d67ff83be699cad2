// The one classification of errors. `retry`, `deadLetter` and the sources read it; nobody else invents one.

/** `retryable`: the same work may succeed later. `permanent`: it will not. `unknown`: nothing says. */
export type Classification = 'retryable' | 'permanent' | 'unknown'

// Node's system errors and undici's, as far as another attempt can help.
const NETWORK = /^E(CONN|PIPE|TIMEDOUT|AI_AGAIN|NOTFOUND|(HOST|NET)UNREACH)|^UND_ERR_(SOCKET|.*TIMEOUT)/
// AWS's names for throttling and for faults that pass, the web's for aborts, and after a blank the HTTP status.
const TRANSIENT =
  /Throttl|TooManyRequests|(Throughput|Limit)Exceeded|SlowDown|TransactionInProgress|Timeout|^Abort|Internal(Server|Failure)|Unavailable| (429|50[0234])$/
// Requests that are wrong in themselves. Missing rights and missing resources are not here: a deployment mends them.
const WRONG = /^(Validation|ConditionalCheckFailed)/

const DEPTH = 8 // of causes: deeper chains, and circles, end as unknown

/**
 * Says whether the same work may succeed later. Reads, in this order: `retryable` of Lambent's errors, `$retryable`,
 * `name` and `$metadata.httpStatusCode` of the AWS SDK's, Node's and undici's network codes, `AbortError` and
 * `TimeoutError`; then the same of `cause` and of the members of an AggregateError: one that is retryable makes it so,
 * and only when all are permanent is it permanent. Takes anything that can be thrown; never throws itself.
 * @see https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
 */
export function classify(error: unknown): Classification {
  return look(error, 0)
}

function look(error: unknown, depth: number): Classification {
  if (depth > DEPTH) return 'unknown'
  try {
    return own(error as Facts) ?? inner(error as Facts, depth + 1)
  } catch {
    return 'unknown' // null, undefined, or what has a getter that throws
  }
}

type Facts = { [key in 'retryable' | '$retryable' | '$metadata' | 'name' | 'code' | 'errors' | 'cause']?: unknown }

function own({ retryable, $retryable, $metadata, name, code }: Facts): Classification | undefined {
  if (typeof retryable === 'boolean') return retryable ? 'retryable' : 'permanent'
  if (WRONG.test(name as string)) return 'permanent'
  const status = ($metadata as { httpStatusCode?: unknown } | undefined)?.httpStatusCode
  return $retryable || TRANSIENT.test(`${name} ${status}`) || NETWORK.test(code as string) ? 'retryable' : undefined
}

function inner({ errors, cause }: Facts, depth: number): Classification {
  const inside = [...(Array.isArray(errors) ? errors : []), ...(cause === undefined ? [] : [cause])]
  const all = inside.map(each => look(each, depth))
  if (all.includes('retryable')) return 'retryable'
  return all[0] && !all.includes('unknown') ? 'permanent' : 'unknown'
}
