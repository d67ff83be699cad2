// `warmup(handler)`: answers warm-up events before anything else looks at them.
import type { Handler } from '@lambent/core'
import { isObject } from '@lambent/core/event-kind'
import { warmed } from './cold-start.ts'

export interface WarmupOptions {
  /**
   * Which events are for warming up only.
   * @default those of serverless-plugin-warmup (`{ source: 'serverless-plugin-warmup' }`), of lambda-warmer
   * (`{ warmer: true }`), and `{ warmup: true }`, for the constant input of a schedule
   */
  readonly isWarmup?: ((event: unknown) => boolean) | undefined
}

/**
 * A handler that answers warm-up events with `'warmup'`: they reach no source, no middleware and no work. Every `init` of
 * the pipeline is awaited first, so that secrets are there and clients know their credentials.
 *
 * ```ts
 * export const handler = warmup(http().use(secrets({ psp })).handle(({ secrets }) => …))
 * ```
 *
 * @throws {TypeError} when it is defined, for what is no handler
 */
export function warmup<Event, Response>(
  handler: Handler<Event, Response>,
  { isWarmup = isKnown }: WarmupOptions = {},
): Handler<Event, Response | 'warmup'> {
  if (typeof handler !== 'function' || typeof handler.ready !== 'function')
    throw new TypeError('warmup() takes a handler: what .handle() gives')
  if (typeof isWarmup !== 'function') throw new TypeError('warmup({ isWarmup }) takes a function of the event')
  // Two parameters and no more: the runtime refuses a handler that takes a callback.
  const warm = async (event: Event, lambda: Parameters<typeof handler>[1]): Promise<Response | 'warmup'> => {
    if (!isWarmup(event)) return handler(event, lambda)
    warmed() // the invocation after it is no cold start
    await handler.ready()
    return 'warmup'
  }
  return Object.assign(warm, { ready: handler.ready, permissions: handler.permissions })
}

function isKnown(event: unknown): boolean {
  if (!isObject(event)) return false
  return event.source === 'serverless-plugin-warmup' || event.warmer === true || event.warmup === true
}
