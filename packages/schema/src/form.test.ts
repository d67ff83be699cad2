import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { bodyOf, parseErrorOf } from '../test/source.ts'
import { form } from './index.ts'

const Any = z.custom<Record<string, string | string[]>>()

describe('form', () => {
  it('decodes names and values, plus signs and percent-encoding', async () => {
    expect(await bodyOf(form(Any), 'full+name=J%C3%BCrgen+M&a=%26%3D&empty=')).toEqual({
      'full name': 'Jürgen M',
      a: '&=',
      empty: '',
    })
  })

  it('makes an array of what is repeated, in order', async () => {
    expect(await bodyOf(form(Any), 'a=1&b=x&a=2&a=3')).toEqual({ a: ['1', '2', '3'], b: 'x' })
  })

  it('keeps a question mark at the beginning', async () => {
    expect(await bodyOf(form(Any), '?a=1')).toEqual({ '?a': '1' })
  })

  it('gives back what was encoded', async () => {
    const names = fc.string({ minLength: 1, unit: 'grapheme' }).filter(name => name !== '__proto__')
    const fields = fc.dictionary(names, fc.array(fc.string({ unit: 'grapheme' }), { minLength: 1, maxLength: 3 }))
    await fc.assert(
      fc.asyncProperty(fields, async given => {
        const encoded = new URLSearchParams(
          Object.entries(given).flatMap(([name, values]) => values.map((value): [string, string] => [name, value])),
        ).toString()
        const expected = Object.entries(given).map(([name, values]) => [name, values.length > 1 ? values : values[0]])
        expect(Object.entries(await bodyOf(form(Any), encoded))).toEqual(expected)
      }),
    )
  })

  it('has no prototype that a name could reach, and no __proto__ for what is made of it', async () => {
    const body = await bodyOf(form(Any), '__proto__=1&__proto__=1&constructor=2&toString=3')
    expect(Object.getPrototypeOf(body)).toBeNull()
    expect(Object.entries(body)).toEqual([
      ['constructor', '2'],
      ['toString', '3'],
    ])
  })

  it('is validated', async () => {
    const Signup = z.object({
      email: z.email(),
      tags: z.union([z.string().transform(tag => [tag]), z.array(z.string())]),
    })
    expect(await bodyOf(form(Signup), 'email=a%40b.de&tags=x')).toEqual({ email: 'a@b.de', tags: ['x'] })
    expect((await parseErrorOf(bodyOf(form(Signup), 'email=a&tags=x'))).issues[0]?.path).toBe('/email')
  })
})
