// `fromMiddy(…)`: middlewares of middy as one middleware of Lambent.
import { type Context, done, HttpError, type Middleware } from '@lambent/core'
import { fromLambda, isHttp, toLambda, withStatusCode } from './http-response.ts'
import { type Hook, type MiddyHooks, type MiddyRequest, run } from './request.ts'

type RequestOf<Hooks> = Hooks extends { readonly before?: ((request: infer Request) => unknown) | undefined }
  ? Pick<Request & MiddyRequest, 'event' | 'context' | 'internal'>
  : never

type Both<Union> = (Union extends unknown ? (each: Union) => void : never) extends (each: infer All) => void
  ? All
  : never

/** What middlewares of middy have made of the event and the context, and what they keep for each other. */
export interface Bridged<Hooks> {
  /** `ctx.middy.event`, `.context`, `.internal`, in the types that the middlewares declare. */
  readonly middy: Both<RequestOf<Hooks>>
}

/**
 * Runs middlewares of middy 7 around the rest of the pipeline, in middy's order: `before` from first to last, `after` and
 * `onError` from last to first, and `onError` of all of them. What they make of the event is at `ctx.middy.event`: it is a
 * copy, so that `ctx.event` stays what came. `ctx.middy.context` is the Lambda context, `ctx.middy.internal` theirs.
 *
 * ```ts
 * http()
 *   .use(fromMiddy(httpCors(), httpJsonBodyParser()))
 *   .handle(({ middy }) => ({ statusCode: 200, body: JSON.stringify(middy.event.body) }))
 * ```
 *
 * What one of their hooks throws with a `statusCode` goes on as an HttpError, which `http()` answers. Over HTTP their
 * hooks see responses as Lambda has them (`statusCode`), whichever of both the handler returned.
 * @throws {TypeError} for what is no middleware of middy
 * @see https://middy.js.org/docs/intro/how-it-works
 */
export function fromMiddy<const Hooks extends readonly MiddyHooks[]>(
  ...middlewares: Hooks
): Middleware<unknown, Bridged<Hooks[number]>> {
  if (middlewares.length === 0) throw new TypeError('fromMiddy() takes at least one middleware of middy')
  for (const middleware of middlewares) mustBeHooks(middleware)
  const hooksOf = (name: 'before' | 'after' | 'onError') => middlewares.flatMap(each => (each[name] as Hook) ?? [])
  const befores = hooksOf('before')
  const afters = hooksOf('after').reverse()
  const onErrors = hooksOf('onError').reverse()

  return async function fromMiddy(ctx, next) {
    const request = requestOf(ctx)
    const http = isHttp(ctx)
    const response = () => (http ? fromLambda(request.response) : request.response)
    let ran = false // the rest has failed, and none of the hooks
    try {
      if (await run(befores, request)) return done(response())
      ran = true
      const result = await next({ middy: request as never } as Bridged<Hooks[number]>)
      ran = false
      request.response = http ? toLambda(result.value) : result.value
      await run(afters, request)
      return { ...result, value: response() }
    } catch (error) {
      delete request.earlyResponse
      request.response = undefined
      request.error = withStatusCode(error)
      try {
        await run(onErrors, request)
      } catch (failure) {
        throw failure === error && ran ? error : asHttpError(caused(failure, error))
      }
      if (request.response === undefined) throw ran ? request.error : asHttpError(request.error)
      return done(response())
    }
  }
}

function mustBeHooks(middleware: MiddyHooks | null | undefined): void {
  const { before, after, onError } = middleware ?? {}
  const hooks = [before, after, onError].filter(hook => hook !== undefined)
  if (hooks.length === 0 || hooks.some(hook => typeof hook !== 'function'))
    throw new TypeError('fromMiddy() takes middlewares of middy: objects with before, after or onError')
}

/** Of its own each time, since `retry()` may run it again: hooks change events in place. */
function requestOf(ctx: Context & { readonly middy?: MiddyRequest }): MiddyRequest {
  const outer = ctx.middy
  return {
    event: structuredClone(outer ? outer.event : ctx.event),
    context: ctx.lambda,
    response: undefined,
    error: undefined,
    // With that of middlewares further out, as in one chain.
    internal: outer?.internal ?? Object.create(null),
  }
}

/** As middy does, where a hook fails on what failed before it. */
function caused(failure: unknown, error: unknown): unknown {
  if (failure !== error && typeof failure === 'object' && failure !== null && !('cause' in failure))
    Object.defineProperty(failure, 'cause', { value: error, configurable: true, writable: true })
  return failure
}

/** Errors of @middy/util say their status in `statusCode`, and in `expose` whether clients may read the message. */
function asHttpError(error: unknown): unknown {
  const { statusCode, expose, message, name } = Object(error) as Readonly<Record<string, unknown>>
  if (error instanceof HttpError || !Number.isInteger(statusCode)) return error
  const status = statusCode as number
  if (status < 400 || status > 599) return error
  return new HttpError(status, expose === false ? 'a middleware of middy refused it' : `${message}`, {
    code: `${name}`,
    cause: error,
  })
}
