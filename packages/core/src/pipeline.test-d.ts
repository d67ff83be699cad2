import type { Context as AwsContext, Handler as AwsHandler } from 'aws-lambda'
import { describe, expectTypeOf, it } from 'vitest'
import { batch, plain } from '../test/source.ts'
import { done, type LambdaContext, type Middleware } from './index.ts'

const user: Middleware<unknown, { user: { name: string } }> = async (_ctx, next) => next({ user: { name: 'n' } })
const age: Middleware<{ user: { name: string } }, { age: number }> = async (ctx, next) =>
  next({ age: ctx.user.name.length })
function keyed<Ctx, Key>(options: { key: (ctx: Ctx) => Key }): Middleware<Ctx, { key: Key }> {
  return async (ctx, next) => next({ key: options.key(ctx) })
}

describe('types', () => {
  it('flow from middleware to middleware and to the handler', () => {
    plain()
      .use(user)
      .use(age)
      .handle(ctx => {
        expectTypeOf(ctx.age).toEqualTypeOf<number>()
        expectTypeOf(ctx.user).toEqualTypeOf<{ name: string }>()
        expectTypeOf(ctx.event).toEqualTypeOf<{ name?: string }>()
        expectTypeOf(ctx.signal).toEqualTypeOf<AbortSignal>()
      })
  })

  it('flow into the callbacks of a middleware that is made in place', () => {
    plain()
      .use(user)
      .use(keyed({ key: ({ user }) => user.name }))
      .handle(({ key }) => expectTypeOf(key).toEqualTypeOf<string>())
  })

  it('are inferred for a middleware that is written in place', () => {
    plain()
      .use(user)
      .use(async (ctx, next) => {
        expectTypeOf(ctx.user.name).toEqualTypeOf<string>()
        if (ctx.unit.id === '') return done()
        return next({ n: 1 })
      })
      .handle(({ n }) => expectTypeOf(n).toEqualTypeOf<number>())
  })

  it('of the batch are replaced by those of the record after each(), what middlewares added stays', () => {
    batch()
      .use(user)
      .each({ reverse: true })
      .handle(ctx => {
        expectTypeOf(ctx.item).toEqualTypeOf<string>()
        expectTypeOf(ctx.user.name).toEqualTypeOf<string>()
        expectTypeOf(ctx.event).toEqualTypeOf<unknown>()
      })
  })

  it('of the handler fit Lambda’s own', () => {
    expectTypeOf<AwsContext>().toExtend<LambdaContext>()
    const handler = batch().handle(() => ['a'])
    expectTypeOf(handler).toExtend<(event: { items: string[] }, context: AwsContext) => Promise<string[]>>()
    expectTypeOf(handler).toExtend<AwsHandler<{ items: string[] }, string[]>>()
  })

  it('refuse what the source cannot take as a result', () => {
    // @ts-expect-error a number is no list of ids
    batch().handle(() => 5)
  })
})
