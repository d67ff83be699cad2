// What the framework says in a test, instead of on the console.
import type { Middleware, TelemetryEvent } from '@lambent/core'

/** A middleware that collects telemetry into `said`. */
export function listen(said: TelemetryEvent[] = []): Middleware & { readonly said: TelemetryEvent[] } {
  const listening: Middleware = (ctx, next) => {
    ctx.telemetry.subscribe(event => said.push(event))
    return next()
  }
  return Object.assign(listening, { said })
}
