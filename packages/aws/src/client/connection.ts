// Connections to hosts, kept open for the next request.
import type { Socket } from 'node:net'
import type { Origin } from './endpoint.ts'

/** Whoever uses a connection at the time. */
export interface ConnectionUser {
  data(bytes: Buffer): void
  /** With the error that closed it, where there was one. */
  closed(error: Error | undefined): void
}

export interface Connection {
  readonly socket: Socket
  /** Whether it has opened: with TLS, when that has begun. */
  opened: boolean
  user: ConnectionUser | undefined
}

// Of a thread: what is open to a host serves every client of it. The one that was used last is taken first.
const idle = new Map<string, Connection[]>()
const sessions = new Map<string, Buffer>() // of TLS, which is faster the second time

function keyOf({ protocol, hostname, port }: Origin): string {
  return `${protocol}${hostname}:${port}`
}

/** One that is open, or opens. */
export function take(origin: Origin): Connection {
  const others = idle.get(keyOf(origin)) ?? []
  for (let kept = others.pop(); kept; kept = others.pop())
    if (kept.socket.writable) {
      kept.socket.ref()
      return kept
    }
  return open(origin)
}

/** Closes those that nobody uses: where one of them was stale, the others are. */
export function closeIdle(origin: Origin): void {
  for (const { socket } of idle.get(keyOf(origin)) ?? []) socket.destroy()
}

/** Gives one back for whoever is next. */
export function giveBack(origin: Origin, connection: Connection): void {
  const key = keyOf(origin)
  connection.user = undefined
  connection.socket.resume().unref()
  const others = idle.get(key)
  if (others) others.push(connection)
  else idle.set(key, [connection])
}

function open(origin: Origin): Connection {
  const key = keyOf(origin)
  const { protocol, hostname: host, port } = origin
  const options = { host, port, keepAlive: true, noDelay: true }
  const net = process.getBuiltinModule('node:net')
  const socket =
    protocol === 'http:'
      ? net.connect(options)
      : process.getBuiltinModule('node:tls').connect({
          ...options,
          ALPNProtocols: ['http/1.1'],
          servername: net.isIP(host) ? '' : host,
          session: sessions.get(key),
        })
  const connection: Connection = { socket, opened: false, user: undefined }
  let problem: Error | undefined
  socket.once(openedBy(origin), () => {
    connection.opened = true
  })
  socket.on('session', (session: Buffer) => void sessions.set(key, session))
  socket.on('error', error => {
    problem = error
  })
  // What has not been sent by then, nobody answers: without this it would be waited for.
  socket.on('end', () => socket.destroy())
  socket.on('data', (bytes: Buffer) => {
    if (connection.user) connection.user.data(bytes)
    else socket.destroy() // nobody has asked
  })
  socket.on('close', () => {
    const others = idle.get(key)
    if (others?.includes(connection)) others.splice(others.indexOf(connection), 1)
    if (problem && !connection.opened) sessions.delete(key)
    connection.user?.closed(problem)
  })
  return connection
}

/** Opens one that the next request takes, within `ms`. Never rejects: that request says what is wrong. */
export function connect(origin: Origin, ms: number): Promise<void> {
  return new Promise(resolve => {
    const connection = open(origin)
    const { socket } = connection
    // A request that has taken it meanwhile has a time of its own.
    const timer = setTimeout(() => connection.user || socket.destroy(), ms)
    const end = () => {
      clearTimeout(timer)
      if (!connection.user) socket.unref()
      resolve()
    }
    socket.once('close', end)
    socket.once(openedBy(origin), end)
    giveBack(origin, connection)
    socket.ref()
  })
}

function openedBy({ protocol }: Origin): 'connect' | 'secureConnect' {
  return protocol === 'https:' ? 'secureConnect' : 'connect'
}
