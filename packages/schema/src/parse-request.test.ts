import { HttpError } from '@lambent/core'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { lambda, lateRefusal, parseErrorOf, request, type TestRequest } from '../test/source.ts'
import { form, parseRequest, type RequestSchemas, type Schema, text } from './index.ts'

const Order = z.object({ items: z.array(z.object({ quantity: z.number() })) })
const schemas = {
  body: Order,
  query: z.object({ limit: z.coerce.number().max(10).default(5), tag: z.array(z.string()).optional() }),
  path: z.object({ id: z.string().min(3) }),
  headers: z.object({ 'x-tenant': z.string() }),
  cookies: z.object({ session: z.string().transform(session => session.length) }),
}
const good: TestRequest = {
  body: '{"items":[{"quantity":1}],"extra":1}',
  query: { limit: '7', tag: ['a', 'b'], other: 'x' },
  params: { id: 'abc' },
  headers: { 'x-tenant': 't', 'content-type': 'application/json' },
  cookies: { session: 'abcd' },
}

function send<Of extends RequestSchemas>(schemas: Of, given: TestRequest) {
  const handler = request()
    .use(parseRequest(schemas as RequestSchemas))
    .handle(({ request: _, unit, event, lambda, signal, deadline, telemetry, ...parts }) => ({ ...parts }))
  return handler(given, lambda)
}

describe('parseRequest', () => {
  it('provides the outputs of all parts', async () => {
    expect(await send(schemas, good)).toMatchObject({
      body: { items: [{ quantity: 1 }] },
      query: { limit: 7, tag: ['a', 'b'] },
      path: { id: 'abc' },
      headers: { 'x-tenant': 't' },
      cookies: { session: 4 },
    })
  })

  it('provides exactly the parts that have a schema', async () => {
    const handler = request()
      .use(parseRequest({ query: schemas.query }))
      .handle(ctx => ['body', 'query', 'path', 'headers', 'cookies'].filter(part => part in ctx))
    expect(await handler({ ...good, body: '{' }, lambda)).toEqual(['query'])
  })

  it('takes a codec for the body, and a schema for JSON', async () => {
    expect(await send({ body: text }, { body: 'abc' })).toMatchObject({ body: 'abc' })
    const Form = form(z.object({ a: z.string() }))
    expect(await send({ body: Form }, { body: 'a=1' })).toMatchObject({ body: { a: '1' } })
  })

  it('reports what is wrong in all parts together, each with its part', async () => {
    const error = await parseErrorOf(
      send(schemas, {
        body: '{"items":[{"quantity":"1"}]}',
        query: { limit: '11' },
        params: { id: 'a' },
        headers: {},
        cookies: {},
      }),
    )
    expect(error).toMatchObject({ code: 'SchemaMismatch', status: 400, retryable: false })
    expect(error.issues.map(issue => [issue.in, issue.path])).toEqual([
      ['body', '/items/0/quantity'],
      ['query', '/limit'],
      ['path', '/id'],
      ['headers', '/x-tenant'],
      ['cookies', '/session'],
    ])
    expect(error.message).toContain('request: invalid: body/items/0/quantity Invalid input')
    expect(error.message).toContain('; and 2 more')
  })

  it('is 422 when only the body is against its schema, 400 when it is malformed or another part is wrong', async () => {
    expect(await parseErrorOf(send(schemas, { ...good, body: '{}' }))).toMatchObject({ status: 422 })
    expect(await parseErrorOf(send(schemas, { ...good, query: { limit: 'x' } }))).toMatchObject({ status: 400 })
    expect(await parseErrorOf(send(schemas, { ...good, body: '{' }))).toMatchObject({
      status: 400,
      code: 'MalformedJson',
      message: 'request: invalid: body malformed JSON: it ends too early at line 1, column 2 (offset 1)',
    })
  })

  it('reports a malformed body and a wrong query together', async () => {
    const error = await parseErrorOf(send(schemas, { ...good, body: '{', query: { limit: 'x' } }))
    expect(error).toMatchObject({ status: 400, code: 'InvalidRequest' })
    expect(error.issues.map(issue => issue.in)).toEqual(['body', 'query'])
  })

  it('is 415 and 413 at once, whatever else is wrong', async () => {
    const wrong = { ...good, headers: { 'content-type': 'text/plain' }, query: { limit: 'x' } }
    expect((await parseErrorOf(send(schemas, wrong))).status).toBe(415)
    const handler = request()
      .use(parseRequest({ body: Order, query: schemas.query }, { maxBytes: 5 }))
      .handle(() => 1)
    expect((await parseErrorOf(handler({ ...good, query: { limit: 'x' } }, lambda))).status).toBe(413)
  })

  it('counts the issues that it does not list, of all parts', async () => {
    const items = Array.from({ length: 50 }, () => ({ quantity: 'x' }))
    const error = await parseErrorOf(send(schemas, { ...good, body: JSON.stringify({ items }), query: { limit: 'x' } }))
    expect(error.issues).toHaveLength(32)
    expect(error.extensions.omittedIssues).toBe(19)
  })

  it('awaits asynchronous schemas, and reports what they and others find together', async () => {
    const query = z.object({ a: z.string().refine(async a => a === 'x', 'not x') })
    const path = z.object({ id: z.string().min(3) })
    expect(await send({ query, path }, { query: { a: 'x' }, params: { id: 'abc' } })).toMatchObject({
      query: { a: 'x' },
    })
    const error = await parseErrorOf(send({ query, path }, { query: { a: 'y' }, params: { id: 'a' } }))
    expect(error.issues.map(issue => issue.in).sort()).toEqual(['path', 'query'])
  })

  it('leaves no promise behind that rejects when the body is refused at once', async () => {
    const { schema, ended } = lateRefusal()
    const headers = { 'content-type': 'text/plain' }
    expect((await parseErrorOf(send({ query: schema, body: Order }, { headers, body: '{}' }))).status).toBe(415)
    expect(ended()).toBe(1)
    const broken: Schema = { '~standard': { version: 1, vendor: 'x', validate: () => { throw new RangeError('x') } } } // biome-ignore format: short
    await expect(send({ query: schema, path: broken }, {})).rejects.toThrow(RangeError)
    expect(ended()).toBe(2)
  })

  it('takes no body where the schema takes undefined', async () => {
    expect(await send({ body: Order.optional() }, {})).toHaveProperty('body', undefined)
    const error = await parseErrorOf(send({ body: Order }, {}))
    expect(error).toMatchObject({ code: 'EmptyBody', status: 400 })
  })

  it.each(['query', 'path', 'headers', 'cookies'] as const)('takes __proto__ out of the %s', async part => {
    const given = JSON.parse('{"a":"1","__proto__":["x"]}')
    const parsed = await send({ [part]: z.custom<object>() }, { [part === 'path' ? 'params' : part]: given })
    expect(Reflect.ownKeys((parsed as Record<string, object>)[part] ?? {})).toEqual(['a'])
  })

  it('knows the ParseError of another copy of this package', async () => {
    const decode = () => {
      const issues = [{ path: '/a', message: 'wrong' }]
      throw Object.assign(new HttpError(422, 'x', { extensions: { issues } }), {
        name: 'ParseError',
        code: 'X',
        issues,
      })
    }
    const error = await parseErrorOf(send({ body: { decode }, query: schemas.query }, { query: { limit: 'x' } }))
    expect(error.issues.map(issue => [issue.in, issue.path])).toEqual([
      ['body', '/a'],
      ['query', '/limit'],
    ])
  })

  it('lets what a schema throws pass as it is', async () => {
    const defect = () => {
      throw new RangeError('defect')
    }
    await expect(send({ query: z.custom().transform(defect) }, {})).rejects.toThrow(RangeError)
    const late: Schema = { '~standard': { version: 1, vendor: 'x', validate: async () => defect() } }
    await expect(send({ query: late, path: late }, {})).rejects.toThrow(RangeError)
  })

  it('says at definition that there is no such part', () => {
    const schemas = { params: z.object({}) } as RequestSchemas
    expect(() => parseRequest(schemas)).toThrow(
      'parseRequest() has no part params: body, query, path, headers and cookies',
    )
    expect(() => parseRequest({ constructor: z.object({}) } as RequestSchemas)).toThrow('has no part constructor')
  })
})
