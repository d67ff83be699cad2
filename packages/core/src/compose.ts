// The onion: middlewares around a handler, composed once, at definition time.
import { type Context, extend, type UnitContext } from './context.ts'
import { LambentError } from './errors.ts'
import { done, isResult, type Middleware, type Next, type Result } from './middleware.ts'

/** The rest of a pipeline from some level on. Never throws: what goes wrong is a rejection. */
export type Run = (ctx: UnitContext) => Promise<Result>

export function compose(middlewares: readonly Middleware[], handler: (ctx: never) => unknown): Run {
  for (const part of [...middlewares, handler])
    if (typeof part !== 'function') throw new TypeError(`${typeof part} is no function`)
  const last: Run = async ctx => done(await handler(ctx as never)) as unknown as Result
  return middlewares.reduceRight(around, last)
}

function around(inner: Run, middleware: Middleware, index: number): Run {
  const defect = (what: string) =>
    new LambentError(`middleware ${index + 1} (${middleware.name}) ${what}`, {}, 'MiddlewareError')

  return ctx => {
    let rest: Rest | undefined
    const next = ((adds?: object) => {
      if (rest?.open) return Promise.reject(defect('called next() before next() was awaited'))
      rest = new Rest(inner(adds === undefined ? ctx : extend(ctx, adds)))
      return rest
    }) as unknown as Next

    const check = async (outcome: unknown): Promise<Result> => {
      const result = await outcome
      if (rest?.open) throw defect('returned before next() was awaited')
      if (isResult(result)) return result
      throw defect(`returned ${typeof result}, not what next() gave`)
    }

    try {
      const outcome: unknown = middleware(ctx as unknown as Context, next)
      // Handed on as it is: nothing can be forgotten any more, and no promise is added.
      return rest && outcome === rest ? rest.result : check(outcome)
    } catch (error) {
      return Promise.reject(error)
    }
  }
}

/**
 * What `next()` gives: a promise that knows whether anybody awaits it, so that the failure of a rest that nobody awaits
 * is not lost. A thenable, since what makes a real promise tell slows down all promises of the process.
 */
class Rest {
  readonly result: Promise<Result>
  /** 1 while it runs, and 2 until somebody awaits it. */
  open = 3

  constructor(result: Promise<Result>) {
    this.result = result
    const settled = () => {
      this.open &= 2
    }
    result.then(settled, settled)
  }

  // biome-ignore lint/suspicious/noThenProperty: this is what makes it a promise
  then(...on: Parameters<Promise<Result>['then']>): Promise<unknown> {
    this.open &= 1
    return this.result.then(...on)
  }
}
// `catch` and `finally`, which go by `then`.
Object.setPrototypeOf(Rest.prototype, Promise.prototype)
