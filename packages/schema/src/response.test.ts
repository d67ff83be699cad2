import { classify, HttpError } from '@lambent/core'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { lambda, request } from '../test/source.ts'
import { ParseError, response, type Schema } from './index.ts'

const Order = z.object({ id: z.string(), placedAt: z.date().transform(date => date.toISOString()) })
const stored = { id: 'o-1', placedAt: new Date(0), cost: 12, customer: { email: 'a@b.de' } }
const sent = { id: 'o-1', placedAt: '1970-01-01T00:00:00.000Z' }
const Problem = z.object({ title: z.string() })

/** What goes out where a handler returns `value`. The types of what it may return are tested elsewhere. */
function through(schema: Schema | Record<number, Schema>, value: unknown): Promise<unknown> {
  return request()
    .use(response(schema as Schema))
    .handle(() => value)({}, lambda)
}

async function failure(work: Promise<unknown>): Promise<HttpError> {
  const error = await work.then(
    () => undefined,
    error => error,
  )
  expect(error).toBeInstanceOf(HttpError)
  return error as HttpError
}

describe('response', () => {
  it('sends the output of the schema: fields that it does not name do not leak', async () => {
    expect(await through(Order, stored)).toEqual(sent)
  })

  it('sends the output as body of a response, with its status, headers and cookies', async () => {
    const parts = { status: 201, headers: { location: '/orders/o-1' }, cookies: ['a=1'] }
    expect(await through(Order, { ...parts, body: stored })).toEqual({ ...parts, body: sent })
  })

  it('takes for a body what only looks like a response', async () => {
    const Job = z.object({ status: z.number(), name: z.string() })
    expect(await through(Job, { status: 200, name: 'n', secret: 1 })).toEqual({ status: 200, name: 'n' })
    const Stripped = z.object({ status: z.number() })
    const job = { status: 200, secret: 1 }
    expect(await through(Stripped, job)).toEqual({ status: 200, body: { status: 200 } })
    const Code = z.object({ status: z.number() })
    for (const status of [1, 600, 200.5]) expect(await through(Code, { status })).toEqual({ status })
  })

  it('tells a response from a body as http() does: undefined keys do not count, arrays are bodies', async () => {
    const extra = { status: 201, body: stored, trace: undefined }
    expect(await through(Order, extra)).toEqual({ status: 201, body: sent })
    const Codes = z.array(z.number())
    expect(await through(Codes, Object.assign([1, 2], { status: 200 }))).toEqual([1, 2])
  })

  it.each([
    { status: 200, body: stored, trace: 'x' },
    { statusCode: 200, body: 'x' },
    { statusCode: 200, isBase64Encoded: false },
    { status: 200, headers: {}, data: 1 },
  ])('leaves to http() what is nearly a response, as it is: %j', async value => {
    expect(await through(z.unknown().transform(String), value)).toBe(value)
    expect(await through({ 404: Problem }, value)).toBe(value)
  })

  it('sends as body what comes to look nearly like a response only by its schema', async () => {
    const Proxied = z.object({ code: z.number() }).transform(({ code }) => ({ statusCode: code, body: 'x' }))
    expect(await through(Proxied, { code: 404 })).toEqual({ status: 200, body: { statusCode: 404, body: 'x' } })
  })

  it('has a schema for each status', async () => {
    const schemas = { 200: Order, 201: z.object({ id: z.string() }), 204: z.undefined(), 404: Problem }
    expect(await through(schemas, stored)).toEqual(sent)
    expect(await through(schemas, { status: 201, body: stored })).toEqual({ status: 201, body: { id: 'o-1' } })
    const body = { title: 'no such order', trace: 'x' }
    expect(await through(schemas, { status: 404, body })).toEqual({ status: 404, body: { title: 'no such order' } })
    expect(await through(schemas, undefined)).toBeUndefined()
    expect(await through(schemas, { status: 204 })).toEqual({ status: 204 })
  })

  it('is a 500, permanent, when what the handler returned is against the schema; the client sees nothing of it', async () => {
    const error = await failure(through(Order, { id: 'o-1', placedAt: 'yesterday' }))
    expect(error).toMatchObject({ status: 500, code: 'ResponseMismatch' })
    expect(error.extensions ?? {}).toEqual({})
    expect(error.message).toContain("the handler's response: does not match its schema: /placedAt")
    expect(error.cause).toBeInstanceOf(ParseError)
    expect((error.cause as ParseError).issues[0]?.path).toBe('/placedAt')
    expect(classify(error)).toBe('permanent')
  })

  it('is a 500 for a status without a schema', async () => {
    const error = await failure(through({ 200: Order, 404: Problem }, { status: 403, body: {} }))
    expect(error.status).toBe(500)
    expect(error.message).toBe("the handler's response: has status 403, and there are schemas for 200, 404 only")
    expect((await failure(through({ 200: Order }, undefined))).message).toContain('has status 204')
  })

  it('awaits asynchronous schemas', async () => {
    const Late = z.object({ id: z.string() }).transform(async ({ id }) => id.length)
    expect(await through(Late, { id: 'abc' })).toBe(3)
  })

  it('lets errors of the handler pass', async () => {
    const error = new HttpError(404, 'no such order')
    const handler = request()
      .use(response(Order))
      .handle(() => {
        throw error
      })
    await expect(handler({}, lambda)).rejects.toBe(error)
  })

  it('lets what a schema throws pass as it is', async () => {
    const Broken = z.string().transform(() => {
      throw new RangeError('defect')
    })
    await expect(through(Broken, 'a')).rejects.toThrow(RangeError)
  })
})
