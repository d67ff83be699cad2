// An HTTP API on this machine: what API Gateway does between a request and a function, payload format 2.0. A function URL
// is one whose only route is `$default`.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { apiGatewayProxyEventV2 } from '@lambent/testing'
import type { LambdaFunction } from './function.ts'

export interface HttpApiOptions {
  /** Functions by their route keys: `POST /orders`, `GET /orders/{orderId}`, `ANY /files/{path+}`, `$default`. */
  readonly routes: Readonly<Record<string, Pick<LambdaFunction, 'invoke'>>>
  /** On 127.0.0.1. @default one that is free */
  readonly port?: number
}

export interface HttpApi extends AsyncDisposable {
  /** `http://127.0.0.1:<port>` */
  readonly url: string
  /** Closes all connections. The functions go on: stop them after it. */
  stop(): Promise<void>
}

/** What API Gateway takes of a body: 10 MB. */
const MAX_BODY_BYTES = 10_485_760

/**
 * Serves functions over HTTP, for a browser, curl or `fetch`.
 *
 * @throws {TypeError} for a route key that is none
 * @example
 * const orders = await startFunction({ handler: 'dist/create-order.handler' })
 * await using api = await startHttpApi({ routes: { 'POST /orders': orders } })
 * await fetch(`${api.url}/orders`, { method: 'POST', body: '{}' })
 */
export async function startHttpApi({ routes, port = 0 }: HttpApiOptions): Promise<HttpApi> {
  const table = Object.entries(routes).map(([key, lambda]) => ({ ...routeOf(key), lambda }))
  const server = createServer((request, response) => {
    answer(request, response).catch(error => {
      console.error(`startHttpApi: ${request.method} ${request.url}:`, error)
      if (response.headersSent) response.destroy()
      else send(response, 500, 'Internal Server Error')
    })
  })

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // After the host, so that the path of `//evil.example/x` is all of it.
    const { pathname, search, searchParams } = new URL(`http://localhost${request.url?.replace(/^[^/]*/, '')}`)
    const route = table
      .filter(({ method, pattern }) => (method === 'ANY' || method === request.method) && pattern.test(pathname))
      .sort((a, b) => b.rank - a.rank)[0]
    if (!route) return send(response, 404, 'Not Found')
    const body = await bodyOf(request)
    if (!body) return send(response, 413, 'Request Entity Too Large')
    const event = apiGatewayProxyEventV2(
      {
        method: request.method,
        path: pathname,
        query: Object.fromEntries([...new Set(searchParams.keys())].map(name => [name, searchParams.getAll(name)])),
        headers: { accept: undefined, 'user-agent': undefined, ...request.headersDistinct },
        ...(body.byteLength > 0 && { body: isText(request.headers['content-type']) ? body.toString() : body }),
        rawQueryString: search.slice(1),
        routeKey: route.key,
        pathParameters: route.parameters(pathname),
        requestContext: { routeKey: route.key, requestId: randomUUID() },
      },
      { now: Date.now() },
    )
    const result = await route.lambda.invoke(event)
    if (result.functionError) return send(response, 500, 'Internal Server Error')
    write(response, result.payload)
  }

  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  async function stop(): Promise<void> {
    if (!server.listening) return
    const closed = once(server, 'close')
    server.close()
    server.closeAllConnections()
    await closed
  }
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, stop, [Symbol.asyncDispose]: stop }
}

interface Route {
  readonly key: string
  readonly method: string
  readonly pattern: RegExp
  /** Of the routes that match, the one with the most of it serves: all of its path is fixed, or the more, or the method is. */
  readonly rank: number
  /** Decoded. */
  parameters(pathname: string): Record<string, string> | undefined
}

function routeOf(key: string): Route {
  if (key === '$default') return { key, method: 'ANY', pattern: /^/, rank: -Infinity, parameters: () => undefined }
  const [, method = '', path = ''] = /^([A-Z]+) (\/\S*)$/.exec(key) ?? []
  if (!method) throw new TypeError(`startHttpApi: ${JSON.stringify(key)} is no route key, such as "POST /orders"`)
  const names: string[] = []
  let rank = method === 'ANY' ? 0 : 1
  const parts = path.split('/').map(part => {
    const [, name, greedy] = /^\{([^{}]+?)(\+)?\}$/.exec(part) ?? []
    rank += name === undefined ? 100 : greedy ? 0 : 10
    if (name === undefined) return part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
    names.push(name)
    return greedy ? '(.+)' : '([^/]+)'
  })
  const pattern = new RegExp(`^${parts.join('/')}$`)
  const parameters = (pathname: string) => {
    const values = pattern.exec(pathname)?.slice(1) ?? []
    return names.length === 0
      ? undefined
      : Object.fromEntries(values.map((value, index) => [names[index] ?? '', decoded(value)]))
  }
  return { key, method, pattern, rank, parameters }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text // `%` alone is no error of a client's
  }
}

/** What API Gateway hands on as text; anything else is base64. */
function isText(contentType = 'text/plain'): boolean {
  return /^(text\/|application\/(json|javascript|xml|[\w.-]+\+(json|xml))\b)/i.test(contentType)
}

async function bodyOf(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.byteLength
    if (bytes <= MAX_BODY_BYTES) chunks.push(chunk)
  }
  return bytes > MAX_BODY_BYTES ? undefined : Buffer.concat(chunks)
}

interface ProxyResponse {
  readonly statusCode?: number
  readonly headers?: Readonly<Record<string, string | number | boolean>>
  readonly cookies?: readonly string[]
  readonly body?: string
  readonly isBase64Encoded?: boolean
}

/** Anything without a status is the body of a 200, as format 2.0 has it. */
function write(response: ServerResponse, payload: unknown): void {
  const { statusCode, headers, cookies, body, isBase64Encoded } = Object(payload) as ProxyResponse
  if (statusCode === undefined) {
    response.setHeader('content-type', 'application/json')
    response.end(typeof payload === 'string' ? payload : JSON.stringify(payload))
    return
  }
  for (const [name, value] of Object.entries(headers ?? {})) response.setHeader(name, `${value}`)
  if (cookies?.length) response.setHeader('set-cookie', cookies)
  response.removeHeader('transfer-encoding') // Node's own, from here on
  response.statusCode = statusCode
  response.end(Buffer.from(body ?? '', isBase64Encoded ? 'base64' : 'utf8'))
}

function send(response: ServerResponse, status: number, message: string): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ message }))
}
