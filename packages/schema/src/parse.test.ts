import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import * as z from 'zod'
import { bodyOf, lambda, parseErrorOf, payload, request } from '../test/source.ts'
import { base64, type Codec, form, gzip, json, multipart, parse, type Schema, text } from './index.ts'

const Any = z.unknown()

/** A schema that accepts everything and says how often it was asked for its validation, and how often it validated. */
function counting() {
  const counts = { read: 0, validated: 0 }
  const schema: Schema = {
    get '~standard'() {
      counts.read++
      return {
        version: 1 as const,
        vendor: 'test',
        validate: (value: unknown) => {
          counts.validated++
          return { value }
        },
      }
    },
  }
  return { schema, counts }
}

describe('parse', () => {
  it('provides the output as ctx.body, to each unit its own', async () => {
    const handler = payload()
      .use(parse(json(z.object({ n: z.number() }))))
      .handle(async ({ body }) => {
        await new Promise(resolve => setTimeout(resolve, body.n % 3))
        return body.n
      })
    const numbers = Array.from({ length: 64 }, (_, n) => n)
    expect(await Promise.all(numbers.map(n => handler(`{"n":${n}}`, lambda)))).toEqual(numbers)
  })

  it('validates what comes parsed by a schema alone', async () => {
    expect(await bodyOf(z.object({ a: z.number().transform(String) }), { a: 1 })).toEqual({ a: '1' })
    expect((await parseErrorOf(bodyOf(z.object({ a: z.number() }), { a: 'x' }))).status).toBe(422)
    expect((await parseErrorOf(bodyOf(z.object({ a: z.number() }), undefined))).status).toBe(422)
  })

  it.each([
    ['text', '{"a":1}'],
    ['bytes', Buffer.from('{"a":1}')],
  ])(
    'says of %s with a schema alone that a codec is missing: not permanently, since a deployment helps',
    async (what, raw) => {
      await expect(bodyOf(z.object({}), raw)).rejects.toMatchObject({ code: 'CodecMissing', retryable: undefined })
      await expect(bodyOf(z.object({}), raw)).rejects.toThrow(`the payload is ${what}`)
      await expect(bodyOf(z.object({}), raw)).rejects.toThrow('use json(schema)')
      // Inside of codecs too, where the types do not stop it.
      await expect(bodyOf(gzip(base64(z.object({}) as unknown as Codec)), raw)).rejects.toThrow()
      await expect(bodyOf(base64(z.object({}) as unknown as Codec), 'YWJj')).rejects.toThrow('use json(schema)')
    },
  )

  it('fails at definition for what is neither codec nor schema', () => {
    for (const wrong of [undefined, null, {}, 'json', () => 1]) {
      const message = `expected a codec or a schema that implements Standard Schema v1, not ${typeof wrong}`
      expect(() => parse(wrong as unknown as Schema)).toThrow(message)
      expect(() => json(wrong as unknown as Schema)).toThrow(message)
      expect(() => text(wrong as unknown as Schema)).toThrow(message)
    }
  })

  it('takes codecs of one’s own, sync or async, and calls them as methods', async () => {
    const csv = {
      separator: ';',
      decode(raw: unknown) {
        return String(raw).split(this.separator)
      },
    }
    expect(await bodyOf(csv, 'a;b')).toEqual(['a', 'b'])
    expect(await bodyOf(json(csv), '"a;b"')).toEqual(['a', 'b'])
    expect(await bodyOf({ decode: async (raw: unknown) => raw }, 'a')).toBe('a')
  })

  it('the inner schema is not rebuilt for each record: a schema is read once, at definition', async () => {
    const { schema, counts } = counting()
    const handler = payload()
      .use(parse(json(schema)))
      .handle(({ body }) => body)
    const { read } = counts
    for (let i = 0; i < 100; i++) await handler('1', lambda)
    expect(counts).toEqual({ read, validated: 100 })
    expect(read).toBe(1)
  })

  it('makes no promise of its own where nothing has to wait', () => {
    const next = vi.fn(() => Promise.resolve('result'))
    const middleware = parse(base64(json(z.object({ a: z.number() }))))
    const ctx = { unit: { raw: btoa('{"a":1}') } }
    const outcome = (middleware as unknown as (ctx: object, next: unknown) => unknown)(ctx, next)
    expect(next).toHaveBeenCalledWith({ body: { a: 1 } })
    expect(outcome).toBe(next.mock.results[0]?.value)
  })

  it('awaits schemas that are asynchronous', async () => {
    const Late = z.object({ a: z.number() }).refine(async ({ a }) => a > 1, 'too small')
    expect(await bodyOf(json(Late), '{"a":2}')).toEqual({ a: 2 })
    expect((await parseErrorOf(bodyOf(json(Late), '{"a":1}'))).issues).toEqual([{ path: '', message: 'too small' }])
  })

  it('lets what a schema throws pass as it is', async () => {
    const Broken = z.string().transform(() => {
      throw new RangeError('defect')
    })
    await expect(bodyOf(json(Broken), '"a"')).rejects.toThrow(RangeError)
  })
})

describe('the size of a payload', () => {
  it('is 10 MiB at most', async () => {
    const limit = 10 * 1024 * 1024
    expect(await bodyOf(text, 'a'.repeat(limit))).toHaveLength(limit)
    for (const raw of ['a'.repeat(limit + 1), Buffer.alloc(limit + 1)]) {
      const error = await parseErrorOf(bodyOf(text, raw))
      expect(error).toMatchObject({ code: 'ContentTooLarge', status: 413, retryable: false })
      expect(error.message).toBe('body: 10485761 bytes are more than the limit of 10485760')
    }
  })

  it('is counted in bytes of UTF-8, and before anything is decoded', async () => {
    const given = fc.tuple(fc.string({ unit: 'binary', maxLength: 20 }), fc.nat(40))
    await fc.assert(
      fc.asyncProperty(given, async ([raw, maxBytes]) => {
        const { schema, counts } = counting()
        const handler = payload()
          .use(parse(text(schema), { maxBytes }))
          .handle(({ body }) => body)
        const fits = Buffer.byteLength(raw) <= maxBytes
        if (fits) expect(await handler(raw, lambda)).toBe(raw)
        else expect((await parseErrorOf(handler(raw, lambda))).status).toBe(413)
        expect(counts.validated).toBe(fits ? 1 : 0)
      }),
    )
  })
})

describe('the content-type of an HTTP request', () => {
  const send = (codec: Codec | Schema, contentType: string | undefined, body = '{}') => {
    const handler = request()
      .use(parse(codec))
      .handle(() => 'ok')
    return handler({ body, headers: { 'content-type': contentType } }, lambda)
  }

  it.each([
    undefined,
    '',
    'application/json',
    'Application/JSON',
    'application/json; charset=utf-8',
    'application/json;charset="UTF-8"; x=y',
    'application/json ;charset=utf8',
    'application/vnd.api+json',
    'application/problem+JSON; profile="x"',
  ])('%j is JSON', async contentType => {
    expect(await send(json(Any), contentType)).toBe('ok')
  })

  it.each([
    'text/plain',
    'application/xml',
    'application/jsonp',
    'application/json-seq',
    'text/json+xml',
    'application/x-www-form-urlencoded',
    'application/json; charset=iso-8859-1',
    'json',
    ';',
  ])('%j is not JSON: 415, before the body is looked at', async contentType => {
    const error = await parseErrorOf(send(json(Any), contentType, '{'))
    expect(error).toMatchObject({ code: 'UnsupportedMediaType', status: 415, headers: { accept: 'application/json' } })
    expect(error.message).toBe('body: the content-type must be application/json or */*+json, in UTF-8')
  })

  it('is that of a form', async () => {
    expect(await send(form(Any), 'application/x-www-form-urlencoded; charset=UTF-8', 'a=1')).toBe('ok')
    const error = await parseErrorOf(send(form(Any), 'application/json'))
    expect(error.message).toContain('must be application/x-www-form-urlencoded')
    expect((await parseErrorOf(send(multipart(Any), 'application/json'))).message).toContain('multipart/form-data')
  })

  it('is that of what gzip has compressed', async () => {
    expect((await parseErrorOf(send(gzip(json(Any)), 'text/plain'))).status).toBe(415)
  })

  it('may be anything for text and base64', async () => {
    expect(await send(text, 'text/csv')).toBe('ok')
    expect(await send(base64(json(Any)), 'text/plain', btoa('1'))).toBe('ok')
  })

  it('is not asked for where the unit is no request, whatever ctx.request may be', async () => {
    for (const request of [
      undefined,
      null,
      'x',
      {},
      { headers: null },
      { headers: { 'content-type': ['text/plain'] } },
    ]) {
      const handler = payload()
        .use(async (_ctx, next) => next({ request }))
        .use(parse(json(Any)))
        .handle(({ body }) => body)
      expect(await handler('1', lambda)).toBe(1)
    }
  })
})
