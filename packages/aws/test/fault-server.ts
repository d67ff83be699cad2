// An AWS that misbehaves: each request is answered by the next of a list of answers.
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Seen {
  readonly method: string
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

export type Answer = (response: ServerResponse, seen: Seen) => void

export interface FaultServer {
  readonly endpoint: string
  readonly seen: readonly Seen[]
  readonly connections: number
  /** Replaces what is to come. The last is given again and again. */
  answer(...answers: Answer[]): void
  close(): Promise<void>
}

export async function faultServer(): Promise<FaultServer> {
  let answers: Answer[] = []
  let seen: Seen[] = []
  let connections = 0
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request.setEncoding('utf8')) body += chunk
    const one = { method: request.method ?? '', path: request.url ?? '', headers: request.headers, body }
    seen.push(one)
    const next = answers.length > 1 ? answers.shift() : answers[0]
    next?.(response, one)
  })
  server.on('connection', () => {
    connections++
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get seen() {
      return seen
    },
    get connections() {
      return connections
    },
    answer(...next) {
      answers = next
      seen = []
      connections = 0
    },
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

export const json =
  (body: unknown, status = 200, headers: Readonly<Record<string, string>> = {}): Answer =>
  response => {
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0', ...headers }).end(JSON.stringify(body))
  }

export const text =
  (body: string, status: number, headers: Readonly<Record<string, string>> = {}): Answer =>
  response => {
    response.writeHead(status, headers).end(body)
  }

/** Closes the connection, with nothing said. */
export const reset: Answer = response => {
  response.socket?.resetAndDestroy()
}

/** Says that more comes than does. */
export const cut: Answer = response => {
  response.writeHead(200, { 'content-length': '100' })
  response.write('{"Item":')
  setTimeout(() => response.socket?.destroy(), 5)
}

/** Never answers. */
export const silent: Answer = () => {}

export const throttled: Answer = json(
  { __type: 'com.amazon#ProvisionedThroughputExceededException', message: 'slow' },
  400,
)
