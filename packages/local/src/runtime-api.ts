// The Lambda Runtime API over HTTP, for one runtime process: it parks the runtime's long poll, hands it one invocation
// at a time and takes the reply. It knows nothing of processes, timeouts or queues.
// https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** The most bytes a buffered response may have: 6 MB and 100 bytes, the number that Lambda's own message gives. */
export const MAX_RESPONSE_BYTES = 6_291_556

/** The most bytes a streamed response may have: 200 MB. */
const MAX_STREAMED_RESPONSE_BYTES = 209_715_200

/** One invocation, as the runtime gets it from `GET /runtime/invocation/next`. */
export interface RuntimeRequest {
  readonly requestId: string
  /** When the function times out, in ms since the epoch. */
  readonly deadlineMs: number
  readonly invokedFunctionArn: string
  readonly traceId: string
  /** JSON. */
  readonly clientContext?: string
  /** JSON. */
  readonly cognitoIdentity?: string
  readonly tenantId?: string
  /** The event: JSON, handed over byte for byte. */
  readonly body: Uint8Array
}

/** What the runtime said of an invocation. */
export type RuntimeReply =
  | { readonly kind: 'response'; readonly body: Buffer }
  | { readonly kind: 'too-large'; readonly size: number; readonly limit: number }
  | RuntimeError

/** An error the runtime reported, of an invocation or of its initialization. */
export interface RuntimeError {
  readonly kind: 'error'
  readonly body: Buffer
  /** From the header `Lambda-Runtime-Function-Error-Type`, where the runtime sent it. */
  readonly errorType?: string
}

export interface RuntimeApi {
  /** `host:port`, what `AWS_LAMBDA_RUNTIME_API` holds. */
  readonly address: string
  /** Settles when the runtime reports that its initialization failed, and never otherwise. */
  readonly initError: Promise<RuntimeError>
  /** Settles once the runtime waits for an invocation: at once, if it does already. */
  ready(): Promise<void>
  /**
   * Hands an invocation to the runtime and waits for its reply, which may never come: race it with the process's end.
   * @throws {Error} if the runtime has not replied to the one before.
   */
  invoke(request: RuntimeRequest): Promise<RuntimeReply>
  /** Closes the server and every connection. */
  close(): Promise<void>
}

interface Invocation {
  readonly request: RuntimeRequest
  readonly resolve: (reply: RuntimeReply) => void
}

const PREFIX = '/2018-06-01/runtime'
const INVOCATION_PATH = new RegExp(`^${PREFIX}/invocation/([^/]+)/(response|error)$`)

/** Starts a Runtime API on a free port of the loopback interface. */
export async function startRuntimeApi(): Promise<RuntimeApi> {
  const initError = Promise.withResolvers<RuntimeError>()
  let initialized = false
  let parked: ServerResponse | undefined
  let queued: Invocation | undefined
  let running: Invocation | undefined
  let answeredId: string | undefined
  let readyWaiters: (() => void)[] = []

  function hand(invocation: Invocation, response: ServerResponse): void {
    running = invocation
    const { request } = invocation
    response.writeHead(200, {
      'Content-Type': 'application/json',
      'Content-Length': request.body.byteLength,
      'Lambda-Runtime-Aws-Request-Id': request.requestId,
      'Lambda-Runtime-Deadline-Ms': String(request.deadlineMs),
      'Lambda-Runtime-Invoked-Function-Arn': request.invokedFunctionArn,
      'Lambda-Runtime-Trace-Id': request.traceId,
      ...(request.clientContext !== undefined && {
        'Lambda-Runtime-Client-Context': asciiJson(request.clientContext),
      }),
      ...(request.cognitoIdentity !== undefined && {
        'Lambda-Runtime-Cognito-Identity': asciiJson(request.cognitoIdentity),
      }),
      ...(request.tenantId !== undefined && { 'Lambda-Runtime-Aws-Tenant-Id': request.tenantId }),
    })
    response.end(request.body)
  }

  function next(response: ServerResponse): void {
    // While an invocation runs the request waits too: aws-lambda-ric asks for the next one before it has sent the whole
    // of a stream that failed.
    if (parked !== undefined) {
      refuseTransition(response, 'the runtime waits for an invocation already')
      return
    }
    initialized = true
    for (const resolve of readyWaiters.splice(0)) resolve()
    if (queued !== undefined) {
      const invocation = queued
      queued = undefined
      hand(invocation, response)
      return
    }
    parked = response
    response.once('close', () => {
      if (parked === response) parked = undefined
    })
  }

  async function reply(
    id: string,
    kind: 'response' | 'error',
    message: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    if (id !== running?.request.requestId) {
      message.resume()
      if (id === answeredId) return refuseTransition(response, `invocation ${id} has its reply already`)
      return fail(response, 400, 'InvalidRequestID', 'Invalid request ID')
    }
    // Taken off before the body is read, so that a second reply that comes meanwhile is refused.
    const invocation = running
    running = undefined
    answeredId = id

    const streaming = message.headers['lambda-runtime-function-response-mode'] === 'streaming'
    const limit = streaming ? MAX_STREAMED_RESPONSE_BYTES : MAX_RESPONSE_BYTES
    const { body, size } = await readBody(message, limit)
    if (size > limit) {
      invocation.resolve({ kind: 'too-large', size, limit })
      return fail(
        response,
        413,
        'Function.ResponseSizeTooLarge',
        `Exceeded maximum allowed payload size (${limit} bytes).`,
      )
    }
    const trailer = message.trailers['lambda-runtime-function-error-body']
    if (kind === 'error') invocation.resolve(errorOf(message, body))
    else if (trailer !== undefined) invocation.resolve({ kind: 'error', body: Buffer.from(trailer, 'base64') })
    else invocation.resolve({ kind: 'response', body })
    accept(response)
  }

  async function handle(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (message.url ?? '').split('?', 1)[0] ?? ''
    const [, id, kind] = INVOCATION_PATH.exec(path) ?? []
    const expected = path === `${PREFIX}/invocation/next` ? 'GET' : 'POST'
    const known = expected === 'GET' || path === `${PREFIX}/init/error` || id !== undefined
    if (!known || message.method !== expected) {
      message.resume()
      if (!known) return fail(response, 404, 'NotFound', `The Runtime API has no ${path}`)
      return fail(response, 405, 'MethodNotAllowed', `${path} takes ${expected}, not ${message.method}`)
    }
    if (expected === 'GET') return next(response)
    if (id !== undefined) return reply(decodeId(id), kind === 'error' ? 'error' : 'response', message, response)

    const { body } = await readBody(message, MAX_RESPONSE_BYTES)
    if (initialized) return refuseTransition(response, 'the runtime reported an init error after its initialization')
    initError.resolve(errorOf(message, body))
    accept(response)
  }

  // A connection that breaks in the middle of a body: its process has died, which whoever runs the process notices.
  const server = createServer((message, response) => void handle(message, response).catch(() => response.destroy()))
  server.keepAliveTimeout = 0
  server.requestTimeout = 0
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo

  return {
    address: `127.0.0.1:${port}`,
    initError: initError.promise,
    ready() {
      if (parked !== undefined) return Promise.resolve()
      return new Promise(resolve => {
        readyWaiters = [...readyWaiters, resolve]
      })
    },
    invoke(request) {
      if (queued !== undefined || running !== undefined) {
        const before = (queued ?? running)?.request.requestId
        return Promise.reject(new Error(`Runtime API: invocation ${before} has no reply yet; one at a time`))
      }
      return new Promise(resolve => {
        const invocation = { request, resolve }
        if (parked === undefined) {
          queued = invocation
          return
        }
        const response = parked
        parked = undefined
        hand(invocation, response)
      })
    },
    close() {
      return new Promise(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      })
    },
  }
}

function decodeId(id: string): string {
  try {
    return decodeURIComponent(id)
  } catch {
    return id
  }
}

/** Past the limit the body is counted, not kept: the runtime must be able to send it all before it reads the answer. */
async function readBody(message: IncomingMessage, limit: number): Promise<{ body: Buffer; size: number }> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of message as AsyncIterable<Buffer>) {
    size += chunk.byteLength
    if (size <= limit) chunks.push(chunk)
  }
  return { body: Buffer.concat(chunks), size }
}

function errorOf(message: IncomingMessage, body: Buffer): RuntimeError {
  const errorType = message.headers['lambda-runtime-function-error-type']
  return { kind: 'error', body, ...(typeof errorType === 'string' && { errorType }) }
}

/** HTTP headers carry no more than Latin-1, JSON can say anything in ASCII. */
function asciiJson(json: string): string {
  return json.replace(/[^\x20-\x7e]/g, unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

function accept(response: ServerResponse): void {
  send(response, 202, { status: 'OK' })
}

function refuseTransition(response: ServerResponse, why: string): void {
  fail(response, 403, 'InvalidStateTransition', `State transition is not allowed: ${why}`)
}

function fail(response: ServerResponse, status: number, errorType: string, errorMessage: string): void {
  send(response, status, { errorMessage, errorType })
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'Content-Type': 'application/json' })
  response.end(JSON.stringify(body))
}
