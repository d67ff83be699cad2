// One request over a connection that is kept open for the next.
import type { Agent, ClientRequest, IncomingMessage, RequestOptions } from 'node:http'
import type { Socket } from 'node:net'
import type { Endpoint } from './endpoint.ts'

export interface WireRequest {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Uint8Array
}

export interface WireResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string | undefined>>
  /** The whole body; empty where `stream` is given. */
  readonly body: Buffer
  /** The body that is yet to be read, where it was asked for and the status is below 300. */
  readonly stream?: IncomingMessage | undefined
}

export interface Timeouts {
  /** ms until the connection is open. */
  readonly connection: number
  /** ms until the answer has ended; a streamed one: until it has begun. */
  readonly request: number
}

/** No answer: `code` is Node’s (`ECONNRESET`, …), `TIMEOUT`, or `ABORTED`. */
export class WireError extends Error {
  readonly code: string
  /** The server had closed a connection that was kept open, before it saw the request. */
  readonly stale: boolean

  constructor(message: string, code: string, stale: boolean, cause?: unknown) {
    super(message, { cause })
    this.code = code
    this.stale = stale
  }
}

const LARGEST = 64 * 2 ** 20 // bytes of an answer that is read whole

export function exchange(
  endpoint: Endpoint,
  { method, path, headers, body }: WireRequest,
  timeouts: Timeouts,
  signal: AbortSignal | undefined,
  stream: boolean,
): Promise<WireResponse> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(new WireError('aborted', 'ABORTED', false, signal.reason))
    const { protocol, hostname, port } = endpoint
    const agent = agentOf(protocol)
    const options: RequestOptions = { agent, hostname, port, method, path, headers }
    const request: ClientRequest = process
      .getBuiltinModule(protocol === 'https:' ? 'node:https' : 'node:http')
      .request(options, onResponse)
    let begun = false
    let ended = false

    const end = () => {
      ended = true
      clearTimeout(connecting)
      clearTimeout(answering)
      signal?.removeEventListener('abort', onAbort)
    }
    const fail = (message: string, code: string, cause?: unknown) => {
      if (ended) return
      end()
      reject(new WireError(message, code, request.reusedSocket && !begun && code !== 'TIMEOUT', cause))
      request.destroy()
    }
    const onAbort = () => fail('aborted', 'ABORTED', signal?.reason)
    const timer = (ms: number, what: string) => setTimeout(() => fail(`${what} within ${ms} ms`, 'TIMEOUT'), ms)
    let connecting: NodeJS.Timeout | undefined
    const answering = timer(timeouts.request, 'no answer')
    signal?.addEventListener('abort', onAbort, { once: true })

    request.on('error', error => fail(error.message, (error as NodeJS.ErrnoException).code ?? 'UNKNOWN', error))
    request.on('socket', (socket: Socket) => {
      if (!socket.connecting) return
      connecting = timer(timeouts.connection, 'no connection')
      socket.once(protocol === 'https:' ? 'secureConnect' : 'connect', () => clearTimeout(connecting))
    })

    function onResponse(response: IncomingMessage): void {
      begun = true
      clearTimeout(connecting)
      const status = response.statusCode ?? 0
      const answer = { status, headers: response.headers as WireResponse['headers'] }
      if (stream && status < 300) {
        end()
        // Who aborts later ends the body.
        const stop = () => response.destroy(Object.assign(new Error('aborted'), { name: 'AbortError' }))
        signal?.addEventListener('abort', stop, { once: true })
        response.once('close', () => signal?.removeEventListener('abort', stop))
        resolve({ ...answer, body: Buffer.alloc(0), stream: response })
        return
      }
      const chunks: Buffer[] = []
      let length = 0
      response.on('data', (chunk: Buffer) => {
        chunks.push(chunk)
        length += chunk.length
        if (length > LARGEST) fail(`the answer is larger than ${LARGEST} bytes`, 'TOO_LARGE')
      })
      response.on('end', () => {
        if (!response.complete) return fail('the answer was cut short', 'ECONNRESET')
        if (ended) return
        end()
        resolve({ ...answer, body: Buffer.concat(chunks) })
      })
      response.on('error', error => fail(error.message, (error as NodeJS.ErrnoException).code ?? 'ECONNRESET', error))
    }

    request.end(body)
  })
}

const agents: { [protocol: string]: Agent } = {}
const warm = new Map<string, Socket[]>()

/** One for all clients of a thread: what is open to a host serves every client of it. */
function agentOf(protocol: Endpoint['protocol']): Agent {
  const existing = agents[protocol]
  if (existing) return existing
  const module = process.getBuiltinModule(protocol === 'https:' ? 'node:https' : 'node:http')
  const agent: Agent = new module.Agent({ keepAlive: true, scheduling: 'lifo' })
  const create = agent.createConnection.bind(agent)
  agent.createConnection = (options, callback) => {
    const { host, port } = options as { readonly host?: string; readonly port?: number }
    const socket = warm.get(`${protocol}${host}:${port}`)?.pop()
    return socket && !socket.destroyed ? socket : create(options, callback)
  }
  agents[protocol] = agent
  return agent
}

/** Opens a connection that the next request to the endpoint takes. Never rejects: that request says what is wrong. */
export function connect({ protocol, hostname, port }: Endpoint, ms: number): Promise<void> {
  return new Promise(resolve => {
    const options = { host: hostname, port, ...(protocol === 'https:' && { servername: hostname }) }
    const key = `${protocol}${hostname}:${port}`
    agentOf(protocol)
    const socket: Socket =
      protocol === 'https:'
        ? process.getBuiltinModule('node:tls').connect({ ...options, ALPNProtocols: ['http/1.1'] })
        : process.getBuiltinModule('node:net').connect(options)
    const timer = setTimeout(() => socket.destroy(), ms)
    const drop = () => {
      clearTimeout(timer)
      const rest = warm.get(key)?.filter(other => other !== socket)
      if (rest) warm.set(key, rest)
      resolve()
    }
    socket.once('error', drop)
    socket.once('close', drop)
    socket.once(protocol === 'https:' ? 'secureConnect' : 'connect', () => {
      clearTimeout(timer)
      socket.unref()
      resolve()
    })
    warm.set(key, [...(warm.get(key) ?? []), socket])
  })
}
