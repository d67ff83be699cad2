// Requests over connections that are kept, against a server that is in charge of each byte.
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { createServer as createTlsServer, getCACertificates, setDefaultCACertificates } from 'node:tls'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { connect } from './connection.ts'
import type { Origin } from './endpoint.ts'
import { exchange, type WireRequest } from './http.ts'

const TIMEOUTS = { connection: 10_000, request: 15_000 }
const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'
const post: WireRequest = { method: 'POST', path: '/', headers: { Host: 'h', 'Content-Length': '2' }, body: '{}' }

let server: Server
let origin: Origin
let sockets: Socket[]
/** Answers a piece of a request. */
let onData: (socket: Socket, bytes: Buffer) => void
beforeEach(async () => {
  sockets = []
  onData = socket => void socket.write(OK)
  server = createServer(socket => {
    sockets.push(socket)
    socket.on('error', () => {})
    socket.on('data', bytes => onData(socket, bytes))
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  origin = { protocol: 'http:', hostname: '127.0.0.1', port: (server.address() as AddressInfo).port }
})
afterEach(() => {
  for (const socket of sockets) socket.destroy()
  server.close()
})
const send = (request: Partial<WireRequest> = {}, signal?: AbortSignal, stream = false) =>
  exchange(origin, { ...post, ...request }, TIMEOUTS, signal, stream)

function tlsServer() {
  const file = (name: string) => readFileSync(new URL(`../../test/tls/localhost.${name}`, import.meta.url), 'utf8')
  setDefaultCACertificates([...getCACertificates('default'), file('crt')])
  return createTlsServer({ key: file('key'), cert: file('crt') }, socket => {
    socket.on('error', () => {})
    socket.on('data', () => socket.write(OK))
  })
}

describe('a connection', () => {
  it('is kept for the next request', async () => {
    for (let i = 0; i < 3; i++) expect((await send()).body.toString()).toBe('ok')
    expect(sockets).toHaveLength(1)
  })

  it('is never two requests’ at a time', async () => {
    let open = 0
    let most = 0
    onData = socket => {
      most = Math.max(most, ++open)
      setTimeout(() => {
        open--
        socket.write(OK)
      }, 20)
    }
    await Promise.all(Array.from({ length: 8 }, () => send()))
    expect(most).toBe(8)
    await Promise.all(Array.from({ length: 8 }, () => send()))
    expect(sockets).toHaveLength(8)
  })

  it.each([
    ['says that it closes', 'HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok'],
    ['brings more than the answer', `${OK}HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged`],
  ])('that %s is not used again', async (_name, answer) => {
    onData = socket => void socket.write(answer)
    await send()
    expect((await send()).body.toString()).toBe('ok')
    expect(sockets).toHaveLength(2)
  })

  it('on which something comes that nobody asked for is closed', async () => {
    await send()
    sockets[0]?.write('HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged')
    await once(sockets[0] as Socket, 'close')
    expect((await send()).body.toString()).toBe('ok')
    expect(sockets).toHaveLength(2)
  })

  it('that the server closes meanwhile is not used again', async () => {
    await send()
    sockets[0]?.end()
    await vi.waitFor(() => expect(sockets[0]?.destroyed).toBe(true), 30_000)
    await send()
    expect(sockets).toHaveLength(2)
  })

  it('that the server had closed says that it was stale; a new one does not', async () => {
    await send()
    onData = socket => void socket.resetAndDestroy()
    await expect(send()).rejects.toMatchObject({ code: 'ECONNRESET', stale: true })
    await expect(send()).rejects.toMatchObject({ code: 'ECONNRESET', stale: false })
  })

  it('is not taken for one that the server had closed once something of the answer has come', async () => {
    await send()
    onData = socket => void socket.write('HTTP/1.1 200 OK\r\nConte', () => socket.end())
    await expect(send()).rejects.toMatchObject({ code: 'ECONNRESET', stale: false })
  })

  it('that was stale takes the others that are kept with it', async () => {
    await Promise.all(Array.from({ length: 8 }, () => send()))
    const gone = new Set(sockets)
    onData = socket => void (gone.has(socket) ? socket.resetAndDestroy() : socket.write(OK))
    await expect(send()).rejects.toMatchObject({ stale: true })
    expect((await send()).body.toString()).toBe('ok')
    expect(sockets).toHaveLength(9)
  })

  it('whose answer comes before the whole request was sent is not used again', async () => {
    const body = Buffer.alloc(8 * 2 ** 20)
    onData = socket => {
      socket.pause() // reads no further
      socket.write(OK)
    }
    const large = { body, headers: { Host: 'h', 'Content-Length': `${body.length}` } }
    expect((await send(large)).status).toBe(200)
    onData = socket => void socket.write(OK)
    await send()
    expect(sockets).toHaveLength(2)
  })

  it('that was opened before is taken, even while it opens', async () => {
    const opening = connect(origin, 1000)
    await Promise.all([opening, send()])
    expect(sockets).toHaveLength(1)
  })

  it('that a request has taken while it opened is left to the request', async () => {
    const tls = tlsServer()
    server.removeAllListeners('connection')
    server.on('connection', socket => {
      sockets.push(socket)
      setTimeout(() => tls.emit('connection', socket), 200)
    })
    origin = { ...origin, protocol: 'https:' }
    const opening = connect(origin, 50)
    expect((await send()).body.toString()).toBe('ok')
    await opening
    expect(sockets).toHaveLength(1)
  })

  it('over TLS goes on with the session of one that was reset', async () => {
    const tls = tlsServer()
    const reused: boolean[] = []
    tls.on('secureConnection', socket => void reused.push(socket.isSessionReused()))
    server.removeAllListeners('connection')
    server.on('connection', socket => {
      sockets.push(socket)
      tls.emit('connection', socket)
    })
    origin = { ...origin, protocol: 'https:', hostname: 'localhost' }
    await send()
    for (let i = 0; i < 2; i++) {
      sockets.at(-1)?.resetAndDestroy()
      await vi.waitFor(() => send(), 30_000) // the reset may be heard of by the next request
    }
    expect(reused).toEqual([false, true, true])
  })

  it('that no address takes says what each answered', async () => {
    const dns = process.getBuiltinModule('node:dns')
    const addresses = [
      { address: '127.0.0.1', family: 4 },
      { address: '::1', family: 6 },
    ]
    const lookup = vi
      .spyOn(dns, 'lookup')
      .mockImplementation(((_host: string, _options: object, done: unknown) =>
        process.nextTick(done as () => void, null, addresses)) as never)
    origin = { ...origin, hostname: 'two.test', port: 1 }
    await expect(send()).rejects.toMatchObject({
      code: expect.stringMatching(/^E/),
      message: expect.stringMatching(/^connect \w+ 127\.0\.0\.1:1, connect \w+ ::1:1/),
    })
    lookup.mockRestore()
  })

  it('does not keep a process alive while nobody uses it', async () => {
    await send()
    const handles = process.getActiveResourcesInfo().filter(name => name === 'TCPSocketWrap')
    // The server's end of it alone.
    expect(handles).toHaveLength(1)
  })
})

describe('an answer', () => {
  it('that is no HTTP is an error', async () => {
    onData = socket => void socket.write('SSH-2.0\r\n\r\n')
    await expect(send()).rejects.toMatchObject({ code: 'MALFORMED', message: 'the answer is no HTTP/1.1' })
  })

  it('that ends with its connection is whole', async () => {
    onData = socket => void socket.end('HTTP/1.1 200 OK\r\n\r\nall of it')
    expect((await send()).body.toString()).toBe('all of it')
  })

  it('that is cut is an error', async () => {
    onData = socket => void socket.end('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf')
    await expect(send()).rejects.toMatchObject({ code: 'ECONNRESET', message: 'the answer was cut short' })
  })

  it('above 64 MiB is an error', async () => {
    onData = socket => {
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${70 * 2 ** 20}\r\n\r\n`)
      socket.write(Buffer.alloc(65 * 2 ** 20))
    }
    await expect(send()).rejects.toMatchObject({ code: 'TOO_LARGE' })
  })

  it('that came while the process was frozen is read, though its time is over', async () => {
    onData = socket => {
      socket.write(OK)
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 3500)
    }
    const frozen = exchange(origin, post, { connection: 3000, request: 3000 })
    expect((await frozen).body.toString()).toBe('ok')
  })

  it('may take longer than any timer', async () => {
    onData = socket => void setTimeout(() => socket.write(OK), 20)
    expect((await exchange(origin, post, { connection: Infinity, request: Infinity })).status).toBe(200)
  })

  it('that is aborted closes its connection', async () => {
    onData = () => {}
    const controller = new AbortController()
    const answer = send({}, controller.signal)
    await vi.waitFor(() => expect(sockets).toHaveLength(1), 30_000)
    controller.abort(new Error('enough'))
    await expect(answer).rejects.toMatchObject({ code: 'ABORTED', cause: { message: 'enough' } })
    await vi.waitFor(() => expect(sockets[0]?.destroyed).toBe(true), 30_000)
  })

  it('whose end comes before the whole request was read ends it', async () => {
    const body = Buffer.alloc(8 * 2 ** 20)
    onData = socket => {
      socket.pause() // reads no further
      socket.end('HTTP/1.1 403 No\r\n\r\nno')
    }
    const { status } = await send({ body, headers: { Host: 'h', 'Content-Length': `${body.length}` } })
    expect(status).toBe(403)
  })
})

describe('a body that streams', () => {
  const SIZE = 40 * 2 ** 20

  it('stops the server while nobody reads, and comes whole', async () => {
    onData = socket => {
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${SIZE}\r\n\r\n`)
      socket.write(Buffer.alloc(SIZE, 'x'))
    }
    const { stream } = await send({}, undefined, true)
    await sleep(200)
    expect(sockets[0]?.writableLength).toBeGreaterThan(SIZE / 2)
    let length = 0
    for await (const chunk of stream ?? []) length += chunk.length
    expect(length).toBe(SIZE)
    onData = socket => void socket.write(OK)
    await send()
    expect(sockets).toHaveLength(1)
  })

  it('that came whole and is thrown away leaves its connection to others', async () => {
    const { stream } = await send({}, undefined, true)
    await sleep(20)
    onData = () => {}
    const other = send()
    await vi.waitFor(() => expect(sockets).toHaveLength(1), 30_000)
    stream?.destroy()
    await sleep(20)
    sockets[0]?.write(OK)
    expect((await other).body.toString()).toBe('ok')
  })

  it('that is thrown away before its end closes its connection', async () => {
    onData = socket => void socket.write('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf')
    const { stream } = await send({}, undefined, true)
    stream?.destroy()
    await vi.waitFor(() => expect(sockets[0]?.destroyed).toBe(true), 30_000)
  })

  it('that turns into what is no HTTP fails whoever reads it', async () => {
    onData = socket => void socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\nno\r\n')
    const { stream } = await send({}, undefined, true)
    const read = async () => {
      for await (const _ of stream ?? []);
    }
    await expect(read()).rejects.toThrow('the answer has a chunk without a size')
  })

  it('of an error is read whole', async () => {
    onData = socket => void socket.write('HTTP/1.1 404 No\r\nContent-Length: 2\r\n\r\nno')
    const { stream, body } = await send({}, undefined, true)
    expect(stream).toBeUndefined()
    expect(body.toString()).toBe('no')
  })
})

describe('a request', () => {
  it.each([
    ['text', '☃'],
    ['bytes', Buffer.from('☃')],
  ])('is sent as it is: %s', async (_name, body) => {
    const expected = 'PUT /a%20b?c=d HTTP/1.1\r\nHost: h\r\nx-amz-meta-a: b \r\n\r\n☃'
    let seen = ''
    onData = (socket, bytes) => {
      seen += bytes.toString()
      if (seen.length === expected.length) socket.write(OK)
    }
    await send({ method: 'PUT', path: '/a%20b?c=d', headers: { Host: 'h', 'x-amz-meta-a': 'b ' }, body })
    expect(seen).toBe(expected)
  })

  it.each<[string, Partial<WireRequest>]>([
    ['a line break in a header', { headers: { 'x-amz-meta-a': 'b\r\nContent-Length: 0' } }],
    ['a header that is not ASCII', { headers: { 'x-amz-meta-a': 'é' } }],
    ['a name that is none', { headers: { 'a b': 'c' } }],
    ['a space in the path', { path: '/a b' }],
  ])('with %s is not sent', async (_name, request) => {
    const error = await send(request).catch(thrown => thrown)
    expect(error).toBeInstanceOf(TypeError)
    expect(error.message).toMatch(/^the (header "[^"]+"|path) cannot be sent: .*printable ASCII.*: encode the rest$/)
    await sleep(20)
    expect(sockets).toHaveLength(0)
  })
})
