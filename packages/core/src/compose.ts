// The onion: middlewares around a handler, composed once, at definition time.
import { type Context, extend, type UnitContext } from './context.ts'
import { MiddlewareError } from './errors.ts'
import { done, isResult, type Middleware, type Next, type Result } from './middleware.ts'

/** The rest of a pipeline from some level on. Never throws: what goes wrong is a rejection. */
export type Run = (ctx: UnitContext) => Promise<Result>

export function compose(middlewares: readonly Middleware[], handler: (ctx: never) => unknown): Run {
  const last: Run = async ctx => done(await handler(ctx as never)) as unknown as Result
  return middlewares.reduceRight(around, last)
}

function around(inner: Run, middleware: Middleware, index: number): Run {
  const defect = (what: string) => new MiddlewareError(`middleware ${index + 1} (${middleware.name}) ${what}`)

  return ctx => {
    let running: Promise<Result> | undefined
    const settled = () => {
      running = undefined
    }
    const next = ((adds?: object) => {
      if (running) return Promise.reject(defect('called next() while it was running'))
      running = inner(adds === undefined ? ctx : extend(ctx, adds))
      running.then(settled, settled)
      return running
    }) as Next

    const check = async (outcome: unknown): Promise<Result> => {
      const result = await outcome
      if (running) throw defect('returned while next() was running')
      if (isResult(result)) return result
      throw defect(`returned ${typeof result}, not what next() or done() gave`)
    }

    try {
      const outcome = middleware(ctx as unknown as Context, next)
      // Handed on as it is: nothing can be forgotten any more, and no promise is added.
      return running && outcome === running ? running : check(outcome)
    } catch (error) {
      return Promise.reject(error)
    }
  }
}
