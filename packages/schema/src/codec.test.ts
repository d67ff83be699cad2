import { setImmediate } from 'node:timers/promises'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { together } from './codec.ts'

type Outcome = 'value' | 'throws' | 'late' | 'rejects'
const outcomes = fc.array(fc.constantFrom<Outcome>('value', 'throws', 'late', 'rejects'), { maxLength: 6 })

it('several results are there at once or as one promise; the first failure comes out when nothing runs any more', async () => {
  const unhandled: unknown[] = []
  const note = (error: unknown) => unhandled.push(error)
  process.on('unhandledRejection', note)
  await fc.assert(
    fc.asyncProperty(outcomes, fc.func(fc.nat(3)), async (items, turns) => {
      let running = 0
      const later = async (index: number, fails: boolean) => {
        running++
        for (let turn = turns(index); turn >= 0; turn--) await setImmediate()
        running--
        if (fails) throw index
        return index
      }
      const work = (item: Outcome, index: number) => {
        if (item === 'throws') throw index
        return item === 'value' ? index : later(index, item === 'rejects')
      }
      const begun = items.includes('throws') ? items.slice(0, items.indexOf('throws') + 1) : items
      const failure = begun.findIndex(item => item === 'throws' || item === 'rejects')
      let all: unknown
      try {
        const given = together(items, work)
        expect(given instanceof Promise).toBe(begun.some(item => item === 'late' || item === 'rejects'))
        all = await given
      } catch (error) {
        all = error
      }
      expect(running).toBe(0)
      expect(all).toEqual(failure < 0 ? [...items.keys()] : failure)
    }),
  )
  await setImmediate()
  process.off('unhandledRejection', note)
  expect(unhandled).toEqual([])
})
