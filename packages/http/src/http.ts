// The source for HTTP requests, whichever of AWS's gateways hands them to the function.
import {
  type Context,
  type Handler,
  type Pipeline,
  pipeline,
  type SourceTypes,
  UnexpectedEventError,
  type Unit,
} from '@lambent/core'
import { eventKind } from '@lambent/core/event-kind'
import { type HttpEvent, type HttpKind, kindOf } from './kind.ts'
import { type Loose, object, text } from './loose.ts'
import { problem } from './problem.ts'
import { reason } from './reason.ts'
import { type HttpRequest, type RawBody, rawOf, requestOf } from './request.ts'
import { type HttpHeaders, type HttpResponse, headersOf, messageOf, responseOf } from './response.ts'
import { type HttpResult, resultOf } from './result.ts'

/** What `http()` provides to middlewares and handlers. */
export interface HttpContext {
  /** The event as it came: which of these it is, `ctx.request.kind` says. */
  readonly event: HttpEvent
  readonly request: HttpRequest
}

export interface HttpTypes extends SourceTypes {
  readonly event: HttpEvent
  readonly context: HttpContext
  readonly returns: unknown
  readonly response: HttpResult
}

/** The Lambda handler that `http().handle()` makes: for exports that need their type written out. */
export type HttpHandler = Handler<HttpEvent, HttpResult>

export interface HttpOptions {
  /** Headers of every response, those of errors too; what a handler or an error gives stands before them. */
  readonly headers?: HttpHeaders | undefined
  /** Milliseconds kept back from the deadline. @default 500, and never more than a fifth of the remaining time */
  readonly reserve?: number | undefined
}

/**
 * A pipeline on HTTP requests of API Gateway (REST and HTTP APIs), Lambda function URLs and Application Load Balancers.
 *
 * What the handler returns becomes the response: nothing is 204, text is `text/plain; charset=utf-8`, bytes are
 * `application/octet-stream`, an HttpResponse is what it says, and anything else is 200 as `application/json`. What is
 * thrown becomes `application/problem+json`, see HttpError.
 *
 * ```ts
 * export const handler = http().handle(async ({ request }) => {
 *   const order = await load(request.params['id'])
 *   if (!order) throw new NotFoundError('no such order')
 *   return order
 * })
 * ```
 *
 * @throws {LambentError} `InvalidResponseError` when `headers` has a name or value that HTTP does not allow
 */
export function http(options: HttpOptions = {}): Pipeline<HttpTypes> {
  const { reserve } = options
  const headers = headersOf(options.headers)

  const answer = (response: HttpResponse, { request, event }: HttpContext): HttpResult =>
    resultOf(messageOf(response, headers, request.method), request.kind, event as unknown as Loose)

  return pipeline<HttpTypes>({
    name: 'http',
    reserve,
    open(event, lambda) {
      const kind = kindOf(event)
      if (!kind)
        throw new UnexpectedEventError(
          'expected a request from API Gateway, a Lambda function URL or an Application Load Balancer, ' +
            `got ${eventKind(event)}: check what triggers this function, or the test event`,
        )
      const loose = event as Loose
      const raw = rawOf(loose)
      const request = requestOf(kind, loose, raw, lambda?.awsRequestId)
      return { unit: unitOf(request, loose, raw, lambda?.awsRequestId), event: event as HttpEvent, request }
    },
    respond(value, ctx) {
      const result = answer(responseOf(value), ctx)
      if (result.statusCode >= 500) report(undefined, result.statusCode, ctx)
      return result
    },
    fail(error, ctx) {
      const response = problem(error)
      report(error, response.status, ctx)
      try {
        return answer(response, ctx)
      } catch (unsendable) {
        report(unsendable, 500, ctx)
        return answer(problem(unsendable), ctx)
      }
    },
  })
}

// As AWS calls them in `eventSource` and in service principals.
const SOURCES: Readonly<Record<HttpKind, string>> = {
  rest: 'aws:apigateway',
  http: 'aws:apigateway',
  'function-url': 'aws:lambda-url',
  alb: 'aws:elasticloadbalancing',
}

// An object literal, so that a copy of the unit has all of it.
function unitOf(request: HttpRequest, event: Loose, raw: () => RawBody, lambdaId: string | undefined): Unit {
  const context = object(event.requestContext) ?? {}
  const sentAt = context.timeEpoch ?? context.requestTimeEpoch
  return {
    kind: 'invocation',
    source: SOURCES[request.kind],
    id: lambdaId ?? request.requestId,
    sourceArn: text(object(context.elb)?.targetGroupArn),
    sentAt: typeof sentAt === 'number' ? sentAt : undefined,
    get raw() {
      return raw()
    },
    get origin() {
      const { kind, method, path } = request
      const resource = text(event.resource)
      return { kind, method, path, routeKey: text(event.routeKey) ?? (resource && `${method} ${resource}`) }
    },
  }
}

function report(error: unknown, status: number, { telemetry, unit, request }: Context & HttpContext): void {
  telemetry.emit({
    name: 'http.error',
    level: status < 500 ? 'info' : 'error',
    message: `answered with ${status} ${reason(status)}`,
    unit,
    error,
    fields: { status, method: request.method },
  })
}
