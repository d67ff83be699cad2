// `toMiddy(middleware)`: a middleware of Lambent in a chain of middy. The onion is run up to `next()` by `before`, and from
// there on by `after` or `onError`.
import { type Context, LambentError, type Middleware, pipeline, type SourceTypes, type Unit } from '@lambent/core'
import { isObject } from '@lambent/core/event-kind'
import type { Context as LambdaContext } from 'aws-lambda'
import { withStatusCode } from './http-response.ts'
import type { MiddyRequest } from './request.ts'

/** What the handler finds at `context.lambent`. */
export interface LambentContext<Adds = unknown> {
  /** The context of Lambent's middlewares, with what they added: `context.lambent.log`. */
  readonly lambent: Context & Adds
}

/** A middleware for `middy().use()`. */
export interface MiddyMiddleware<Adds = unknown> {
  readonly name: string
  before(request: MiddyRequest<unknown, LambdaContext & LambentContext<Adds>, Record<string, unknown>>): Promise<void>
  after(request: MiddyRequest<unknown, LambdaContext & LambentContext<Adds>, Record<string, unknown>>): Promise<void>
  onError(request: MiddyRequest<unknown, LambdaContext & LambentContext<Adds>, Record<string, unknown>>): Promise<void>
}

interface Types extends SourceTypes {
  readonly context: Entered
}

/** One invocation of the chain, between its hooks. */
interface Entered {
  readonly $middy: {
    readonly request: MiddyRequest
    /** Settles when the middleware has called `next()`. */
    readonly reached: PromiseWithResolvers<typeof REACHED>
    /** The outcome of all that comes after in middy's chain. */
    readonly rest: PromiseWithResolvers<unknown>
    entered: boolean
  }
}

interface Running {
  readonly outcome: Promise<unknown>
  readonly rest: PromiseWithResolvers<unknown>
}

const REACHED = Symbol('next() was called')

/**
 * Makes a middleware of Lambent one of middy 7. What it adds to its context is at `context.lambent` of the handler and of
 * the middlewares after it, also of those by `toMiddy()`.
 *
 * ```ts
 * export const handler = middy()
 *   .use(toMiddy(secrets({ psp: secret('prod/psp') })))
 *   .handler((event, { lambent }) => charge(event, lambent.secrets.psp))
 * ```
 *
 * Hooks run once: what runs the rest again (`retry()`) fails then, with the code `MiddlewareError`. Where a later `before`
 * answers early, middy runs no hook of those before it: a middleware that has to end what it began (`idempotent()`) comes
 * after those that answer early.
 * @throws {TypeError} for what is no function
 */
export function toMiddy<Needs = unknown, Adds = unknown>(middleware: Middleware<Needs, Adds>): MiddyMiddleware<Adds> {
  if (typeof middleware !== 'function') throw new TypeError('toMiddy() takes a middleware of Lambent: a function')
  const { name } = middleware
  const handler = pipeline<Types>({
    name: 'middy',
    open(event, lambda) {
      const { request } = (event as Entered['$middy']) ?? {}
      // What earlier ones have added, and the unit that they may have changed.
      const before = (lambda as unknown as Partial<LambentContext>).lambent
      const { $invocation: _, $added: __, ...added } = { ...before } as Record<string, unknown>
      const unit = before?.unit ?? unitOf(request.event, lambda.awsRequestId)
      const heard = before && { telemetry: before.telemetry } // by those that listen further out, or in
      return { ...added, ...heard, unit, event: request.event, $middy: event as Entered['$middy'] }
    },
    respond: value => value,
  })
    .use(middleware as Middleware)
    .handle(async ctx => {
      const { request, reached, rest } = ctx.$middy
      if (ctx.$middy.entered)
        throw new LambentError(
          `${name}() runs the rest again, which hooks of middy can’t do: use it in a pipeline of Lambent`,
          { code: 'MiddlewareError', retryable: false },
        )
      ctx.$middy.entered = true
      ;(request.context as { lambent: unknown }).lambent = ctx
      reached.resolve(REACHED)
      return await rest.promise
    })

  const running = new WeakMap<object, Running>()
  return {
    name: `lambent ${name}`,
    async before(request) {
      const reached = Promise.withResolvers<typeof REACHED>()
      const rest = Promise.withResolvers<unknown>()
      const outcome = handler({ request, reached, rest, entered: false }, request.context as never)
      const first = await Promise.race([reached.promise, outcome])
      if (first === REACHED) running.set(request, { outcome, rest })
      else request.earlyResponse = first
    },
    async after(request) {
      const { outcome, rest } = running.get(request) ?? {}
      if (!rest) return
      running.delete(request)
      rest.resolve(request.response)
      try {
        request.response = await outcome
      } catch (error) {
        throw withStatusCode(error)
      }
    },
    async onError(request) {
      const { outcome, rest } = running.get(request) ?? {}
      if (!rest) return
      running.delete(request)
      rest.reject(request.error)
      try {
        // For middy undefined is an error that nobody has handled.
        request.response = (await outcome) ?? null
      } catch (error) {
        request.error = withStatusCode(error)
      }
    },
  }
}

/** The invocation, as the sources of Lambent describe it. */
function unitOf(event: unknown, id: string): Unit {
  const { Records, requestContext, resources } = isObject(event) ? event : {}
  const record = Array.isArray(Records) && isObject(Records[0]) ? Records[0] : {}
  const { eventSource, EventSource, eventSourceARN } = record
  const arn = eventSourceARN ?? (Array.isArray(resources) ? resources[0] : undefined)
  const source = isObject(requestContext)
    ? 'elb' in requestContext
      ? 'aws:elasticloadbalancing'
      : 'aws:apigateway'
    : isObject(event) && 'detail-type' in event
      ? 'aws:events'
      : `${eventSource ?? EventSource ?? 'aws:lambda'}`
  const raw = event as Unit['raw']
  return { kind: 'invocation', source, id, raw, sourceArn: typeof arn === 'string' ? arn : undefined }
}
