import type { Middleware } from '@lambent/core'
import { schedule } from '@lambent/events/schedule'
import { http } from '@lambent/http'
import { apiGatewayProxyEventV2, lambdaContext, scheduledEvent } from '@lambent/testing'
import { afterEach, expect, expectTypeOf, it, vi } from 'vitest'
import { output } from '../test/output.ts'
import { warmup } from './warmup.ts'

afterEach(() => {
  vi.restoreAllMocks()
  vi.unstubAllEnvs()
})

const parts = () => {
  const ran: string[] = []
  const permissions = [{ actions: ['ssm:GetParameter'], resources: ['*'] }]
  const init = async () => {
    await new Promise(resolve => setTimeout(resolve, 5))
    ran.push('init')
  }
  const middleware: Middleware = Object.assign(
    async (_ctx: unknown, next: Parameters<Middleware>[1]) => {
      ran.push('middleware')
      return await next()
    },
    { init, permissions },
  )
  const handler = http()
    .use(middleware)
    .handle(() => {
      ran.push('handler')
      return { status: 204 }
    })
  return { ran, handler, permissions }
}

it.each([{ source: 'serverless-plugin-warmup' }, { warmer: true, concurrency: 3 }, { warmup: true }])(
  '%j reaches no source, no middleware and no handler, but awaits init',
  async event => {
    const { ran, handler } = parts()
    expect(await warmup(handler)(event as never, lambdaContext())).toBe('warmup')
    expect(ran).toEqual(['init'])
  },
)

it('other events go their way, and the handler stays what it was', async () => {
  const { ran, handler, permissions } = parts()
  const warm = warmup(handler)
  expect(await warm(apiGatewayProxyEventV2({ method: 'GET', path: '/' }), lambdaContext())).toMatchObject({
    statusCode: 204,
  })
  expect(ran).toEqual(['init', 'middleware', 'handler'])
  expect([warm.length, warm.permissions]).toEqual([2, permissions])
  await warm.ready()
})

it('which events are meant may be said; a schedule of the function’s own is none', async () => {
  const work = vi.fn()
  const handler = schedule().handle(work)
  expectTypeOf(warmup(handler)).returns.resolves.toEqualTypeOf<Awaited<ReturnType<typeof handler>> | 'warmup'>()
  await warmup(handler)(scheduledEvent(), lambdaContext())
  expect(work).toHaveBeenCalledOnce()
  const mine = warmup(handler, { isWarmup: event => Object(event).ping === 1 })
  expect(await mine({ ping: 1 } as never, lambdaContext())).toBe('warmup')
})

it.each([
  [[{ warmup: true }, 'request'], [false]],
  [
    ['request', { warmup: true }, 'request'],
    [true, false],
  ],
])('after a warm-up no invocation is a cold start: %j', async (events, cold) => {
  vi.stubEnv('AWS_LAMBDA_INITIALIZATION_TYPE', 'on-demand')
  vi.resetModules()
  const { logger, warmup } = await import('./index.ts')
  const out = output()
  const handler = warmup(
    http()
      .use(logger())
      .handle(({ log }) => log.info('x')),
  )
  for (const event of events)
    await handler(event === 'request' ? apiGatewayProxyEventV2() : (event as never), lambdaContext())
  expect(out.lines.map(({ cold_start }) => cold_start)).toEqual(cold)
})

it('an init that fails fails the warm-up, which is how one hears of it', async () => {
  const broken: Middleware = Object.assign(async (_ctx: unknown, next: Parameters<Middleware>[1]) => next(), {
    init: async () => {
      throw new Error('no such secret')
    },
  })
  await expect(
    warmup(
      http()
        .use(broken)
        .handle(() => 1),
    )({ warmup: true } as never, lambdaContext()),
  ).rejects.toThrow('no such secret')
})

it('takes a handler, and nothing else', () => {
  expect(() => warmup((async () => 1) as never)).toThrow('.handle()')
  expect(() => warmup(parts().handler, { isWarmup: 1 as never })).toThrow('isWarmup')
})
