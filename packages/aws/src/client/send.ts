// A call: signed, sent, answered; tried again where that helps. What a service adds is how its calls look on the wire:
// json.ts, query.ts and rest.ts make `Call`s, and read their answers.
import { type CallOptions, type ClientConfig, mustBeConfig, numberOf } from './client-config.ts'
import { connect } from './connection.ts'
import { credentialsOf } from './credentials.ts'
import { type Endpoint, endpointOf, regionOf } from './endpoint.ts'
import { AwsError } from './errors.ts'
import { exchange, WireError, type WireResponse } from './http.ts'
import type { ResponseMetadata } from './metadata.ts'
import { delayOf, isSkewed, retryAfterOf, retryBudget, retryOf } from './retry.ts'
import type { Service } from './service.ts'
import { sign } from './sign.ts'

/** What an error of AWS says, as a protocol reads it. */
export interface ErrorAnswer {
  readonly name: string
  readonly message: string
  readonly members?: Readonly<Record<string, unknown>> | undefined
  /** Where AWS says whose fault it is. */
  readonly $fault?: 'client' | 'server' | undefined
}

export interface Call<Output> {
  readonly operation: string
  readonly method: string
  /** From the service's root, with its query, encoded. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Uint8Array
  /** Another place than the client's, such as a bucket's host. */
  readonly endpoint?: ((endpoint: Endpoint) => Endpoint) | undefined
  /** The body is given on as it comes. */
  readonly stream?: boolean | undefined
  /** The output of an answer below 300. Throws where it is none. */
  read(response: WireResponse): Output
  /** The error of another; undefined where the body says none. */
  readError(response: WireResponse): ErrorAnswer | undefined
}

export interface Sender {
  send<Output extends object>(
    call: Call<Output>,
    options?: CallOptions,
  ): Promise<Output & { $metadata: ResponseMetadata }>
  connect(): Promise<void>
}

const CLOSE = 4 * 60_000 // ms of a skew that AWS still takes, less a minute

/** Nothing is loaded, read or opened before the first call. */
export function sender(service: Service, config: ClientConfig = {}): Sender {
  mustBeConfig(service.name, config)
  const credentials = credentialsOf(config.credentials)
  const budget = retryBudget()
  let skew = 0 // ms that AWS's clock is ahead of ours
  let place: { readonly endpoint: Endpoint; readonly region: string } | undefined

  const locate = () => {
    if (!place) {
      const endpoint = endpointOf(service, config)
      place = { endpoint, region: regionOf(service, config) }
    }
    return place
  }

  async function attempt<Output>(
    call: Call<Output>,
    options: CallOptions,
    metadata: ResponseMetadata,
  ): Promise<Output> {
    const { endpoint: base, region } = locate()
    const endpoint = call.endpoint?.(base) ?? base
    const { method, headers, body } = call
    const given = await untilAborted(credentials(), options.abortSignal, metadata)
    const path = `${endpoint.path}${call.path}`
    const signed = sign(
      { method, host: endpoint.host, path, headers, body },
      service.signingName,
      region,
      given,
      Date.now() + skew,
    )
    const timeouts = {
      connection: config.connectionTimeout ?? 2000,
      request: options.requestTimeout ?? config.requestTimeout ?? 10_000,
    }
    const response = await exchange(
      endpoint,
      { method, path, headers: signed, body },
      timeouts,
      options.abortSignal,
      call.stream ?? false,
    )
    metadata.httpStatusCode = response.status
    metadata.requestId = response.headers['x-amzn-requestid'] ?? response.headers['x-amz-request-id']
    metadata.extendedRequestId = response.headers['x-amz-id-2']
    if (response.status >= 300) throw new Refusal(response)
    try {
      return call.read(response)
    } catch (error) {
      throw malformed(service, call, response, error)
    }
  }

  return {
    async send(call, options = {}) {
      const { abortSignal } = options
      const most = config.maxAttempts ?? numberOf(process.env.AWS_MAX_ATTEMPTS) ?? 3
      const metadata: ResponseMetadata = { attempts: 0, totalRetryDelay: 0 }
      let corrected = false
      let stale = 0
      let cost: number | undefined
      for (let tried = 1; ; ) {
        metadata.attempts = tried + stale + Number(corrected)
        const signedWith = skew // which another call may correct meanwhile
        try {
          const output = await attempt(call, options, metadata)
          budget.refund(cost)
          return { ...output, $metadata: metadata }
        } catch (problem) {
          if (abortSignal?.aborted) throw aborted(abortSignal, metadata)
          // The request was not seen: a new connection takes it, at once.
          if (problem instanceof WireError && problem.stale && stale < 2) {
            stale++
            continue
          }
          const response = problem instanceof Refusal ? problem.response : undefined
          const error = errorOf(service, call, problem, metadata)
          if (response && !corrected && isSkewed(error)) {
            const theirs = Date.parse(response.headers.date ?? '')
            if (Math.abs(theirs - Date.now() - signedWith) > CLOSE) {
              skew = theirs - Date.now()
              corrected = true
              continue
            }
          }
          const kind = error.$retryable && (error.$retryable.throttling ? 'throttling' : 'transient')
          if (!kind || tried >= most) throw error
          cost = budget.take(kind)
          if (cost === undefined) throw error
          const delay = delayOf(kind, tried, response && retryAfterOf(response.headers))
          await sleep(delay, abortSignal, metadata)
          metadata.totalRetryDelay = (metadata.totalRetryDelay ?? 0) + delay
          tried++
        }
      }
    },
    async connect() {
      try {
        await Promise.all([connect(locate().endpoint, config.connectionTimeout ?? 2000), credentials()])
      } catch {
        // The first call says what is wrong, to somebody who waits for it.
      }
    },
  }
}

/** An answer of 300 and above. */
class Refusal extends Error {
  readonly response: WireResponse
  constructor(response: WireResponse) {
    super()
    this.response = response
  }
}

function errorOf(service: Service, call: Call<unknown>, problem: unknown, $metadata: ResponseMetadata): AwsError {
  if (problem instanceof AwsError) return Object.assign(problem, { $metadata })
  const common = { $service: service.name, $metadata: { ...$metadata } }
  if (problem instanceof WireError) {
    const name = problem.code === 'TIMEOUT' ? 'TimeoutError' : 'NetworkError'
    const message = `${service.name} ${call.operation}: ${problem.message}`
    // As long as it is not known whose fault it is, another attempt may help, but where the answer is too large.
    const $retryable = problem.code === 'TOO_LARGE' ? undefined : {}
    return new AwsError({ ...common, name, message, $fault: 'server', $retryable, cause: problem.cause ?? problem })
  }
  if (!(problem instanceof Refusal)) {
    const { message = String(problem) } = Object(problem) as { readonly message?: string }
    return new AwsError({
      ...common,
      name: 'RequestError',
      message: `${service.name} ${call.operation}: ${message}`,
      $fault: 'client',
      cause: problem,
    })
  }
  const { response } = problem
  const { status, headers } = response
  let answer: ErrorAnswer | undefined
  try {
    answer = call.readError(response)
  } catch {
    // What is no error of the protocol is one of a proxy, or was cut.
  }
  const name =
    answer?.name ||
    (status === 429 ? 'TooManyRequestsException' : status >= 500 ? 'ServiceUnavailable' : 'UnknownError')
  const message =
    answer?.message ||
    `${service.name} ${call.operation} was answered with ${status}${answer?.name ? '' : ` and no error of AWS (${headers['content-type'] ?? 'no type'}, ${response.body.length} bytes)`}`
  const kind = retryOf(name, status)
  return new AwsError({
    ...common,
    name,
    message,
    $fault: answer?.$fault ?? (status >= 500 ? 'server' : 'client'),
    $retryable: kind && (kind === 'throttling' ? { throttling: true } : {}),
    members: answer?.members,
  })
}

function malformed(
  service: Service,
  call: Call<unknown>,
  { status, headers, body }: WireResponse,
  cause: unknown,
): AwsError {
  const what = cause instanceof SyntaxError ? 'that is not what it should be' : (cause as Error).message
  return new AwsError({
    name: 'MalformedResponseError',
    // The cause may quote the answer, which may be a secret.
    message: `${service.name} ${call.operation} was answered with ${status} and a body ${what} (${headers['content-type'] ?? 'no type'}, ${body.length} bytes)`,
    $fault: 'server',
    $service: service.name,
  })
}

function aborted({ reason }: AbortSignal, $metadata: ResponseMetadata): Error {
  return Object.assign(new Error('Request aborted', { cause: reason }), { name: 'AbortError', $metadata })
}

/** What the promise gives, or an AbortError as soon as the signal fires. */
function untilAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined, metadata: ResponseMetadata): Promise<T> {
  if (!signal) return promise
  return new Promise((resolve, reject) => {
    const stop = () => reject(aborted(signal, metadata))
    if (signal.aborted) stop()
    signal.addEventListener('abort', stop)
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop))
  })
}

function sleep(ms: number, signal: AbortSignal | undefined, metadata: ResponseMetadata): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, ms)
  return untilAborted(promise, signal, metadata).finally(() => clearTimeout(timer))
}
