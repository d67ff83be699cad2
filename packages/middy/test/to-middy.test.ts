// Middlewares of Lambent in chains of the published middy.
import type { Middleware } from '@lambent/core'
import { done, HttpError } from '@lambent/core'
import { idempotent, memoryStore } from '@lambent/idempotency'
import { logger, metrics } from '@lambent/powertools'
import { circuitBreaker, memoryCircuitStore, retry, timeout } from '@lambent/retry'
import { json, parse } from '@lambent/schema'
import { secret, secrets } from '@lambent/secrets'
import { apiGatewayProxyEventV2, lambdaContext } from '@lambent/testing'
import middy from '@middy/core'
import httpErrorHandler from '@middy/http-error-handler'
import { afterEach, describe, expect, it, vi } from 'vitest'
import * as z from 'zod'
import { toMiddy } from '../src/index.ts'

afterEach(() => {
  vi.restoreAllMocks()
  vi.unstubAllEnvs()
})

/** Calls it as Lambda does: for middy's types the caller would have to give what its middlewares add to the context. */
const call = async (handler: (event: never, context: never) => unknown, event: unknown, context = lambdaContext()) =>
  handler(event as never, context as never)
const add: Middleware<unknown, { readonly user: string }> = async (_ctx, next) => next({ user: 'ann' })

describe('around a handler of middy', () => {
  it('what it adds is at context.lambent, and the next middleware finds it too', async () => {
    const greet: Middleware<{ readonly user: string }, { readonly greeting: string }> = async (ctx, next) =>
      next({ greeting: `hello ${ctx.user}` })
    const handler = middy()
      .use(toMiddy(add))
      .use(toMiddy(greet))
      .handler((_event: unknown, { lambent }) => `${lambent.greeting}, ${lambent.user}, ${lambent.unit.kind}`)
    expect(await call(handler, {})).toBe('hello ann, ann, invocation')
  })

  it('it may change the result, mend an error, and answer early', async () => {
    const change: Middleware = async (_ctx, next) => {
      const result = await next()
      return { ...result, value: `${result.value}!` }
    }
    const mend: Middleware = async (_ctx, next) => {
      try {
        return await next()
      } catch (error) {
        return done(`mended ${(error as Error).message}`)
      }
    }
    const early: Middleware = async ctx => done(ctx.unit.raw)
    const work = vi.fn((event: unknown) => {
      if (event === 'bad') throw new Error('bad')
      return event
    })
    const changed = middy().use(toMiddy(change)).handler(work)
    expect(await call(changed, 'good')).toBe('good!')
    const mended = middy().use(toMiddy(change)).use(toMiddy(mend)).handler(work)
    // As in middy: who mends an error has the last word.
    expect(await call(mended, 'bad')).toBe('mended bad')
    work.mockClear()
    const answered = middy().use(toMiddy(early)).handler(work)
    expect(await call(answered, 'as it came')).toBe('as it came')
    expect(work).not.toHaveBeenCalled()
  })

  it('an error that it does not mend goes on, and one of its own has its place', async () => {
    const other: Middleware = async (_ctx, next) => {
      try {
        return await next()
      } catch (cause) {
        throw new HttpError(409, 'taken', { cause })
      }
    }
    const passing: Middleware = async (_ctx, next) => await next()
    const error = new Error('bad')
    const fails = () => {
      throw error
    }
    const passed = middy().use(toMiddy(passing)).handler(fails)
    await expect(call(passed, {})).rejects.toBe(error)
    const handler = middy()
      .use(httpErrorHandler({ logger: () => {} }))
      .use(toMiddy(other))
      .handler(fails)
    expect(await call(handler, {})).toMatchObject({ statusCode: 409, body: 'taken' })
  })

  it('one that fails before next() fails the invocation', async () => {
    const refuse: Middleware = async () => {
      throw new HttpError(403, 'no')
    }
    const handler = middy()
      .use(toMiddy(refuse))
      .handler(() => 'never')
    await expect(call(handler, {})).rejects.toThrow('no')
  })

  it('one that runs the rest again says that hooks can’t', async () => {
    const handler = middy()
      .use(toMiddy(retry({ attempts: 3, backoff: () => 0 })))
      .handler(() => {
        throw new Error('bad')
      })
    await expect(call(handler, {})).rejects.toMatchObject({
      code: 'MiddlewareError',
      message: expect.stringContaining('retry() runs the rest again'),
    })
  })

  it.each([
    ['fails', { error: 'early' }],
    ['answers', { value: { statusCode: 408 } }],
  ])('where middy’s early timeout %s, it ends with that', async (kind, outcome) => {
    const seen: unknown[] = []
    const watch: Middleware = async (_ctx, next) => {
      try {
        const result = await next()
        seen.push({ value: result.value })
        return result
      } catch (error) {
        seen.push({ error: (error as Error).message })
        throw error
      }
    }
    const timeoutEarlyResponse = () => {
      if (kind === 'fails') throw new Error('early')
      return { statusCode: 408 }
    }
    const handler = middy({ timeoutEarlyInMillis: 10, timeoutEarlyResponse })
      .use(toMiddy(watch))
      .handler(() => new Promise(() => {}))
    const ended = call(handler, {}, lambdaContext({ getRemainingTimeInMillis: () => 30 }))
    if (kind === 'fails') await expect(ended).rejects.toThrow('early')
    else expect(await ended).toEqual({ statusCode: 408 })
    expect(seen).toEqual([outcome])
  })

  it('64 invocations at once do not mix', async () => {
    const tag: Middleware<unknown, { readonly tag: unknown }> = async (ctx, next) => {
      await new Promise(resolve => setTimeout(resolve, Math.random() * 5))
      const result = await next({ tag: ctx.unit.raw })
      await new Promise(resolve => setTimeout(resolve, Math.random() * 5))
      return { ...result, value: [ctx.unit.raw, result.value] }
    }
    const handler = middy()
      .use(toMiddy(tag))
      .handler(async (_event: unknown, { lambent }) => {
        await new Promise(resolve => setTimeout(resolve, Math.random() * 5))
        return lambent.tag
      })
    const ids = Array.from({ length: 64 }, (_, id) => id)
    const results = await Promise.all(ids.map(id => call(handler, id)))
    expect(results).toEqual(ids.map(id => [id, id]))
  })

  it('what is no middleware is refused when it is defined', () => {
    expect(() => toMiddy({} as never)).toThrow('a function')
  })
})

describe('Lambent’s own', () => {
  it('secrets()', async () => {
    const client = {
      getSecretValue: async () => ({ SecretString: '{"key":"k-1"}', ARN: 'a', VersionId: 'v', $metadata: {} }),
    }
    const handler = middy()
      .use(toMiddy(secrets({ psp: secret('prod/psp', { schema: z.object({ key: z.string() }), client }) })))
      .handler((_event: unknown, { lambent }) => lambent.secrets.psp.key)
    expect(await call(handler, {})).toBe('k-1')
  })

  it('logger()', async () => {
    vi.stubEnv('POWERTOOLS_DEV', 'true')
    const lines: string[] = []
    vi.spyOn(console, 'info').mockImplementation(line => lines.push(line))
    const handler = middy()
      .use(toMiddy(logger({ serviceName: 'orders' })))
      .handler((_event: unknown, { lambent }) => {
        lambent.log.info('taken')
        return 1
      })
    await call(handler, {}, lambdaContext({ awsRequestId: 'r-7' }))
    expect(lines.map(line => JSON.parse(line))).toEqual([
      expect.objectContaining({ message: 'taken', service: 'orders', function_request_id: 'r-7' }),
    ])
  })

  it('logger() and metrics() hear what the others of the chain tell', async () => {
    const lines: Record<string, unknown>[] = []
    for (const stream of [process.stdout, process.stderr])
      vi.spyOn(stream, 'write').mockImplementation(text => lines.push(JSON.parse(`${text}`)) > 0)
    const handler = middy()
      .use(toMiddy(logger({ logLevel: 'DEBUG' })))
      .use(toMiddy(metrics({ namespace: 'shop' })))
      .use(toMiddy(idempotent({ store: memoryStore(), key: ({ unit }) => Object(unit.raw).id })))
      .handler((_event: unknown, { lambent }) =>
        lambent.telemetry.emit({ name: 'shop.odd', level: 'warn', message: 'm', unit: lambent.unit }),
      )
    await call(handler, { id: 'a' })
    vi.restoreAllMocks()
    expect(lines.flatMap(({ name }) => name ?? [])).toEqual(['idempotency.acquired', 'shop.odd'])
    expect(lines.flatMap(line => ('_aws' in line ? [[line.UnitsDone, line.WarningEvents]] : []))).toEqual([[1, 1]])
  })

  it('circuitBreaker() opens on the failures of a handler', async () => {
    vi.spyOn(console, 'warn').mockImplementation(() => {})
    vi.spyOn(console, 'error').mockImplementation(() => {})
    const work = vi.fn(() => {
      throw new Error('down')
    })
    const handler = middy()
      .use(toMiddy(circuitBreaker({ name: 'psp', store: memoryCircuitStore(), minimumCalls: 2 } as never)))
      .handler(work)
    for (let i = 0; i < 20; i++) await call(handler, {}).catch(() => {})
    await expect(call(handler, {})).rejects.toMatchObject({ code: 'CircuitOpen' })
    expect(work.mock.calls.length).toBeLessThan(20)
  })

  it('timeout() ends a handler that hangs', async () => {
    vi.spyOn(console, 'warn').mockImplementation(() => {})
    const handler = middy({ timeoutEarlyInMillis: 0 })
      .use(toMiddy(timeout(20)))
      .handler(
        (_event: unknown, { lambent }) =>
          new Promise((_resolve, reject) =>
            lambent.signal.addEventListener('abort', () => reject(lambent.signal.reason)),
          ),
      )
    await expect(call(handler, {})).rejects.toMatchObject({ name: 'TimeoutError' })
  })

  it('idempotent() gives a repeat the first result, and frees the key of what failed', async () => {
    let effects = 0
    const handler = middy<{ readonly id: string; readonly fail?: boolean }>()
      .use(toMiddy(idempotent({ store: memoryStore(), key: ({ unit }) => Object(unit.raw).id })))
      .handler(event => {
        if (event.fail) throw new Error('bad')
        return `effect ${++effects}`
      })
    await expect(call(handler, { id: 'b', fail: true })).rejects.toThrow('bad')
    expect(await call(handler, { id: 'b' })).toBe('effect 1')
    expect(await call(handler, { id: 'b' })).toBe('effect 1')
    expect(await call(handler, { id: 'c' })).toBe('effect 2')
  })

  it('parse() by a schema, whose error @middy/http-error-handler answers', async () => {
    const body = (event: { readonly body?: string }) => ({ ...event })
    const raw: Middleware = async (ctx, next) => next({ unit: { ...ctx.unit, raw: body(Object(ctx.event)).body } })
    const handler = middy()
      .use(httpErrorHandler({ logger: () => {} }))
      .use(toMiddy(raw))
      .use(toMiddy(parse(json(z.object({ id: z.number() })))))
      .handler((_event: unknown, { lambent }) => ({ statusCode: 200, body: `${lambent.body.id}` }))
    const event = (text: string) =>
      apiGatewayProxyEventV2({ method: 'POST', path: '/', body: text, headers: { 'content-type': 'application/json' } })
    expect(await call(handler, event('{"id":7}'))).toMatchObject({ statusCode: 200, body: '7' })
  })
})
