// One request over a connection, and its answer.
import type { Readable } from 'node:stream'
import { closeIdle, giveBack, take } from './connection.ts'
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
const LONGEST = 2e9 // ms, of the 2^31 that a timer takes

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
    let heard = false // anything
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
    const fail = (message: string, code: string, cause?: unknown, stale = false) => {
      if (ended) return
      end()
      if (stale) closeIdle(origin)
      reject(new WireError(message, code, stale, cause))
      socket.destroy()
    }
    const onAbort = () => fail('aborted', 'ABORTED', signal?.reason)
    // What came while the process was frozen with the function is read first.
    const after = (ms: number, late: () => void) => setTimeout(() => setImmediate(late), Math.min(ms, LONGEST))
    const late = () =>
      connection.opened || fail(`no connection to ${origin.hostname} within ${timeouts.connection} ms`, 'TIMEOUT')
    const connecting = opened ? undefined : after(timeouts.connection, late)
    const answering = after(timeouts.request, () => fail(`no answer within ${timeouts.request} ms`, 'TIMEOUT'))
    signal?.addEventListener('abort', onAbort, { once: true })

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
        heard = true
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
        const what = heard ? 'the answer was cut short' : 'the connection was closed'
        const { code = 'ECONNRESET' } = (error ?? {}) as NodeJS.ErrnoException
        const problem = error ?? Object.assign(new Error(what), { code })
        if (body) body.destroy(problem)
        else fail(messageOf(problem), code, problem, opened && !heard)
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
  if (!/^[!-~]+$/.test(path))
    throw new TypeError('the path cannot be sent: only printable ASCII is taken, and no space: encode the rest')
  let head = `${method} ${path} HTTP/1.1\r\n`
  for (const [name, value] of Object.entries(headers)) {
    if (!/^[\w.-]+$/.test(name) || !/^[\t -~]*$/.test(value))
      throw new TypeError(
        `the header ${JSON.stringify(name)} cannot be sent: only printable ASCII is taken, and no space in a name: encode the rest`,
      )
    head += `${name}: ${value}\r\n`
  }
  return `${head}\r\n`
}

/** Of several addresses that were tried, Node leaves it to the errors of each. */
function messageOf(error: Error): string {
  const { errors = [error] } = error as AggregateError
  return errors.map(({ message }) => message).join(', ')
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
