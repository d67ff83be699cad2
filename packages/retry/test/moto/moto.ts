// moto, an AWS of its own in Python: where `moto_server` is on the machine.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

export const hasMoto: boolean = spawnSync('moto_server', ['--help'], { stdio: 'ignore', timeout: 60_000 }).status === 0

export interface Moto {
  readonly endpoint: string
  stop(): void
}

export async function startMoto(): Promise<Moto> {
  const port = await freePort()
  const moto: ChildProcess = spawn('moto_server', ['-H', '127.0.0.1', '-p', `${port}`], { stdio: 'ignore' })
  const endpoint = `http://127.0.0.1:${port}`
  for (let tries = 0; ; tries++)
    try {
      if ((await fetch(`${endpoint}/moto-api/`)).ok) break
    } catch (error) {
      if (tries > 300 || moto.exitCode !== null) throw new Error('moto_server did not start', { cause: error })
      await sleep(100)
    }
  return { endpoint, stop: () => void moto.kill('SIGKILL') }
}

function freePort(): Promise<number> {
  return new Promise(resolve => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { readonly port: number }
      server.close(() => resolve(port))
    })
  })
}
