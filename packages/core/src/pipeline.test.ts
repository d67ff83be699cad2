import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { batch, lambda, plain } from '../test/source.ts'
import { done, type Middleware, type Next } from './index.ts'

const adds =
  <K extends string>(key: K): Middleware<unknown, Record<K, string>> =>
  (_ctx, next) =>
    next({ [key]: key } as unknown as Record<K, string>)

describe('pipeline', () => {
  it('is a plain Lambda handler of length 2', async () => {
    const handler = plain().handle(() => 'hello')
    expect(handler.length).toBe(2)
    expect(await handler({}, lambda())).toBe('hello')
  })

  it('runs middlewares from the outside in and back, each around the rest', async () => {
    const trail: string[] = []
    const around =
      (name: string): Middleware =>
      async (_ctx, next) => {
        trail.push(`${name} in`)
        const result = await next()
        trail.push(`${name} out`)
        return result
      }
    const handler = plain()
      .use(around('a'))
      .use(around('b'))
      .handle(() => {
        trail.push('work')
      })
    await handler({}, lambda())
    expect(trail).toEqual(['a in', 'b in', 'work', 'b out', 'a out'])
  })

  it('gives what a middleware adds to what comes after it', async () => {
    const handler = plain()
      .use(async (_ctx, next) => next({ a: 1 }))
      .use(async (ctx, next) => next({ b: ctx.a + 1 }))
      .handle(ctx => ctx.a + ctx.b)
    expect(await handler({}, lambda())).toBe(3)
  })

  it('starts a second run from where the first began, with nothing that the first run added', async () => {
    const seen: unknown[] = []
    const handler = plain()
      .use(async (_ctx, next) => next({ kept: 1 }))
      .use(async (_ctx, next) => {
        await next({ attempt: 1 })
        await next()
        return next({ attempt: 3 })
      })
      .use(async (ctx, next) => {
        seen.push(Object.keys(ctx).filter(key => !key.startsWith('$')))
        return next({ added: 1 })
      })
      .handle(() => {})
    await handler({}, lambda())
    const from = ['event', 'unit', 'lambda', 'kept']
    expect(seen).toEqual([[...from, 'attempt'], from, [...from, 'attempt']])
  })

  it('changes nothing that is there already: who holds a context keeps it', async () => {
    const held: { a: number; signal: AbortSignal }[] = []
    const signal = new AbortController().signal
    const hold = (ctx: object, next: Next) => {
      held.push(ctx as never)
      return next()
    }
    const handler = plain()
      .use((_ctx, next) => next({ a: 1 }))
      .use(hold as Middleware)
      .use((_ctx, next) => next({ a: 2, signal }))
      .use(hold as Middleware)
      .handle(() => {})
    await handler({}, lambda())
    expect(held.map(({ a }) => a)).toEqual([1, 2])
    expect(held.map(ctx => ctx.signal === signal)).toEqual([false, true])
  })

  it('has event, lambda, unit, deadline and signal on the context of every level', async () => {
    const context = lambda()
    const handler = plain()
      .use(adds('x'))
      .handle(ctx => {
        expect(ctx.lambda).toBe(context)
        expect(ctx.event).toEqual({ name: 'n' })
        expect(ctx.unit.id).toBe('r-1')
        expect(ctx.deadline.remaining()).toBeGreaterThan(2000)
        expect(ctx.deadline.remaining()).toBeLessThanOrEqual(2500)
        expect(ctx.signal.aborted).toBe(false)
        return ctx.x
      })
    expect(await handler({ name: 'n' }, context)).toBe('x')
  })

  it('stops short of the handler with done(value)', async () => {
    const handler = plain()
      .use(async () => done('cached'))
      .handle(() => {
        throw new Error('must not run')
      })
    expect(await handler({}, lambda())).toBe('cached')
  })

  it('lets a middleware read and replace the value', async () => {
    const handler = plain()
      .use(async (_ctx, next) => {
        const result = await next({ added: 'x' })
        return { ...result, value: `<${result.value}>` }
      })
      .handle(({ added }) => added)
    expect(await handler({}, lambda())).toBe('<x>')
  })

  it('may call next() again once it has settled', async () => {
    let attempts = 0
    const handler = plain()
      .use(async (_ctx, next) => {
        try {
          return await next({ attempt: 1 })
        } catch {
          return await next({ attempt: 2 })
        }
      })
      .use(adds('y'))
      .handle(ctx => {
        attempts++
        if (ctx.attempt === 1) throw new Error('first')
        return `${ctx.attempt}${ctx.y}`
      })
    expect(await handler({}, lambda())).toBe('2y')
    expect(attempts).toBe(2)
  })

  it('refuses next() while next() is running', async () => {
    const handler = plain()
      .use(async function twice(_ctx, next) {
        const [first] = await Promise.all([next(), next()])
        return first
      })
      .handle(() => sleep(1))
    await expect(handler({}, lambda())).rejects.toThrow('middleware 1 (twice) did not await next()')
  })

  it('refuses a middleware that returns before next() has settled', async () => {
    const forgetful = (async (_ctx, next) => {
      next()
      return done('too early')
    }) as Middleware
    const handler = plain()
      .use(forgetful)
      .handle(() => sleep(5))
    await expect(handler({}, lambda())).rejects.toThrow('(forgetful) did not await next()')
  })

  it('refuses a middleware that does not return what next() gave', async () => {
    const forgetful = (async (_ctx: unknown, next: () => Promise<unknown>) => {
      await next()
    }) as unknown as Middleware
    const handler = plain()
      .use(forgetful)
      .handle(() => 'lost')
    await expect(handler({}, lambda())).rejects.toThrow('middleware 1 (forgetful) did not return what next() gave')
  })

  it('refuses a middleware that returns something else than a promise of a result', async () => {
    const wrong = (() => 'value') as unknown as Middleware
    await expect(
      plain()
        .use(wrong)
        .handle(() => {})({}, lambda()),
    ).rejects.toThrow('did not return what next() gave')
  })

  it('lets a failing next() that nobody awaits neither crash the process nor be lost', async () => {
    const forgetful = (async (_ctx, next) => {
      next()
      return done()
    }) as Middleware
    const handler = plain()
      .use(forgetful)
      .handle(async () => {
        await sleep(1)
        throw new Error('late')
      })
    await expect(handler({}, lambda())).rejects.toMatchObject({ code: 'MiddlewareError' })
    await sleep(5)
  })

  it.each([
    [
      'throws at once',
      () => {
        throw new Error('charge failed')
      },
    ],
    [
      'fails before the middleware returns',
      async () => {
        throw new Error('charge failed')
      },
    ],
    ['succeeds', () => 'charged'],
  ])(
    'refuses a middleware that never awaits next(), even if the rest has settled by then: it %s',
    async (_how, work) => {
      const forgetful = (async (_ctx, next) => {
        next()
        await sleep(2)
        return done('fine')
      }) as Middleware
      const atOnce = ((_ctx, next) => {
        next()
        return Promise.resolve(done('fine'))
      }) as Middleware
      for (const middleware of [forgetful, atOnce])
        await expect(plain().use(middleware).handle(work)({}, lambda())).rejects.toMatchObject({
          code: 'MiddlewareError',
        })
    },
  )

  it('takes every way to await next(): await, then, catch, finally, race, all', async () => {
    const ways: Middleware[] = [
      async (_ctx, next) => await next(),
      (_ctx, next) => next().then(result => result),
      (_ctx, next) => next().catch(error => Promise.reject(error)),
      (_ctx, next) => next().finally(() => {}),
      (_ctx, next) => Promise.race([next(), sleep(1000).then(() => done('late'))]),
      async (_ctx, next) => (await Promise.all([next()]))[0],
      async (_ctx, next) => {
        const rest = next()
        await sleep(1)
        return rest
      },
    ]
    for (const way of ways)
      expect(
        await plain()
          .use(way)
          .handle(() => 'value')({}, lambda()),
      ).toBe('value')
    expect(
      await new Promise(resolve =>
        plain()
          .use((_ctx, next) => {
            const rest = next()
            resolve(rest instanceof Promise)
            return rest
          })
          .handle(() => 1)({}, lambda()),
      ),
    ).toBe(true)
  })

  it('may throw while next() is still running, as a timeout does', async () => {
    const handler = plain()
      .use(async (_ctx, next) => {
        next()
        throw new Error('took too long')
      })
      .handle(() => sleep(2))
    await expect(handler({}, lambda())).rejects.toThrow('took too long')
  })

  it.each([undefined, null, 'text', 0, { odd: true }])('rejects with anything thrown, as it was: %j', async thrown => {
    const handler = plain()
      .use((_ctx, next) => next())
      .handle(() => {
        throw thrown
      })
    await expect(handler({}, lambda()).catch(error => ({ error }))).resolves.toEqual({ error: thrown })
  })

  it('turns a middleware that throws synchronously into a rejection that outer middlewares see', async () => {
    const handler = plain()
      .use(async (_ctx, next) => {
        try {
          return await next()
        } catch (error) {
          return done((error as Error).message)
        }
      })
      .use(() => {
        throw new Error('sync')
      })
      .handle(() => 'never')
    expect(await handler({}, lambda())).toBe('sync')
  })

  it('answers errors by the source where it can', async () => {
    const handler = plain(error => ({ failed: (error as Error).message })).handle(() => {
      throw new Error('x')
    })
    expect(await handler({}, lambda())).toEqual({ failed: 'x' })
  })

  it('can be continued from the same point twice: pipelines are values', async () => {
    const base = plain().use(adds('base'))
    const one = base.use(adds('one')).handle(ctx => Object.keys(ctx).includes('one'))
    const two = base.handle(ctx => Object.keys(ctx).includes('one'))
    expect(await one({}, lambda())).toBe(true)
    expect(await two({}, lambda())).toBe(false)
  })

  it('says what was given instead of a function', () => {
    expect(() =>
      plain()
        .use(undefined as never)
        .handle(() => {}),
    ).toThrow('undefined is no function')
    expect(() => plain().handle({} as never)).toThrow('object is no function')
  })

  it('lets middlewares narrow signal and deadline for what comes after them, each its own', async () => {
    const narrow =
      (at: number): Middleware =>
      (_ctx, next) =>
        next({ deadline: { at, remaining: () => at }, signal: AbortSignal.abort(at) })
    const handler = plain()
      .use(narrow(1))
      .use(narrow(2))
      .use(adds('more'))
      .handle(ctx => [ctx.deadline.at, ctx.signal.reason])
    expect(await handler({}, lambda())).toEqual([2, 2])
  })

  it('keeps the signal of the invocation where a middleware narrows the deadline alone', async () => {
    const handler = batch()
      .each()
      .use(async (ctx, next) => (ctx.item === 'a' ? next({ deadline: { at: 0, remaining: () => 0 } }) : next()))
      .handle(ctx => ctx.signal.aborted)
    expect(await handler({ items: ['a', 'b'] }, lambda())).toEqual(['false', 'false'])
  })

  it('lets a middleware put its own telemetry before what comes after it', async () => {
    const heard: string[] = []
    const handler = plain()
      .use((_ctx, next) =>
        next({ telemetry: { emit: (event: { name: string }) => void heard.push(event.name), subscribe: () => {} } }),
      )
      .handle(ctx => ctx.telemetry.emit({ name: 'mine', level: 'info', message: '' }))
    await handler({}, lambda())
    expect(heard).toEqual(['mine'])
  })

  it('works without a Lambda context, as in a test: no deadline', async () => {
    const handler = plain().handle(ctx => [ctx.deadline.at, ctx.signal.aborted])
    expect(await handler({}, undefined as never)).toEqual([Number.POSITIVE_INFINITY, false])
  })

  it('lists the permissions of its source and of its middlewares, of both levels', () => {
    const needs = (action: string): Middleware =>
      Object.assign(((_ctx, next) => next()) as Middleware, { permissions: [{ actions: [action], resources: ['*'] }] })
    const handler = batch({ permissions: [{ actions: ['sqs:ChangeMessageVisibility'], resources: ['*'] }] })
      .use(needs('s3:GetObject'))
      .each()
      .use(needs('sqs:SendMessage'))
      .handle(() => {})
    expect(handler.permissions.map(({ actions }) => actions[0])).toEqual([
      'sqs:ChangeMessageVisibility',
      's3:GetObject',
      'sqs:SendMessage',
    ])
  })
})

describe('each', () => {
  it('runs what comes after it once a record, what comes before it once an invocation', async () => {
    const trail: string[] = []
    const handler = batch()
      .use(async (ctx, next) => {
        trail.push(ctx.unit.kind)
        return next({ shared: 'S' })
      })
      .each()
      .use(async (ctx, next) => {
        trail.push(`${ctx.unit.kind} ${ctx.unit.id}`)
        return next({ own: ctx.item.toUpperCase() })
      })
      .handle(ctx => ctx.shared + ctx.own)
    expect(await handler({ items: ['a', 'b'] }, lambda())).toEqual(['SA', 'SB'])
    expect(trail).toEqual(['invocation', 'record a', 'record b'])
  })

  it('hands its options to the source', async () => {
    const handler = batch()
      .each({ reverse: true })
      .handle(({ item }) => item)
    expect(await handler({ items: ['a', 'b'] }, lambda())).toEqual(['b', 'a'])
  })

  it('can be left out: the handler gets the whole batch', async () => {
    const handler = batch().handle(ctx => ctx.event.items)
    expect(await handler({ items: ['a'] }, lambda())).toEqual(['a'])
  })
})

describe('many invocations in one process', () => {
  it('keeps 64 interleaved invocations apart: contexts, signals, telemetry', async () => {
    const handler = plain()
      .use(async (ctx, next) => {
        await sleep(Math.random() * 5)
        return next({ first: ctx.event.name })
      })
      .use(async (ctx, next) => {
        const heard: string[] = []
        ctx.telemetry.subscribe(event => heard.push(event.message))
        await sleep(Math.random() * 5)
        const result = await next({ second: ctx.first, signals: ctx.signal })
        return { ...result, value: [...(result.value as unknown[]), heard] }
      })
      .handle(async ctx => {
        await sleep(Math.random() * 5)
        ctx.telemetry.emit({ name: 'test', level: 'info', message: `from ${ctx.event.name}` })
        await sleep(Math.random() * 5)
        return [ctx.event.name, ctx.first, ctx.second, ctx.lambda.awsRequestId, ctx.signals === ctx.signal]
      })
    const names = Array.from({ length: 64 }, (_, i) => `n${i}`)
    const results = await Promise.all(names.map(name => handler({ name }, lambda({ awsRequestId: name }))))
    expect(results).toEqual(names.map(name => [name, name, name, name, true, [`from ${name}`]]))
  })

  it('gives each invocation its own deadline and signal', async () => {
    const handler = plain().handle(
      ctx =>
        new Promise(resolve => ctx.signal.addEventListener('abort', () => resolve((ctx.signal.reason as Error).name))),
    )
    const started = Date.now()
    const times = await Promise.all(
      [100, 250].map(async left => {
        expect(await handler({}, lambda({ getRemainingTimeInMillis: () => left }))).toBe('TimeoutError')
        return Date.now() - started
      }),
    )
    expect(times[0]).toBeLessThan(times[1] as number)
  })
})
