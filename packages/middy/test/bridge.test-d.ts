// What the types of either side become on the other.
import type { Context, Middleware } from '@lambent/core'
import { http } from '@lambent/http'
import { timeout } from '@lambent/retry'
import middy from '@middy/core'
import httpCors from '@middy/http-cors'
import httpJsonBodyParser from '@middy/http-json-body-parser'
import { expectTypeOf, test } from 'vitest'
import { fromMiddy, type MiddyRequest, toMiddy } from '../src/index.ts'

const user = {
  before: (
    request: MiddyRequest<{ readonly token: string }, { readonly tenant: string }, { user: Promise<string> }>,
  ) => {
    request.internal.user = Promise.resolve('ann')
  },
}

test('ctx.middy has the event, context and internal that the middlewares declare, all of them', () => {
  http()
    .use(fromMiddy(user, httpJsonBodyParser(), httpCors()))
    .handle(({ middy }) => {
      expectTypeOf(middy.event.token).toEqualTypeOf<string>()
      expectTypeOf(middy.event).toHaveProperty('body')
      expectTypeOf(middy.context.tenant).toEqualTypeOf<string>()
      expectTypeOf(middy.internal.user).toEqualTypeOf<Promise<string>>()
      return { statusCode: 200 }
    })
})

test('what is no middleware of middy does not compile', () => {
  // @ts-expect-error a hook is a function
  fromMiddy({ before: 'x' })
  // @ts-expect-error a middleware of Lambent is none of middy
  fromMiddy(timeout(1000))
})

test('context.lambent has what the middlewares of Lambent add', () => {
  const add: Middleware<unknown, { readonly user: string }> = async (_ctx, next) => next({ user: 'ann' })
  const more: Middleware<unknown, { readonly role: 'admin' }> = async (_ctx, next) => next({ role: 'admin' })
  middy()
    .use(toMiddy(add))
    .use(toMiddy(more))
    .handler((_event: unknown, { lambent, functionName }) => {
      expectTypeOf(lambent.user).toEqualTypeOf<string>()
      expectTypeOf(lambent.role).toEqualTypeOf<'admin'>()
      expectTypeOf(lambent.unit).toEqualTypeOf<Context['unit']>()
      expectTypeOf(functionName).toEqualTypeOf<string>()
      // @ts-expect-error nobody adds it
      lambent.nothing
    })
})
