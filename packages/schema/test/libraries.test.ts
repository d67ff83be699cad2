// Every schema library that is promised, sync and async, through a real pipeline.
import { type } from 'arktype'
import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import * as m from 'zod/mini'
import { json, type Schema } from '../src/index.ts'
import { bodyOf, parseErrorOf } from './source.ts'

const even = (n: number) => n % 2 === 0
const later = async (n: number) => {
  await new Promise(resolve => setTimeout(resolve, 1))
  return even(n)
}
const half = (n: number) => n / 2

const sync: [string, Schema][] = [
  ['zod', z.object({ items: z.array(z.number().refine(even).transform(half)) })],
  ['zod/mini', m.object({ items: m.array(m.pipe(m.number().check(m.refine(even)), m.transform(half))) })],
  ['valibot', v.object({ items: v.array(v.pipe(v.number(), v.check(even), v.transform(half))) })],
  ['arktype', type({ items: type('number % 2').pipe(half).array() })],
]
const async: [string, Schema][] = [
  ['zod', z.object({ items: z.array(z.number().refine(later).transform(half)) })],
  ['zod/mini', m.object({ items: m.array(m.pipe(m.number().check(m.refine(later)), m.transform(half))) })],
  ['valibot', v.objectAsync({ items: v.arrayAsync(v.pipeAsync(v.number(), v.checkAsync(later), v.transform(half))) })],
]

describe.each([...sync.map(each => ['sync', ...each] as const), ...async.map(each => ['async', ...each] as const)])(
  '%s schemas of %s',
  (_kind, _name, schema) => {
    it('give their output', async () => {
      expect(await bodyOf(json(schema), '{"items":[2,4],"more":1}')).toMatchObject({ items: [1, 2] })
    })

    it('fail with the path of what is wrong', async () => {
      const { issues, code, status } = await parseErrorOf(bodyOf(json(schema), '{"items":[2,3]}'))
      expect([code, status]).toEqual(['SchemaMismatch', 422])
      expect(issues.map(issue => issue.path)).toEqual(['/items/1'])
    })

    it('serve 64 units at once', async () => {
      const all = Array.from({ length: 64 }, (_, n) => bodyOf(json(schema), `{"items":[${n * 2}]}`))
      expect((await Promise.all(all)).map(body => (body as { items: number[] }).items[0])).toEqual([...all.keys()])
    })
  },
)
