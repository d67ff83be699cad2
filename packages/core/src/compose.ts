// The onion: middlewares around a handler, composed once, at definition time.
import { add, before, type Context, type UnitContext } from './context.ts'
import { LambentError } from './errors.ts'
import { done, type Middleware, type Next, RESULT, type Result } from './middleware.ts'

/** The rest of a pipeline from some level on. Never throws: what goes wrong is a rejection. */
export type Run = (ctx: UnitContext) => Promise<Result>

export function compose(middlewares: readonly Middleware[], handler: (ctx: never) => unknown): Run {
  for (const part of [...middlewares, handler])
    if (typeof part !== 'function') throw new TypeError(`${typeof part} is no function`)
  const last: Run = async ctx => done(await handler(ctx as never)) as unknown as Result
  return middlewares.reduceRight(around, last)
}

function around(inner: Run, middleware: Middleware, index: number): Run {
  const defect = (what = 'did not await next()') =>
    new LambentError(`middleware ${index + 1} (${middleware.name}) ${what}`, {}, 'MiddlewareError')

  return ctx => {
    const { length } = ctx.$added
    let rest: Rest | undefined
    let outcome: unknown
    const next = ((adds?: object) => {
      if (rest && rest.open & 2) return Promise.reject(defect())
      // Once more: from where the first time began.
      const from = rest ? before(ctx, length) : ctx
      rest = new Rest(inner(adds ? add(from, adds) : from))
      if (outcome) rest.watch()
      return rest
    }) as unknown as Next

    const check = (result: Result | undefined): Result => {
      if (rest?.open) throw defect()
      if (result?.[RESULT]) return result
      throw defect('did not return what next() gave')
    }

    try {
      outcome = middleware(ctx as unknown as Context, next)
      // Handed on as it is: nothing can be forgotten any more, and no promise is added.
      if (rest && outcome === rest) return (rest as Rest).result
    } catch (error) {
      outcome = Promise.reject(error)
    }
    rest?.watch()
    return Promise.resolve(outcome as Result).then(check)
  }
}

type Then = Promise<Result>['then']

/**
 * What `next()` gives: a promise that knows whether anybody awaits it, so that the failure of a rest that nobody awaits
 * is not lost. A thenable, since what makes a real promise tell slows down all promises of the process.
 */
class Rest {
  declare readonly result: Promise<Result>
  /** 1 while it runs, and 2 until somebody awaits it. */
  open = 3

  constructor(result: Promise<Result>) {
    this.result = result
  }

  /** Not from the start: a rest that is handed on as it is needs no watching. */
  watch(): void {
    const settled = () => {
      this.open &= 2
    }
    this.result.then(settled, settled)
  }

  // biome-ignore lint/suspicious/noThenProperty: this is what makes it a promise
  then(done: Parameters<Then>[0], failed: Parameters<Then>[1]): Promise<unknown> {
    this.open &= 1
    return this.result.then(done, failed)
  }
}
// `catch` and `finally`, which go by `then`.
Object.setPrototypeOf(Rest.prototype, Promise.prototype)
