// What is left when the program that started a function ends, in one way or another.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, describe, expect, test, vi } from 'vitest'
import { isAlive } from '../test/is-alive.ts'
import { removeFixtures, runtimes } from '../test/runtimes.ts'

afterAll(removeFixtures)

describe.concurrent.each(runtimes)('a program that runs a function on $name', ({ name, fixtures }) => {
  test.each([
    ['ends by itself after stop()', `await ends.invoke({ way: 'pid' }); await ends.stop()`, { code: 0 }],
    [
      'ends by itself after stop() in an invocation',
      `void ends.invoke({ way: 'sleep', ms: 60_000 }).catch(() => 0); await ends.stop()`,
      { code: 0 },
    ],
    ['leaves no process after process.exit', `process.exit(3)`, { code: 3 }],
    ['leaves no process after an exception', `throw new Error('on purpose')`, { code: 1 }],
    ['leaves no process after SIGKILL', `process.kill(process.pid, 'SIGKILL')`, { signal: 'SIGKILL' }],
  ])('%s', async (_, code, end) => {
    const options = { handler: join(fixtures, 'ends.handler'), runtime: name }
    const program = `
      const { startFunction } = await import(${JSON.stringify(new URL('index.ts', import.meta.url).href)})
      const ends = await startFunction(${JSON.stringify(options)})
      console.log(ends.pid)
      ${code}
    `
    const parent = spawn(process.execPath, ['--input-type=module', '--eval', program], {
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    const exit = new Promise(resolve => parent.once('exit', (code, signal) => resolve({ code, signal })))
    const pid = Number(await text(parent.stdout))
    expect(pid).toBeGreaterThan(0)
    expect(await exit).toMatchObject(end)
    await vi.waitFor(() => expect(isAlive(pid)).toBe(false), 60_000)
  })
})
