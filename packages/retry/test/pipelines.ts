// Pipelines for the tests of this package: one unit, of either kind, and what telemetry told.
import {
  type Context,
  type LambdaContext,
  type Middleware,
  type Pipeline,
  pipeline,
  type SourceTypes,
  type TelemetryEvent,
} from '@lambent/core'

interface PlainTypes extends SourceTypes {
  readonly event: unknown
  readonly context: { readonly event: unknown }
  readonly returns: unknown
  readonly response: unknown
}

/** One unit, and no reserve to speak of, so that the deadline is the timeout. */
export function plain(kind: 'invocation' | 'record' = 'invocation'): Pipeline<PlainTypes> {
  return pipeline<PlainTypes>({
    name: 'test:plain',
    reserve: Number.MIN_VALUE,
    open: event => ({ event, unit: { kind, source: 'test:plain', id: 'u-1', raw: 'body' } }),
    respond: value => value,
  })
}

/** A middleware that hears what is told, for the log that comes with it. */
export function listening(): { readonly events: TelemetryEvent[]; readonly listen: Middleware } {
  const events: TelemetryEvent[] = []
  return {
    events,
    listen: (ctx, next) => {
      ctx.telemetry.subscribe(event => events.push(event))
      return next()
    },
  }
}

/** Runs one unit through middlewares to a handler. */
export function through(
  middlewares: readonly Middleware[],
  handler: (ctx: Context) => unknown,
  { lambda, kind }: { readonly lambda?: LambdaContext | undefined; readonly kind?: 'invocation' | 'record' } = {},
): Promise<unknown> {
  const built = middlewares.reduce((all, middleware) => all.use(middleware), plain(kind)).handle(handler)
  return built({}, lambda as LambdaContext)
}

/** Rejects as soon as the signal fires, as `fetch` does. */
export function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason)
    signal.addEventListener('abort', () => reject(signal.reason))
  })
}

/** Settles after `ms`, or rejects when the signal fires. */
export function heeding(ms: number, signal: AbortSignal): Promise<void> {
  let timer: ReturnType<typeof setTimeout>
  const over = new Promise<void>(resolve => {
    timer = setTimeout(resolve, ms)
  })
  return Promise.race([over, untilAborted(signal)]).finally(() => clearTimeout(timer))
}

/** Random numbers of a seed: mulberry32. */
export function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}
