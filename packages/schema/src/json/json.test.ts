import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { bodyOf, parseErrorOf } from '../../test/source.ts'
import { type Codec, json, type Schema, sns } from '../index.ts'

const Any = z.unknown()
const Order = z.object({ id: z.string(), items: z.array(z.object({ sku: z.string(), quantity: z.number() })) })

describe('json', () => {
  it('decodes text, and bytes in UTF-8, to what JSON.parse gives', async () => {
    const plain = fc.jsonValue({ stringUnit: 'binary' })
    await fc.assert(
      fc.asyncProperty(plain, async value => {
        const text = JSON.stringify(value)
        fc.pre(!text.includes('__proto__') && !text.includes('constructor'))
        expect(await bodyOf(json(Any), text)).toEqual(JSON.parse(text))
        expect(await bodyOf(json(Any), Buffer.from(text))).toEqual(JSON.parse(text))
      }),
    )
  })

  it('hands on lone surrogates as they are, escaped or not', async () => {
    expect(await bodyOf(json(z.string()), '"\\ud800"')).toBe('\ud800')
    expect(await bodyOf(json(z.string()), '"\udc00"')).toBe('\udc00')
  })

  it('gives the output of the schema, without the fields that it does not name', async () => {
    const Trimmed = z.object({ name: z.string().transform(name => name.length) })
    expect(await bodyOf(json(Trimmed), '{"name":"abc","admin":true}')).toEqual({ name: 3 })
  })

  it('takes what has already been parsed as it is', async () => {
    expect(await bodyOf(json(Order), { id: 'o', items: [] })).toEqual({ id: 'o', items: [] })
  })

  it('wraps codecs too', async () => {
    const text = JSON.stringify({ Type: 'Notification', Message: '[1]' })
    expect(await bodyOf(json(sns(json(z.array(z.number())))), text)).toEqual([1])
  })

  it('says line, column and offset of malformed JSON', async () => {
    const error = await parseErrorOf(bodyOf(json(Order), '{\n  "id": "o-1",\n  "items": [}\n}'))
    expect(error).toMatchObject({ code: 'MalformedJson', status: 400, retryable: false })
    expect(error.message).toBe('body: malformed JSON: an unexpected character at line 3, column 13 (offset 29)')
    expect(error.extensions).toEqual({
      issues: [{ path: '', message: 'malformed JSON: an unexpected character at line 3, column 13 (offset 29)' }],
    })
  })

  it('says where JSON that ends too early does so', async () => {
    const error = await parseErrorOf(bodyOf(json(Order), '{"id":'))
    expect(error.message).toBe('body: malformed JSON: it ends too early at line 1, column 7 (offset 6)')
  })

  it('says what a byte order mark is', async () => {
    for (const raw of ['\ufeff{}', Buffer.from('\ufeff{}')])
      expect((await parseErrorOf(bodyOf(json(Any), raw))).message).toBe(
        'body: malformed JSON: a byte order mark at line 1, column 1 (offset 0)',
      )
  })

  describe.each([undefined, null, '', ' \n', new Uint8Array()])('of %j', raw => {
    it('says that there is no body', async () => {
      const needed = { code: 'EmptyBody', status: 400, message: 'body: there is none, and one is needed' }
      const late = Order.refine(async () => true)
      const careless = z.unknown().transform(order => (order as { id: string }).id)
      for (const of of [Order, late, careless, sns(json(Any)), Order.nullable()])
        expect(await parseErrorOf(bodyOf(json<Codec | Schema>(of), raw))).toMatchObject(needed)
    })

    it('gives what the schema makes of undefined: a body may be optional', async () => {
      expect(await bodyOf(json(Order.optional()), raw)).toBeUndefined()
      expect(await bodyOf(json(z.object({ limit: z.number() }).default({ limit: 5 })), raw)).toEqual({ limit: 5 })
      expect(await bodyOf(json(Order.optional().refine(async () => true)), raw)).toBeUndefined()
    })
  })

  it('checks a body that is there, however optional', async () => {
    expect((await parseErrorOf(bodyOf(json(Order.optional()), '{}'))).code).toBe('SchemaMismatch')
    expect((await parseErrorOf(bodyOf(json(Order.optional()), '{'))).code).toBe('MalformedJson')
  })

  it('says where UTF-8 is invalid', async () => {
    const raw = Buffer.concat([Buffer.from('{"ä":"'), Buffer.of(0xff), Buffer.from('"}')])
    expect(await parseErrorOf(bodyOf(json(Any), raw))).toMatchObject({
      code: 'MalformedUtf8',
      status: 400,
      message: 'body: invalid UTF-8 at byte 7',
    })
  })

  it('never has the payload in its errors, their issues or causes', async () => {
    const secret = 'S3CR3T'
    const texts = [
      `{"password":"${secret}"`,
      `{"a":${secret}}`,
      `${secret}`,
      `["${secret}\n"]`,
      `{"${secret}" 1}`,
      `{"id":"${secret}","items":"${secret}"}`,
    ]
    for (const text of texts) {
      const error = await parseErrorOf(bodyOf(json(Order), text))
      expect(JSON.stringify([error.message, error.extensions, error.stack, String(error.cause)])).not.toContain(secret)
    }
  })

  it('says by JSON pointers what is against the schema', async () => {
    const error = await parseErrorOf(bodyOf(json(Order), '{"items":[{"sku":"a","quantity":"2"}]}'))
    expect(error).toMatchObject({ code: 'SchemaMismatch', status: 422, retryable: false })
    expect(error.extensions).toEqual({
      issues: [
        { path: '/id', message: 'Invalid input: expected string, received undefined' },
        { path: '/items/0/quantity', message: 'Invalid input: expected number, received string' },
      ],
    })
    expect(error.message).toBe(
      'body: does not match its schema: /id Invalid input: expected string, received undefined; ' +
        '/items/0/quantity Invalid input: expected number, received string',
    )
  })
})

describe('json does not pollute prototypes', () => {
  it.each([
    ['__proto__', '{"__proto__":{"admin":true},"a":1}', { a: 1 }],
    ['__proto__ in depth', '[{"b":{"__proto__":{"admin":true}}}]', [{ b: {} }]],
    ['an escaped __proto__', '{"\\u005f_proto__":{"admin":true},"a":1}', { a: 1 }],
    ['an __proto__ escaped in the middle', '{"__pro\\u0074o__":{"admin":true},"a":1}', { a: 1 }],
    ['constructor.prototype', '{"constructor":{"prototype":{"admin":true}},"a":1}', { a: 1 }],
    ['an escaped constructor', '{"c\\u006fnstructor":{"prototype":{"admin":true}},"a":1}', { a: 1 }],
    ['an escaped prototype', '{"constructor":{"\\u0070rototype":{"admin":true}},"a":1}', { a: 1 }],
  ])('by %s', async (_name, text, expected) => {
    for (const raw of [text, JSON.parse(text) as object]) {
      const body = await bodyOf(json(Any), raw)
      expect(body).toEqual(expected)
      expect(Object.assign({}, ...[body].flat()).admin).toBeUndefined()
    }
  })

  it('and leaves a harmless constructor alone', async () => {
    expect(await bodyOf(json(Any), '{"constructor":"Ferrari","c":{"constructor":{"a":1}}}')).toEqual({
      constructor: 'Ferrari',
      c: { constructor: { a: 1 } },
    })
  })

  it('and leaves the event as it came', async () => {
    const raw = JSON.parse('{"__proto__":{"admin":true},"a":1}') as object
    await bodyOf(json(Any), raw)
    expect(Object.keys(raw)).toEqual(['__proto__', 'a'])
  })

  it('whatever the document: a merge of what it gives never reaches a prototype', async () => {
    const keys = fc.constantFrom('__proto__', 'constructor', 'prototype', 'a', '\u005f_proto__', 'ä')
    const { value: values } = fc.letrec<{ value: unknown }>(tie => ({
      value: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom(1, 'x', null),
        fc.array(tie('value'), { maxLength: 3 }),
        fc
          .array(fc.tuple(keys, tie('value')), { maxLength: 4 })
          .map(entries => Object.fromEntries(entries.map(([key, value]) => [`${key}`, value]))),
      ),
    }))
    const escapes = fc.func(fc.boolean())
    await fc.assert(
      fc.asyncProperty(values, escapes, async (value, escaped) => {
        const text = JSON.stringify(value).replaceAll(/[a-z_](?=[^"]*":)/g, letter =>
          escaped(letter) ? `\\u00${letter.charCodeAt(0).toString(16)}` : letter,
        )
        merge({}, await bodyOf(json(Any), text))
        const untouched: Record<string, unknown> = {}
        expect(untouched.a ?? untouched.ä).toBeUndefined()
      }),
      { numRuns: 500 },
    )
  })

  it('in a document of a million levels', async () => {
    const text = `${'['.repeat(1e6)}{"__proto__":1}${']'.repeat(1e6)}`
    await bodyOf(json(z.custom()), text)
  })
})

/** The merge of countless libraries, which walks into prototypes. */
function merge(target: Record<string, unknown>, source: unknown): void {
  if (typeof source !== 'object' || source === null) return
  for (const [key, value] of Object.entries(source)) {
    const inner = target[key]
    const isNode = (typeof inner === 'object' && inner !== null) || typeof inner === 'function'
    if (isNode && typeof value === 'object') merge(inner as Record<string, unknown>, value)
    else target[key] = value
  }
}
