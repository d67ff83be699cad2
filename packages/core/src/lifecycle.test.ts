import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { batch, lambda, plain } from '../test/source.ts'
import type { Middleware } from './index.ts'

const withInit = (init: () => unknown): Middleware => Object.assign(((_ctx, next) => next()) as Middleware, { init })

describe('init', () => {
  it('starts at definition, runs once, and is awaited by ready() and by invocations', async () => {
    let runs = 0
    let ended = false
    const handler = plain()
      .use(
        withInit(async () => {
          runs++
          await new Promise(resolve => setTimeout(resolve, 5))
          ended = true
        }),
      )
      .handle(() => ended)
    expect(runs).toBe(1)
    expect(await Promise.all([handler({}, lambda()), handler({}, lambda())])).toEqual([true, true])
    await handler.ready()
    expect(runs).toBe(1)
  })

  it('runs for middlewares before and after each()', async () => {
    const ran: string[] = []
    const handler = batch()
      .use(withInit(() => ran.push('invocation')))
      .each()
      .use(withInit(() => ran.push('record')))
      .handle(() => {})
    await handler.ready()
    expect(ran).toEqual(['invocation', 'record'])
  })

  it('that failed fails the first invocation with its own error, and is tried again on the next', async () => {
    let runs = 0
    let others = 0
    const own = new Error('no secret')
    const handler = plain(() => 'the source must not answer this')
      .use(
        withInit(() => {
          if (++runs === 1) throw own
        }),
      )
      .use(withInit(() => others++))
      .handle(() => 'done')
    await new Promise(resolve => setImmediate(resolve)) // failed before anybody came
    await expect(handler({}, lambda())).rejects.toBe(own)
    expect(await handler({}, lambda())).toBe('done')
    expect([runs, others]).toEqual([2, 1])
  })

  it('of a middleware that stands in several pipelines runs once', async () => {
    let runs = 0
    const base = plain().use(withInit(() => runs++))
    const handlers = [base.handle(() => 1), base.handle(() => 2)]
    await Promise.all(handlers.map(handler => handler({}, lambda())))
    expect(runs).toBe(1)
  })

  it('that failed fails every invocation that waited for that try', async () => {
    let runs = 0
    const handler = plain()
      .use(
        withInit(async () => {
          if (++runs < 3) throw new Error(`try ${runs}`)
        }),
      )
      .handle(() => 'done')
    const settle = () => Promise.allSettled([handler({}, lambda()), handler({}, lambda())])
    expect((await settle()).map(each => (each.status === 'rejected' ? each.reason.message : ''))).toEqual([
      'try 1',
      'try 1',
    ])
    await expect(handler.ready()).rejects.toThrow('try 2')
    expect(await handler({}, lambda())).toBe('done')
  })
})

describe('shutdown', () => {
  const run = async (rest: string) => {
    const script = `
      import { pipeline } from './dist/index.mjs'
      const source = { name: 't', open: event => ({ event, unit: { kind: 'invocation', source: 't', id: '1', raw: event } }), respond: v => v }
      const mw = name => Object.assign((ctx, next) => next(), { shutdown: async () => { await 0; console.log('closed', name) } })
      pipeline(source).use(mw('a')).use(mw('b')).handle(() => {})
      pipeline(source).use(Object.assign((ctx, next) => next(), { shutdown() { throw new Error('cannot close') } })).handle(() => {})
      setTimeout(() => {}, 5000)
      ${rest}
      process.kill(process.pid, 'SIGTERM')`
    return promisify(execFile)(process.execPath, ['--input-type=module', '-e', script]).catch(error => error)
  }

  it('runs every shutdown on SIGTERM, then ends as the signal would have', async () => {
    const { stdout, stderr, signal } = await run('')
    expect(stdout).toBe('closed a\nclosed b\n')
    expect(stderr).toContain('cannot close')
    expect(signal).toBe('SIGTERM')
  })

  it('leaves the end to another listener of SIGTERM where there is one', async () => {
    const { stdout } = await run(
      "process.on('SIGTERM', () => setTimeout(() => { console.log('mine'); process.exit(0) }, 50))",
    )
    expect(stdout).toBe('closed a\nclosed b\nmine\n')
  })
})
