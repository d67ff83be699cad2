import { once } from 'node:events'
import { request } from 'node:http'
import { type AddressInfo, createServer } from 'node:net'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { responseReader } from './response-reader.ts'

interface Heard {
  readonly status: number | undefined
  readonly headers: Readonly<Record<string, string | undefined>> | undefined
  readonly body: string
  /** Undefined where the answer has not ended. */
  readonly reusable: boolean | undefined
}

/** What is heard of an answer that comes in these pieces, and then the connection closes. */
function heard(pieces: readonly (string | Buffer)[], method = 'POST'): Heard {
  let status: number | undefined
  let headers: Heard['headers']
  let body = ''
  let reusable: boolean | undefined
  const reader = responseReader(method, {
    head(head) {
      if (status !== undefined) throw new Error('two heads')
      ;({ status, headers } = head)
    },
    data(bytes) {
      body += bytes.toString('latin1')
    },
    end(again) {
      if (reusable !== undefined) throw new Error('two ends')
      reusable = again
    },
  })
  for (const piece of pieces) {
    if (reusable !== undefined) break
    reader.read(typeof piece === 'string' ? Buffer.from(piece, 'latin1') : piece)
  }
  if (reader.endsWithConnection()) reusable = false
  return { status, headers, body, reusable }
}

const OK = 'HTTP/1.1 200 OK\r\n'

describe('an answer', () => {
  it.each<[string, string, Partial<Heard>]>([
    ['with a length', `${OK}Content-Length: 2\r\n\r\nab`, { status: 200, body: 'ab', reusable: true }],
    ['of no bytes', `${OK}Content-Length: 0\r\n\r\n`, { body: '', reusable: true }],
    ['without a reason', 'HTTP/1.1 200\r\ncontent-length: 0\r\n\r\n', { status: 200, reusable: true }],
    ['with one length twice', `${OK}content-length: 1\r\nContent-Length: 1\r\n\r\na`, { body: 'a', reusable: true }],
    ['that lasts as long as its connection', `${OK}\r\nabc`, { body: 'abc', reusable: false }],
    ['of HTTP/1.0', 'HTTP/1.0 200 OK\r\ncontent-length: 1\r\n\r\na', { body: 'a', reusable: false }],
    ['whose connection closes', `${OK}connection: Close\r\ncontent-length: 1\r\n\r\na`, { reusable: false }],
    ['whose connection stays', `${OK}connection: keep-alive\r\ncontent-length: 1\r\n\r\na`, { reusable: true }],
    [
      'in chunks',
      `${OK}Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\nA ; x="y"\r\n0123456789\r\n0\r\n\r\n`,
      { body: 'ab0123456789', reusable: true },
    ],
    [
      'in chunks with a trailer',
      `${OK}transfer-encoding: chunked\r\n\r\n1\r\na\r\n0\r\nx-checksum: 1\r\n\r\n`,
      { body: 'a', reusable: true },
    ],
    [
      'in chunks, with a length that is not its own',
      `${OK}transfer-encoding: chunked\r\ncontent-length: 100\r\n\r\n1\r\na\r\n0\r\n\r\n`,
      { body: 'a', reusable: false },
    ],
    ['without content', 'HTTP/1.1 204 No Content\r\n\r\n', { status: 204, body: '', reusable: true }],
    ['that is not modified', 'HTTP/1.1 304 X\r\ncontent-length: 5\r\n\r\n', { status: 304, body: '', reusable: true }],
    [
      'after interim ones',
      `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nlink: x\r\n\r\n${OK}content-length: 1\r\n\r\na`,
      { status: 200, body: 'a', reusable: true },
    ],
    ['followed by what nobody asked for', `${OK}content-length: 1\r\n\r\naHTTP/1.1 200 OK`, { reusable: false }],
    ['that is cut in its head', `${OK}content-le`, { status: undefined, reusable: undefined }],
    ['that is cut in its body', `${OK}content-length: 2\r\n\r\na`, { body: 'a', reusable: undefined }],
    ['that is cut in a chunk', `${OK}transfer-encoding: chunked\r\n\r\n5\r\nab`, { reusable: undefined }],
    ['that is cut before its last chunk', `${OK}transfer-encoding: chunked\r\n\r\n1\r\na\r\n`, { reusable: undefined }],
  ])('%s', (_name, text, expected) => {
    expect(heard([text])).toMatchObject(expected)
  })

  it('to HEAD has no body, whatever its length says', () => {
    expect(heard([`${OK}content-length: 100\r\n\r\n`], 'HEAD')).toMatchObject({ body: '', reusable: true })
  })

  it('has its headers by lower-case names, without the spaces around them, and all of one name together', () => {
    const { headers } = heard([`${OK}X-A:  b c \t\r\nx-a:d\r\nX-Empty:\r\n__proto__: e\r\ncontent-length: 0\r\n\r\n`])
    expect(headers).toMatchObject({ 'x-a': 'b c, d', 'x-empty': '' })
  })
})

it('spaces by the thousand in a header take no time', () => {
  const spaces = ' '.repeat(20_000)
  const { headers } = heard([`${OK}a:${spaces}b${spaces}c${spaces}\r\ncontent-length: 0\r\n\r\n`])
  expect(headers).toMatchObject({ a: `b${spaces}c` })
  expect(() => heard([`${OK}a:${spaces}\rb\r\n\r\n`])).toThrow('the answer has a header that is none')
})

describe('what is no HTTP/1.1 is an error', () => {
  it.each([
    ['another protocol', 'SSH-2.0-OpenSSH\r\n\r\n', 'the answer is no HTTP/1.1'],
    ['HTTP/2', 'HTTP/2 200\r\n\r\n', 'the answer is no HTTP/1.1'],
    ['a status of two digits', 'HTTP/1.1 20 OK\r\n\r\n', 'the answer is no HTTP/1.1'],
    ['another protocol from here on', 'HTTP/1.1 101 Switching\r\n\r\n', 'the answer changes the protocol'],
    ['a header without a colon', `${OK}abc\r\n\r\n`, 'the answer has a header that is none'],
    ['a header that goes on in the next line', `${OK}a: b\r\n c\r\n\r\n`, 'the answer has a header that is none'],
    ['a space before the colon', `${OK}content-length : 1\r\n\r\n`, 'the answer has a header that is none'],
    ['lengths that differ', `${OK}content-length: 1, 2\r\n\r\n`, 'the answer has a Content-Length that is none'],
    ['a negative length', `${OK}content-length: -1\r\n\r\n`, 'the answer has a Content-Length that is none'],
    ['a chunk without a size', `${OK}transfer-encoding: chunked\r\n\r\nx\r\n`, 'the answer has a chunk without a size'],
    [
      'a chunk that is longer',
      `${OK}transfer-encoding: chunked\r\n\r\n1\r\nabc\r\n`,
      'the answer has a chunk that is longer than it says',
    ],
    ['a head without an end', `${OK}a: ${'b'.repeat(70_000)}`, 'the answer has a head of more than 65536 bytes'],
    [
      'a size without an end',
      `${OK}transfer-encoding: chunked\r\n\r\n1;${'x'.repeat(70_000)}`,
      'the answer has a chunk size of more than 65536 bytes',
    ],
  ])('%s', (_name, text, message) => {
    expect(() => heard([text])).toThrow(message)
    expect(() => heard([...text])).toThrow(message)
  })
})

const header = fc.tuple(
  fc.constantFrom('x-a', 'X-B', 'x-amzn-RequestId'),
  fc.string({ unit: fc.constantFrom(...'ab ;,="é') }).map(value => value.trim()),
)
const body = fc.uint8Array({ maxLength: 300 }).map(bytes => Buffer.from(bytes))
/** An answer as it is on the wire, of any framing. */
const answer = fc
  .record({
    interim: fc.boolean(),
    status: fc.constantFrom(200, 201, 204, 400, 503),
    headers: fc.array(header, { maxLength: 4 }),
    body,
    framing: fc.constantFrom('length', 'chunked', 'close'),
    sizes: fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 }),
  })
  .map(({ interim, status, headers, body, framing, sizes }) => {
    const head = [`HTTP/1.1 ${status} Reason`, ...headers.map(([name, value]) => `${name}: ${value}`)]
    const none = status === 204
    if (framing === 'length' && !none) head.push(`Content-Length: ${body.length}`)
    if (framing === 'chunked' && !none) head.push('Transfer-Encoding: chunked')
    if (framing === 'close') head.push('Connection: close')
    const parts: Buffer[] = []
    if (interim) parts.push(Buffer.from('HTTP/1.1 100 Continue\r\n\r\n'))
    parts.push(Buffer.from(`${head.join('\r\n')}\r\n\r\n`, 'latin1'))
    if (!none && framing === 'chunked') {
      for (let at = 0, i = 0; at < body.length; i++) {
        const part = body.subarray(at, at + (sizes[i % sizes.length] ?? 1))
        parts.push(Buffer.from(`${part.length.toString(16)};a=b\r\n`), part, Buffer.from('\r\n'))
        at += part.length
      }
      parts.push(Buffer.from('0\r\nx-trailer: 1\r\n\r\n'))
    } else if (!none) parts.push(body)
    return Buffer.concat(parts)
  })

function inPieces(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const at = [...new Set([0, ...cuts.map(cut => cut % (bytes.length + 1)), bytes.length])].toSorted((a, b) => a - b)
  return at.slice(1).map((end, i) => bytes.subarray(at[i], end))
}

describe('any answer', () => {
  it('is heard alike in whatever pieces it comes', () => {
    fc.assert(
      fc.property(answer, fc.array(fc.nat(2000)), (bytes, cuts) => {
        expect(heard(inPieces(bytes, cuts))).toEqual(heard([bytes]))
      }),
      { numRuns: 500 },
    )
  })

  it('is heard as node:http hears it', async () => {
    let next: Buffer = Buffer.alloc(0)
    const server = createServer(socket => {
      socket.on('error', () => {})
      socket.once('data', () => socket.end(next))
    })
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const { port } = server.address() as AddressInfo
    await fc.assert(
      fc.asyncProperty(answer, async bytes => {
        next = bytes
        const asked = request({ port, host: '127.0.0.1', method: 'POST', agent: false }).end()
        const [response] = await once(asked, 'response')
        let body = ''
        for await (const chunk of response.setEncoding('latin1')) body += chunk
        const ours = heard([bytes])
        expect(ours).toMatchObject({ status: response.statusCode, body })
        for (const name of ['x-a', 'x-b', 'x-amzn-requestid']) expect(ours.headers?.[name]).toBe(response.headers[name])
      }),
      { numRuns: 200 },
    )
    server.close()
  })

  it('of any bytes at all is an answer, an error, or not at its end', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 200 }).map(each => Buffer.from(each)),
      fc.tuple(answer, fc.nat(500), fc.uint8Array({ maxLength: 3 })).map(([whole, at, noise]) => {
        const cut = at % (whole.length + 1)
        return Buffer.concat([whole.subarray(0, cut), noise, whole.subarray(cut + noise.length)])
      }),
    )
    fc.assert(
      fc.property(bytes, each => {
        try {
          const { reusable, status } = heard([each])
          if (reusable !== undefined) expect(status).toBeGreaterThanOrEqual(200)
        } catch (error) {
          expect((error as Error).message).toMatch(/^the answer /)
        }
      }),
      { numRuns: 2000 },
    )
  })
})
