// What OpenTelemetry and X-Ray have in common: a middleware for units, and a pipeline whose middlewares each have a span.
import type { Context, Middleware, MiddlewareParts, Next } from '@lambent/core'
import { isColdStart } from './cold-start.ts'
import { descriptionOf, outcomeOf, type Spans } from './span.ts'

/** Marks what makes spans itself. */
const TRACING = Symbol.for('lambent.tracing')

export function tracingBy(spans: Spans): Middleware {
  const middleware: Middleware = function tracing(ctx, next) {
    return spans.within(
      descriptionOf(ctx, isColdStart(ctx.telemetry)),
      async span => {
        const result = await next()
        span.set(outcomeOf(ctx, result.value))
        return result
      },
      ctx,
    )
  }
  return Object.assign(middleware, { [TRACING]: true })
}

/** The builder of a pipeline, as far as it is wrapped here. */
interface Builder {
  use(middleware: Wrappable): Builder
  readonly each?: ((options?: object) => Builder) | undefined
  handle(work: (ctx: Context) => unknown): unknown
}

type Wrappable = MiddlewareParts & ((ctx: Context, next: Next) => Promise<unknown>)

/** Types stay what they were: what is wrapped does the same. */
export function pipelineBy<P extends object>(pipeline: P, spans: Spans): P {
  const given = pipeline as object as Builder
  if (typeof given?.use !== 'function' || typeof given.handle !== 'function')
    throw new TypeError('traceMiddlewares() takes a pipeline: what http(), sqs() and the others give')
  return wrapped(given, spans) as object as P
}

function wrapped(builder: Builder, spans: Spans): Builder {
  return {
    use: middleware => wrapped(builder.use(TRACING in middleware ? middleware : spanned(middleware, spans)), spans),
    each: builder.each && (options => wrapped(builder.each?.(options) as Builder, spans)),
    handle: work =>
      builder.handle(ctx =>
        spans.within({ name: work.name || 'handler', kind: 'internal', attributes: {} }, async () => work(ctx)),
      ),
  }
}

function spanned(middleware: Wrappable, spans: Spans): Wrappable {
  const description = { name: middleware.name || 'middleware', kind: 'internal', attributes: {} } as const
  const inSpan: Wrappable = (ctx, next) => spans.within(description, async () => await middleware(ctx, next))
  const { init, shutdown, permissions } = middleware
  return Object.assign(Object.defineProperty(inSpan, 'name', { value: middleware.name }), {
    ...(init && { init }),
    ...(shutdown && { shutdown }),
    ...(permissions && { permissions }),
  })
}
