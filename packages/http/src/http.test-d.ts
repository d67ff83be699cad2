import { type Context, done, type Middleware, type Returns } from '@lambent/core'
import type {
  ALBHandler,
  ALBResult,
  APIGatewayProxyHandler,
  APIGatewayProxyHandlerV2,
  APIGatewayProxyHandlerV2WithJWTAuthorizer,
  APIGatewayProxyResult,
  APIGatewayProxyStructuredResultV2,
  LambdaFunctionURLHandler,
  LambdaFunctionURLResult,
} from 'aws-lambda'
import { expectTypeOf, test } from 'vitest'
import {
  type HttpContext,
  type HttpEvent,
  type HttpHandler,
  type HttpHeaders,
  type HttpRequest,
  type HttpResponse,
  type HttpResult,
  http,
} from './index.ts'

test('the context has the request and the event', () => {
  http().handle(ctx => {
    expectTypeOf(ctx.request).toEqualTypeOf<HttpRequest>()
    expectTypeOf(ctx.event).toEqualTypeOf<HttpEvent>()
    expectTypeOf(ctx).toExtend<Context & HttpContext>()
    expectTypeOf(ctx.request.header('x')).toEqualTypeOf<string | undefined>()
    expectTypeOf(ctx.request.headers.x).toEqualTypeOf<string | undefined>()
    expectTypeOf(ctx.request.query.q).toEqualTypeOf<string | readonly string[] | undefined>()
    expectTypeOf(ctx.request.body).toEqualTypeOf<Uint8Array>()
    expectTypeOf(ctx.request.claims?.sub).toEqualTypeOf<unknown>()
    // @ts-expect-error a request is never changed
    ctx.request.path = '/'
  })
})

test('the handler is one for every gateway that @types/aws-lambda knows', () => {
  const handler = http().handle(() => ({ id: 7 }))
  expectTypeOf(handler).toExtend<APIGatewayProxyHandler>()
  expectTypeOf(handler).toExtend<APIGatewayProxyHandlerV2>()
  expectTypeOf(handler).toExtend<APIGatewayProxyHandlerV2WithJWTAuthorizer>()
  expectTypeOf(handler).toExtend<LambdaFunctionURLHandler>()
  expectTypeOf(handler).toExtend<ALBHandler>()
  expectTypeOf(handler).toEqualTypeOf<HttpHandler>()
})

test('the result is the result of every gateway', () => {
  expectTypeOf<HttpResult>().toExtend<APIGatewayProxyResult>()
  expectTypeOf<HttpResult>().toExtend<APIGatewayProxyStructuredResultV2>()
  expectTypeOf<HttpResult>().toExtend<LambdaFunctionURLResult>()
  expectTypeOf<HttpResult>().toExtend<ALBResult>()
})

test('a handler may return anything', () => {
  http().handle(() => undefined)
  http().handle(async () => 'text')
  http().handle(() => Uint8Array.of(1))
  http().handle(
    (): HttpResponse => ({ status: 201, headers: { age: 1, link: ['a', 'b'], etag: undefined }, cookies: ['a=1'] }),
  )
})

test('headers are an object or pairs', () => {
  expectTypeOf<Map<string, string>>().toExtend<HttpHeaders>()
  expectTypeOf<Headers>().toExtend<HttpHeaders>()
  expectTypeOf<[string, string[]][]>().toExtend<HttpHeaders>()
  expectTypeOf<Map<string, Date>>().not.toExtend<HttpHeaders>()
  expectTypeOf<string>().not.toExtend<HttpHeaders>()
})

test('a middleware may say what the handler must return', () => {
  interface Order {
    readonly id: number
  }
  const order: Middleware<unknown, Returns<Order | HttpResponse<Order>>> = async (_, next) => {
    const { value } = await next()
    return done(value)
  }
  const orders = http().use(order)
  orders.handle(() => ({ id: 7 }))
  orders.handle(async () => ({ status: 201, body: { id: 7 } }))
  // @ts-expect-error the id is a number
  orders.handle(() => ({ id: '7' }))
  // @ts-expect-error the id of the body is a number
  orders.handle(() => ({ status: 201, body: { id: '7' } }))
})

test('a middleware that needs a request runs on http() only with it', () => {
  const traced: Middleware<Pick<HttpContext, 'request'>, { trace: string | undefined }> = (ctx, next) =>
    next({ trace: ctx.request.header('x-trace') })
  http()
    .use(traced)
    .handle(({ trace }) => expectTypeOf(trace).toEqualTypeOf<string | undefined>())
})

test('requests are batches of nothing', () => {
  // @ts-expect-error there is no .each() on http()
  http().each()
})

test('options are checked', () => {
  // @ts-expect-error a header is text, a number or a list of texts
  http({ headers: { a: new Date() } })
  // @ts-expect-error there is no such option
  http({ header: {} })
})
