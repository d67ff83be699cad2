// 16 processes on one table, killed and paused at random: no key's effect is applied twice while a lock lives, none is
// lost, and every result that anybody gets for a key is that of one effect.
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { startDynamo } from './servers.ts'

const PROCESSES = 16
const WINDOW = 16 // keys that are asked for at a time
const LOCK = 250 // ms
const OPERATIONS = 6000 // it ends when there are so many, with some faults among them
const MOST = 150_000 // ms, where the machine is busy

interface Effect {
  readonly number: string
  /** When its unit began: its lock ends LOCK ms after that, at the earliest. */
  readonly began: number
  readonly at: number
}

interface Said {
  readonly key: string
  readonly value?: string
  readonly error?: string
  readonly message?: string
}

it('16 processes, killed and paused', { timeout: 240_000 }, async () => {
  const dynamo = await startDynamo()
  await dynamo.table('linear')
  const effects = new Map<string, Effect[]>()
  let number = 0
  const log = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://log')
    const key = pathname.slice(1)
    const effect = { number: `${key}-${number++}`, began: Number(searchParams.get('began')), at: Date.now() }
    effects.set(key, [...(effects.get(key) ?? []), effect])
    response.end(effect.number)
  })
  await once(log.listen(0, '127.0.0.1'), 'listening')
  const url = `http://127.0.0.1:${(log.address() as AddressInfo).port}`

  const said: Said[] = []
  const live = new Set<ChildProcess>()
  const start = (keys: number, lock = LOCK) => {
    const child = fork(join(import.meta.dirname, 'worker.ts'), [dynamo.endpoint, url, `${keys}`, `${lock}`], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      execArgv: ['--disable-warning=ExperimentalWarning'],
    })
    child.on('message', message => void said.push(message as Said))
    child.on('exit', () => live.delete(child))
    live.add(child)
    return child
  }
  let [kills, pauses] = [0, 0]
  try {
    for (let i = 0; i < PROCESSES; i++) start(WINDOW)
    const until = Date.now() + MOST
    while ((said.length < OPERATIONS || Math.min(kills, pauses) <= 10) && Date.now() < until) {
      await sleep(60 + Math.random() * 120)
      const all = [...live]
      const victim = all[Math.floor(Math.random() * all.length)]
      if (!victim) continue
      if (Math.random() < 0.4) {
        kills++
        victim.kill('SIGKILL')
        start(WINDOW)
      } else {
        pauses++
        victim.kill('SIGSTOP')
        setTimeout(() => victim.kill('SIGCONT'), LOCK * (0.5 + Math.random() * 2))
      }
    }
    // Whoever has begun ends; then one, whom nobody disturbs, asks for every key.
    for (const child of live) child.kill('SIGKILL')
    await sleep(LOCK * 3)
    const last = start(0, 10_000)
    const keys = new Set([...said.map(({ key }) => key), ...effects.keys()])
    for (const key of keys) last.send(key)
    const settled = new Map<string, string>()
    const end = Date.now() + 60_000
    const from = said.length
    while (settled.size < keys.size && Date.now() < end) {
      await sleep(50)
      for (const { key, value } of said.slice(from)) if (value !== undefined) settled.set(key, value)
    }

    expect(said.length).toBeGreaterThanOrEqual(5000)
    expect([kills, pauses].every(count => count > 10)).toBe(true)
    // Nothing is lost: every key has a result, and its effect has happened.
    expect(settled.size).toBe(keys.size)
    for (const [key, value] of settled) expect(effects.get(key)?.some(effect => effect.number === value)).toBe(true)
    // Every result that anybody got for a key is the same.
    for (const { key, value } of said) if (value !== undefined) expect(value).toBe(settled.get(key))
    // No effect while another's lock lived; but that of a process that was paused until its own had ended, which nothing
    // but the effect itself could refuse.
    let [repeated, late] = [0, 0]
    for (const [key, all] of effects) {
      const inTime = all.filter(effect => effect.at <= effect.began + LOCK).sort((a, b) => a.began - b.began)
      late += all.length - inTime.length
      for (const [index, effect] of inTime.entries()) {
        const before = inTime[index - 1]
        if (!before) continue
        repeated++
        expect(effect.at, `${key}: an effect within the life of another's lock`).toBeGreaterThan(before.began + LOCK)
      }
    }
    const errors = Object.groupBy(
      said.filter(({ error }) => error),
      ({ error = '' }) => error,
    )
    const counts = Object.entries(errors).map(([name, list]) => `${list?.length} ${name}`)
    console.log(
      `${said.length} operations on ${keys.size} keys, ${kills} kills, ${pauses} pauses; ${repeated} effects again after a lock had ended, ${late} by processes that outlived their own; ${counts.join(', ')}`,
    )
    expect(Object.keys(errors).filter(name => !/InProgress|LockLost|Retryable/.test(name))).toEqual([])
  } finally {
    for (const child of live) child.kill('SIGKILL')
    log.closeAllConnections()
    log.close()
    await dynamo.stop()
  }
})
