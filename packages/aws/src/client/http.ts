// One request over a connection, and its answer.
import type { Readable } from 'node:stream'
import { giveBack, openedBy, take } from './connection.ts'
import type { Origin } from './endpoint.ts'
import { type ResponseHead, responseReader } from './response-reader.ts'

export interface WireRequest {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Uint8Array
}

export interface WireResponse extends ResponseHead {
  /** The whole body; empty where `stream` is given. */
  readonly body: Buffer
  /** The body that is yet to be read, where it was asked for and the status is below 300. */
  readonly stream?: Readable | undefined
}

export interface Timeouts {
  /** ms until the connection is open. */
  readonly connection: number
  /** ms until the answer has ended; a streamed one: until it has begun. */
  readonly request: number
}

/** No answer: `code` is Node’s (`ECONNRESET`, …), `TIMEOUT`, `ABORTED`, `MALFORMED` or `TOO_LARGE`. */
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

/** @throws {WireError} and TypeError for a request that cannot be written */
export async function exchange(
  origin: Origin,
  request: WireRequest,
  timeouts: Timeouts,
  signal?: AbortSignal | undefined,
  stream = false,
): Promise<WireResponse> {
  const head = headOf(request)
  if (signal?.aborted) throw new WireError('aborted', 'ABORTED', false, signal.reason)
  const connection = take(origin)
  const { socket, opened } = connection
  return new Promise((resolve, reject) => {
    let answer: ResponseHead | undefined
    let body: Readable | undefined
    let ended = false // for whoever waits
    let complete = false // and the connection is another's
    const chunks: Buffer[] = []
    let length = 0

    const end = () => {
      ended = true
      clearTimeout(connecting)
      clearTimeout(answering)
      signal?.removeEventListener('abort', onAbort)
    }
    const fail = (message: string, code: string, cause?: unknown) => {
      if (ended) return
      end()
      const stale = opened && !answer && code.startsWith('E')
      reject(new WireError(message, code, stale, cause))
      socket.destroy()
    }
    const onAbort = () => fail('aborted', 'ABORTED', signal?.reason)
    const timer = (ms: number, what: string) => setTimeout(() => fail(`${what} within ${ms} ms`, 'TIMEOUT'), ms)
    const connecting = opened ? undefined : timer(timeouts.connection, 'no connection')
    const answering = timer(timeouts.request, 'no answer')
    signal?.addEventListener('abort', onAbort, { once: true })
    if (!opened) socket.once(openedBy(origin), () => clearTimeout(connecting))

    const reader = responseReader(request.method, {
      head(head) {
        answer = head
        if (!stream || head.status >= 300) return
        end()
        body = bodyOf(
          () => void (complete || socket.resume()),
          () => void (complete || socket.destroy()),
          signal,
        )
        resolve({ ...head, body: Buffer.alloc(0), stream: body })
      },
      data(bytes) {
        if (body) {
          if (!body.push(bytes)) socket.pause()
          return
        }
        chunks.push(bytes)
        length += bytes.length
        if (length > LARGEST) fail(`the answer is larger than ${LARGEST} bytes`, 'TOO_LARGE')
      },
      end(reusable) {
        complete = true
        // An answer that came before the whole request had gone is the last on its connection.
        if (reusable && socket.writableLength === 0) giveBack(origin, connection)
        else {
          connection.user = undefined
          socket.destroy()
        }
        finish()
      },
    })
    const finish = () => {
      if (body) body.push(null)
      else if (answer && !ended) {
        end()
        resolve({ ...answer, body: Buffer.concat(chunks) })
      }
    }
    connection.user = {
      data(bytes) {
        try {
          reader.read(bytes)
        } catch (error) {
          const { message } = error as Error
          if (body) body.destroy(error as Error)
          else fail(message, 'MALFORMED', error)
        }
      },
      closed(error) {
        if (!error && reader.endsWithConnection()) return finish()
        const message = error?.message ?? (answer ? 'the answer was cut short' : 'the connection was closed')
        if (body) body.destroy(error ?? Object.assign(new Error('aborted'), { code: 'ECONNRESET' }))
        else fail(message, (error as NodeJS.ErrnoException | undefined)?.code ?? 'ECONNRESET', error)
      },
    }
    if (typeof request.body === 'string') socket.write(head + request.body)
    else {
      socket.cork()
      socket.write(head)
      socket.write(request.body)
      socket.uncork()
    }
  })
}

/** @throws {TypeError} for what would end a line, or is no text of HTTP */
function headOf({ method, path, headers }: WireRequest): string {
  if (!/^[!-~]+$/.test(path)) throw new TypeError('a path that is not encoded')
  let head = `${method} ${path} HTTP/1.1\r\n`
  for (const [name, value] of Object.entries(headers)) {
    if (!/^[\w-]+$/.test(name) || !/^[\t -~]*$/.test(value))
      throw new TypeError(
        `the header ${JSON.stringify(name)} cannot be sent: it has characters that HTTP does not take`,
      )
    head += `${name}: ${value}\r\n`
  }
  return `${head}\r\n`
}

/** The body as a stream, which ends with the signal. */
function bodyOf(resume: () => void, close: () => void, signal: AbortSignal | undefined): Readable {
  const { Readable } = process.getBuiltinModule('node:stream')
  const stop = () => body.destroy(Object.assign(new Error('aborted'), { name: 'AbortError' }))
  const body = new Readable({
    read: resume,
    destroy(error, done) {
      signal?.removeEventListener('abort', stop)
      close()
      done(error)
    },
  })
  signal?.addEventListener('abort', stop, { once: true })
  // Who reads hears of it; it must not end the process before somebody does.
  return body.on('error', () => {})
}
