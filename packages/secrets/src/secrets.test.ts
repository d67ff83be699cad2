// `secrets()` in a pipeline: by a clock that the tests set, and sources that they answer.
import { inspect } from 'node:util'
import type { TelemetryEvent } from '@lambent/core'
import * as v from 'valibot'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { lambda, plain } from '../test/context.ts'
import { SecretError } from './secret-error.ts'
import { secrets } from './secrets.ts'
import { secret } from './secrets-manager.ts'
import { source } from './source.ts'

afterEach(() => void vi.restoreAllMocks())

function world(options: { maxAge?: number; maxStale?: number; refreshOn?: (error: unknown) => boolean } = {}) {
  let clock = 1_000_000
  let answers: (() => unknown)[] = []
  let calls = 0
  const one = source({
    name: 'prod/one',
    fetch: async (): Promise<string> => {
      calls++
      return ((answers.length > 1 ? answers.shift() : answers[0]) ?? (() => `value ${calls}`))() as string
    },
  })
  const said: TelemetryEvent[] = []
  const middleware = secrets(
    { one },
    { maxAge: 1000, maxStale: 5000, now: () => clock, random: () => 0, timeout: 200, ...options },
  )
  return {
    middleware,
    said,
    pass: (ms: number) => {
      clock += ms
    },
    answer: (...next: (() => unknown)[]) => {
      answers = next
    },
    calls: () => calls,
    names: () => said.map(({ name }) => name),
    run: plain(said)
      .use(middleware)
      .handle(({ secrets }) => secrets.one),
  }
}
const settle = () => new Promise(resolve => setTimeout(resolve, 1))
const down = () => {
  throw Object.assign(new Error('no'), { name: 'ThrottlingException' })
}

describe('secrets()', () => {
  it('begins to fetch when it is defined, and fetches once for a thousand callers', async () => {
    const { run, calls } = world()
    expect(calls()).toBe(1)
    const all = await Promise.all(Array.from({ length: 1000 }, () => run({}, lambda())))
    expect(new Set(all)).toEqual(new Set(['value 1']))
    expect(calls()).toBe(1)
  })

  it('tells of hits by hundreds, and of the others when it fetches again: none is lost', async () => {
    const { run, said, pass, answer } = world()
    const told = () => said.filter(({ name }) => name === 'secrets.hit').map(({ fields }) => fields?.count)
    answer(() => 'value')
    await run({}, lambda()) // waits for the fetch of init
    for (let i = 0; i < 250; i++) await run({}, lambda())
    expect(told()).toEqual([100, 100])
    pass(1500)
    await run({}, lambda())
    expect(told()).toEqual([100, 100, 50])
  })

  it('serves the old value while one refresh runs, then the new one', async () => {
    const { run, pass, calls } = world()
    await run({}, lambda())
    pass(1000)
    expect(await Promise.all([run({}, lambda()), run({}, lambda())])).toEqual(['value 1', 'value 1'])
    await settle()
    expect([await run({}, lambda()), calls()]).toEqual(['value 2', 2])
  })

  it('serves the old value while the service is down, says so, then fails clearly', async () => {
    const { run, pass, answer, said } = world()
    await run({}, lambda())
    answer(down)
    for (const _ of [1, 2, 3]) {
      pass(1700)
      expect(await run({}, lambda())).toBe('value 1')
      await settle()
    }
    expect(said).toContainEqual(
      expect.objectContaining({
        name: 'secrets.stale',
        level: 'warn',
        message: 'an old value of prod/one is served: it can’t be refreshed',
      }),
    )
    expect(said).toContainEqual(expect.objectContaining({ name: 'secrets.failed', level: 'warn' }))
    pass(60_000)
    await expect(run({}, lambda())).rejects.toMatchObject({
      name: 'SecretError',
      code: 'SecretExpired',
      message: 'prod/one: its value is older than maxAge and maxStale allow, and it can’t be refreshed',
    })
  })

  it('does not ask at each unit for what can’t be had', async () => {
    const { run, pass, answer, calls, said } = world()
    answer(down)
    await settle()
    const first = calls()
    pass(60_000)
    for (const _ of [1, 2, 3, 4]) await expect(run({}, lambda())).rejects.toThrow('prod/one: its value is older than')
    expect(calls()).toBe(first + 1)
    expect(said.filter(({ name }) => name === 'secrets.failed')).toHaveLength(1)
    pass(60_000)
    answer(() => 'at last')
    expect(await run({}, lambda())).toBe('at last')
  })

  it('gives up what does not answer, and what was frozen does not block the next invocation', async () => {
    const { run, answer, pass } = world()
    await run({}, lambda())
    answer(() => new Promise(() => {}))
    pass(10_000)
    await expect(run({}, lambda())).rejects.toMatchObject({
      code: 'SecretExpired',
      cause: { code: 'SecretUnavailable' },
    })
    answer(() => 'again')
    pass(60_000)
    expect(await run({}, lambda())).toBe('again')
  })

  describe('of a fetch that an invocation left behind, and that froze', () => {
    const frozen = async (age: number) => {
      const own = world()
      const late: unknown[] = []
      await own.run({}, lambda())
      own.answer(() => new Promise(() => {}))
      own.pass(age)
      await own.run({}, lambda(40)).catch(error => late.push(error))
      own.answer(() => 'again')
      return { ...own, late }
    }

    it('hears nothing: the next invocation fetches anew, whether its timer has fired', async () => {
      const { run, pass, said, late } = await frozen(10_000)
      expect(late).toMatchObject([{ name: 'TimeoutError' }])
      pass(60_000)
      await new Promise(resolve => setTimeout(resolve, 400)) // the timer of the first one
      expect(await run({}, lambda())).toBe('again')
      expect(said.filter(({ level }) => level === 'warn' || level === 'error')).toEqual([])
    })

    it('or fires while the next invocation waits', async () => {
      const { run, pass } = await frozen(10_000)
      pass(350)
      expect(await run({}, lambda())).toBe('again')
    })

    it('and for a value that serves begins another, without a warning', async () => {
      const { run, pass, names } = await frozen(1500)
      pass(2000)
      await new Promise(resolve => setTimeout(resolve, 400))
      expect(await run({}, lambda())).toBe('value 1')
      await settle()
      expect(await run({}, lambda())).toBe('again')
      expect(names()).not.toContain('secrets.stale')
      expect(names()).not.toContain('secrets.failed')
    })
  })

  it('waits no longer than the deadline', async () => {
    const { run, answer, pass } = world()
    await run({}, lambda())
    answer(() => new Promise(() => {}))
    pass(10_000)
    await expect(run({}, lambda(40))).rejects.toMatchObject({ name: 'TimeoutError' })
  })

  it('refreshes one by hand', async () => {
    const { middleware, calls } = world()
    const handler = plain()
      .use(middleware)
      .handle(async ({ secrets }) => [secrets.one, await secrets.refresh('one'), secrets.one])
    expect(await handler({}, lambda())).toEqual(['value 1', 'value 2', 'value 2'])
    expect(calls()).toBe(2)
  })

  it('a refresh by hand that fails throws, and the old value still serves', async () => {
    const { middleware, answer } = world()
    await settle()
    answer(down)
    const handler = plain()
      .use(middleware)
      .handle(async ({ secrets }) => [await secrets.refresh('one').catch((error: Error) => error.name), secrets.one])
    expect(await handler({}, lambda())).toEqual(['SecretError', 'value 1'])
  })
})

describe('refreshOn', () => {
  class AuthenticationError extends Error {}
  const refreshOn = (error: unknown) => error instanceof AuthenticationError

  it('fetches anew and runs the rest once more, once', async () => {
    const { middleware, said, calls, pass } = world({ refreshOn })
    const seen: string[] = []
    const handler = plain(said)
      .use(middleware)
      .handle(({ secrets }) => {
        pass(1)
        seen.push(secrets.one)
        if (secrets.one !== 'value 3') throw new AuthenticationError('password')
      })
    await expect(handler({}, lambda())).rejects.toBeInstanceOf(AuthenticationError)
    expect(seen).toEqual(['value 1', 'value 2'])
    await handler({}, lambda())
    expect(seen).toEqual(['value 1', 'value 2', 'value 2', 'value 3'])
    expect([calls(), said.filter(({ name }) => name === 'secrets.rotated').length]).toEqual([3, 2])
  })

  it('leaves other errors alone', async () => {
    const { middleware, calls } = world({ refreshOn })
    const handler = plain()
      .use(middleware)
      .handle(() => {
        throw new Error('another')
      })
    await expect(handler({}, lambda())).rejects.toThrow('another')
    expect(calls()).toBe(1)
  })

  it('throws the first error where nothing new can be had', async () => {
    const { middleware, answer, pass } = world({ refreshOn })
    await settle()
    answer(down)
    let runs = 0
    const handler = plain()
      .use(middleware)
      .handle(() => {
        pass(1)
        runs++
        throw new AuthenticationError('password')
      })
    await expect(handler({}, lambda())).rejects.toBeInstanceOf(AuthenticationError)
    expect(runs).toBe(1)
  })

  it('of 64 units that fail at once fetches once', async () => {
    const { middleware, calls, pass } = world({ refreshOn })
    const handler = plain()
      .use(middleware)
      .handle(async ({ secrets }) => {
        const { one } = secrets
        await settle()
        if (one === 'value 1') throw new AuthenticationError('password')
        return one
      })
    await settle()
    pass(1)
    const all = await Promise.all(Array.from({ length: 64 }, () => handler({}, lambda())))
    expect(new Set(all)).toEqual(new Set(['value 2']))
    expect(calls()).toBe(2)
  })
})

describe('values', () => {
  const PLANTED = 'pa55word-planted'
  const Db = v.object({ username: v.string(), password: v.string() })
  const client = {
    getSecretValue: async ({ SecretId }: { SecretId: string }) => ({
      $metadata: {},
      SecretString:
        SecretId === 'bad'
          ? `{"username":7,"password":"${PLANTED}"}`
          : SecretId === 'cut'
            ? `{"password":"${PLANTED}`
            : `{"username":"u","password":"${PLANTED}"}`,
    }),
  }

  it('are never printed: not with the context, not by JSON, not in errors, not in telemetry', async () => {
    const printed: string[] = []
    for (const method of ['log', 'info', 'warn', 'error', 'debug'] as const)
      vi.spyOn(console, method).mockImplementation(
        (...values) =>
          void printed.push(values.map(value => (typeof value === 'string' ? value : inspect(value))).join(' ')),
      )
    const said: TelemetryEvent[] = []
    const good = plain(said)
      .use(secrets({ db: secret('good', { client, schema: Db }) }))
      .handle(ctx => {
        expect(ctx.secrets.db.password).toBe(PLANTED)
        console.log(ctx)
        console.log(ctx.secrets, ctx.secrets.db)
        console.log(inspect(ctx, { depth: 20, showHidden: true, getters: true }))
        console.log(JSON.stringify({ secrets: ctx.secrets, unit: ctx.unit, event: ctx.event }))
        console.log(Object.entries(ctx.secrets), { ...ctx.secrets })
        expect(inspect(ctx.secrets)).toBe("{ db: '[secret]' }")
        expect(JSON.stringify(ctx.secrets)).toBe('{"db":"[secret]"}')
      })
    await good({}, lambda())
    for (const id of ['bad', 'cut']) {
      const handler = plain(said)
        .use(secrets({ db: secret(id, { client, schema: Db }) }))
        .handle(() => {})
      const error: unknown = await handler({}, lambda()).catch(thrown => thrown)
      expect(error).toBeInstanceOf(SecretError)
      console.log(error, inspect(error, { depth: 20, showHidden: true }), (error as Error).stack)
    }
    console.log(inspect(said, { depth: 20 }))
    expect(printed.join('\n')).toContain('[secret]')
    expect(printed.join('\n')).toContain('bad: it does not fit its schema, at username')
    expect(printed.join('\n')).not.toContain(PLANTED)
  })

  it('can’t be changed by who uses them', async () => {
    const handler = plain()
      .use(secrets({ db: secret('good', { client, schema: Db }) }))
      .handle(({ secrets }) => {
        ;(secrets.db as { password: string }).password = 'changed'
      })
    await expect(handler({}, lambda())).rejects.toThrow(/read only/)
  })
})

describe('a definition that is wrong', () => {
  const one = source({ name: 'one', fetch: () => 1 })

  it.each<[string, () => unknown, string]>([
    [
      'no source',
      () => secrets({ one: 'prod/db' as never }),
      "secrets({ one }) takes a source, such as secret('name')",
    ],
    ['the name refresh', () => secrets({ refresh: one }), 'can’t name a secret refresh'],
    ['a negative time', () => secrets({ one }, { maxAge: -1 }), 'secrets({}, { maxAge }) takes milliseconds, not -1'],
    ['an empty name', () => secret(''), 'secret(id) takes a name; got an empty string'],
    ['no fetch', () => source({ name: 'x', fetch: 1 as never }), 'source({ fetch }) takes a function'],
  ])('is refused at once: %s', (_name, define, message) => {
    expect(define).toThrow(message)
  })
})
