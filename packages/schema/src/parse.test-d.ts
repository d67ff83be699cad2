import type { Middleware } from '@lambent/core'
import { type } from 'arktype'
import * as v from 'valibot'
import { describe, expectTypeOf, it } from 'vitest'
import * as z from 'zod'
import * as m from 'zod/mini'
import { payload, request } from '../test/source.ts'
import {
  base64,
  bytes,
  type CloudWatchLogsData,
  type Codec,
  cloudWatchLogs,
  dynamoDb,
  eventBridge,
  form,
  gzip,
  json,
  type OutputOf,
  parse,
  parseRequest,
  response,
  type S3Notification,
  type Schema,
  s3,
  sns,
  text,
} from './index.ts'

const A = z.object({ a: z.string() })

describe('the body is the output of the schema', () => {
  it('of zod', () => {
    const Order = z.object({
      id: z.string(),
      total: z.string().transform(Number),
      note: z.string().optional(),
      tier: z.string().default('basic'),
    })
    payload()
      .use(parse(json(Order)))
      .handle(({ body }) => {
        expectTypeOf(body).toEqualTypeOf<{ id: string; total: number; note?: string | undefined; tier: string }>()
      })
  })

  it('of zod/mini', () => {
    const Order = m.object({
      id: m.string(),
      total: m.pipe(m.string(), m.transform(Number)),
      note: m.optional(m.string()),
    })
    payload()
      .use(parse(json(Order)))
      .handle(({ body }) => {
        expectTypeOf(body).toEqualTypeOf<{ id: string; total: number; note?: string | undefined }>()
      })
  })

  it('of valibot', () => {
    const Order = v.object({
      id: v.string(),
      total: v.pipe(v.string(), v.transform(Number)),
      note: v.optional(v.string()),
    })
    payload()
      .use(parse(json(Order)))
      .handle(({ body }) => {
        expectTypeOf(body).toEqualTypeOf<{ id: string; total: number; note?: string | undefined }>()
      })
  })

  it('of arktype', () => {
    const Order = type({ id: 'string', total: 'string.numeric.parse', 'note?': 'string' })
    payload()
      .use(parse(json(Order)))
      .handle(({ body }) => {
        expectTypeOf(body).toEqualTypeOf<{ id: string; total: number; note?: string }>()
      })
  })

  it('and narrows by the discriminator of a union', () => {
    const Event = z.discriminatedUnion('type', [
      z.object({ type: z.literal('placed'), total: z.number() }),
      z.object({ type: z.literal('cancelled'), reason: z.string() }),
    ])
    payload()
      .use(parse(sns(json(Event))))
      .handle(({ body }) => {
        if (body.type === 'placed') expectTypeOf(body.total).toEqualTypeOf<number>()
        else expectTypeOf(body.reason).toEqualTypeOf<string>()
      })
  })

  it('of asynchronous schemas', () => {
    const Late = A.transform(async ({ a }) => a.length)
    payload()
      .use(parse(Late))
      .handle(({ body }) => expectTypeOf(body).toEqualTypeOf<number>())
  })

  it('of schemas that could be anything', () => {
    payload()
      .use(parse(json(z.unknown())))
      .handle(({ body }) => expectTypeOf(body).toEqualTypeOf<unknown>())
  })
})

describe('codecs', () => {
  it('compose inside out', () => {
    expectTypeOf(json(A)).toEqualTypeOf<Codec<{ a: string }>>()
    expectTypeOf(base64(gzip(json(A)))).toEqualTypeOf<Codec<{ a: string }>>()
    expectTypeOf(sns(json(A))).toEqualTypeOf<Codec<{ a: string }>>()
    expectTypeOf(eventBridge(A)).toEqualTypeOf<Codec<{ a: string }>>()
    expectTypeOf(form(A)).toEqualTypeOf<Codec<{ a: string }>>()
    expectTypeOf(dynamoDb(A, { image: 'OldImage' })).toEqualTypeOf<Codec<{ a: string }>>()
    expectTypeOf(json(dynamoDb(A))).toEqualTypeOf<Codec<{ a: string }>>()
    expectTypeOf(sns(s3())).toEqualTypeOf<Codec<readonly S3Notification[]>>()
    expectTypeOf(s3(A)).toEqualTypeOf<Codec<readonly { a: string }[]>>()
    expectTypeOf(cloudWatchLogs()).toEqualTypeOf<Codec<CloudWatchLogsData<string>>>()
    expectTypeOf(cloudWatchLogs(json(A))).toEqualTypeOf<Codec<CloudWatchLogsData<{ a: string }>>>()
    expectTypeOf<OutputOf<typeof text>>().toEqualTypeOf<string>()
    expectTypeOf<OutputOf<typeof bytes>>().toEqualTypeOf<Uint8Array>()
    expectTypeOf(text(z.coerce.number())).toEqualTypeOf<Codec<number>>()
    expectTypeOf(gzip(bytes)).toEqualTypeOf<Codec<Uint8Array>>()
  })

  it('of one’s own fit', () => {
    const csv = { decode: async (raw: unknown) => String(raw).split(';') }
    payload()
      .use(parse(csv))
      .handle(({ body }) => expectTypeOf(body).toEqualTypeOf<string[]>())
  })

  it('for text and bytes take no bare schema, which could not decode them', () => {
    // @ts-expect-error use sns(json(A))
    sns(A)
    // @ts-expect-error use base64(json(A))
    base64(A)
    // @ts-expect-error use gzip(json(A))
    gzip(A)
    // @ts-expect-error use cloudWatchLogs(json(A))
    cloudWatchLogs(A)
    // @ts-expect-error neither codec nor schema
    parse({})
  })
})

describe('a pipeline', () => {
  it('has one body: parsing it as something else does not compile', () => {
    const pipeline = payload().use(parse(json(A)))
    // @ts-expect-error ctx.body is already provided with another type
    pipeline.use(parse(json(z.object({ b: z.number() }))))
    pipeline.use(parse(json(A)))
  })

  it('knows no body before parse', () => {
    // @ts-expect-error there is no body yet
    payload().handle(({ body }) => body)
  })

  it('hands the body to the middlewares behind it', () => {
    const needs: Middleware<{ body: { a: string } }, { length: number }> = (ctx, next) =>
      next({ length: ctx.body.a.length })
    payload()
      .use(parse(json(A)))
      .use(needs)
      .handle(({ length }) => expectTypeOf(length).toEqualTypeOf<number>())
    // @ts-expect-error ctx.body is needed here, but no earlier .use() provides it
    payload().use(needs)
  })
})

describe('parseRequest', () => {
  it('provides exactly the parts that have a schema, as their outputs', () => {
    const query = z.object({ limit: z.coerce.number().default(10) })
    request()
      .use(parseRequest({ body: A, query, path: v.object({ id: v.string() }), headers: type({ host: 'string' }) }))
      .handle(ctx => {
        expectTypeOf(ctx.body).toEqualTypeOf<{ a: string }>()
        expectTypeOf(ctx.query).toEqualTypeOf<{ limit: number }>()
        expectTypeOf(ctx.path).toEqualTypeOf<{ id: string }>()
        expectTypeOf(ctx.headers).toEqualTypeOf<{ host: string }>()
        expectTypeOf(ctx).not.toHaveProperty('cookies')
      })
  })

  it('takes a codec for the body only', () => {
    request()
      .use(parseRequest({ body: form(A) }))
      .handle(({ body }) => expectTypeOf(body).toEqualTypeOf<{ a: string }>())
    // @ts-expect-error a query is an object already
    parseRequest({ query: json(A) })
  })

  it('knows no other parts', () => {
    // @ts-expect-error it is path
    parseRequest({ params: A })
    // @ts-expect-error it is path
    parseRequest({ body: A, params: A })
  })

  it('needs a request', () => {
    // @ts-expect-error ctx.request is needed here
    payload().use(parseRequest({ body: A }))
  })
})

describe('response', () => {
  const Out = z.object({ id: z.string(), at: z.date().transform(date => date.toISOString()) })
  const out = { id: 'a', at: new Date() }

  it('says what the handler returns: the input of its schema, alone or as body', () => {
    const pipeline = request().use(response(Out))
    pipeline.handle(() => out)
    pipeline.handle(async () => ({ ...out, more: 1 }))
    pipeline.handle(() => ({ status: 201, headers: { location: '/a' }, cookies: ['a=1'], body: out }))
    // @ts-expect-error at is missing
    pipeline.handle(() => ({ id: 'a' }))
    // @ts-expect-error the output is not the input
    pipeline.handle(() => ({ id: 'a', at: '2026-11-23' }))
    // @ts-expect-error the body is against the schema
    pipeline.handle(() => ({ status: 200, body: { id: 'a' } }))
    // @ts-expect-error nothing is against the schema
    pipeline.handle(() => {})
  })

  it('says it by status', () => {
    const pipeline = request().use(response({ 200: Out, 204: z.undefined(), 404: z.object({ title: z.string() }) }))
    pipeline.handle(() => out)
    pipeline.handle(() => ({ status: 200, body: out }))
    pipeline.handle(() => ({ status: 404, body: { title: 'no such order' } }))
    pipeline.handle(() => ({ status: 204 }))
    pipeline.handle(() => undefined)
    // @ts-expect-error the body of another status
    pipeline.handle(() => ({ status: 404, body: out }))
    // @ts-expect-error a status without a schema
    pipeline.handle(() => ({ status: 403, body: { title: 'no' } }))
    // @ts-expect-error a value alone is a 200
    pipeline.handle(() => ({ title: 'no such order' }))
  })

  it('does not let a handler return alone what would be taken for a response, or nearly', () => {
    const returning = <Of extends Schema>(schema: Of) => request().use(response(schema))
    const code = returning(z.object({ status: z.number() }))
    code.handle(() => ({ status: 200, body: { status: 200 } }))
    // @ts-expect-error it would be a response without body
    code.handle(() => ({ status: 200 }))
    // @ts-expect-error and so by status
    request().use(response({ 200: z.object({ status: z.number() }) })).handle(() => ({ status: 200 })) // biome-ignore format: one line
    const other = returning(z.object({ status: z.literal(200), body: z.string() }))
    // @ts-expect-error it would be a response with another body
    other.handle(() => ({ status: 200, body: 'x' }))
    const nearly = returning(z.object({ status: z.number().optional(), headers: z.string(), id: z.string() }))
    // @ts-expect-error it is nearly a response
    nearly.handle(() => ({ status: 200, headers: 'x', id: 'x' }))
    const proxy = returning(z.object({ statusCode: z.union([z.number(), z.string()]), body: z.string() }))
    // @ts-expect-error it is nearly a response
    proxy.handle(() => ({ statusCode: 200, body: 'x' }))
    proxy.handle(() => ({ status: 200, body: { statusCode: 200, body: 'x' } }))
    const either = returning(z.union([z.object({ status: z.number() }), z.string()]))
    either.handle(() => 'x')
    // @ts-expect-error one of a union
    either.handle(() => ({ status: 200 }))
  })

  it('lets a handler return alone whatever else has a status', () => {
    const returning = <Of extends Schema>(schema: Of) => request().use(response(schema))
    returning(z.object({ status: z.string() })).handle(() => ({ status: 'open' }))
    returning(z.object({ status: z.enum(['open']), body: z.string() })).handle(() => ({ status: 'open', body: 'x' }))
    returning(z.object({ status: z.number(), id: z.string() })).handle(() => ({ status: 200, id: 'x' }))
    returning(z.object({ statusCode: z.number() })).handle(() => ({ statusCode: 200 }))
    returning(z.record(z.string(), z.number())).handle(() => ({ status: 200, x: 1 }))
    returning(z.array(z.number())).handle(() => [1])
    returning(z.unknown()).handle(() => ({ id: 'x' }))
    returning(z.any()).handle(() => ({ id: 'x' }))
    returning(z.string().optional()).handle(() => undefined)
  })

  it('takes schemas of every library', () => {
    request()
      .use(response(type({ n: 'number' })))
      .handle(() => ({ n: 1 }))
    request()
      .use(response({ 200: v.object({ n: v.number() }) }))
      .handle(() => ({ n: 1 }))
    // @ts-expect-error no schemas at all
    response({ 200: {} })
  })
})
