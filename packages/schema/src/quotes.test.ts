import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import * as z from 'zod'
import { bodyOf, parseErrorOf } from '../test/source.ts'
import { json, type Schema } from './index.ts'

const CARD = '4111-1111-1111-1111'

/** A schema that refuses everything with a message, and maybe a path. */
function refusing(message: string | ((value: never) => string), path?: readonly PropertyKey[]): Schema {
  const validate = (value: unknown) => {
    const said = typeof message === 'string' ? message : message(value as never)
    return { issues: [path ? { message: said, path } : { message: said }] }
  }
  return { '~standard': { version: 1, vendor: 'test', validate } }
}

async function messageOf(schema: Schema, value: unknown): Promise<string | undefined> {
  const error = await parseErrorOf(bodyOf(json(schema), JSON.stringify(value)))
  return error.issues[0]?.message
}

describe('a message that quotes what it refuses', () => {
  it.each<[string, Schema, unknown]>([
    ['joi', refusing(`"card" with value "${CARD}" fails to match the required pattern`, ['card']), { card: CARD }],
    ['joi, numbers', refusing('"pin" with value 1234 is too short', ['pin']), { pin: 1234 }],
    ['joi, renamed keys', refusing(`"card" with value "${CARD}" fails`, ['card']), { CARD }],
    [
      'yup',
      refusing(
        `card must be a \`number\` type, but the final value was: \`NaN\` (cast from the value \`"${CARD}"\`).`,
        ['card'],
      ),
      { card: CARD },
    ],
    [
      'yup, objects',
      refusing('must be a text, but the final value was: `{ "pin": "\\"1234\\"" }`', ['a']),
      { a: { pin: '1234' } },
    ],
    ['V8', refusing(`Unexpected token 'n', ..."d\\":\\"4111-1111-1"... is not JSON`), `{"card":"${CARD}",nope}`],
    ['cut short', refusing(`${CARD.slice(0, 12)}… is no card`), CARD],
    ['trimmed', refusing('value s3cret is too weak'), '  s3cret '],
    ['escaped', refusing('value "a\\"b\\\\c" is too weak'), 'a"b\\c'],
    ['of a path into what was text', refusing(`${CARD} is no card`, ['card', 0]), `card ${CARD}`],
    ['at the end of what is shown', refusing(`${'-'.repeat(295)} s3cret`), 's3cret'],
    ['of a text among thousands', refusing(`${CARD} is wrong`), [...Array.from({ length: 5000 }, () => ''), CARD]],
    ['in the middle of megabytes', refusing(`no JSON at ${CARD}`), `${'x'.repeat(1e6)}${CARD}${'y'.repeat(1e6)}`],
  ])('of %s says only that it does not match', async (_name, schema, value) => {
    expect(await messageOf(schema, value)).toBe('does not match')
  })

  it('is one whatever ten characters of a text it has, and wherever it has them', async () => {
    const texts = fc.string({ minLength: 10, unit: fc.constantFrom(...'abcdefghij 0123456789') })
    await fc.assert(
      fc.asyncProperty(texts, fc.nat(), fc.string(), fc.string(), async (text, start, before, after) => {
        const trimmed = text.trim()
        fc.pre(trimmed.length >= 10)
        const from = start % (trimmed.length - 9)
        const message = `${before}${trimmed.slice(from, from + 10)}${after}`
        expect(await messageOf(refusing(message, ['a', 0]), { a: [text] })).toBe('does not match')
      }),
    )
  })

  it('is one in the message of the error too, which is the detail of the answer', async () => {
    const { message } = await parseErrorOf(bodyOf(json(refusing(`bad: ${CARD}`, ['card'])), `{"card":"${CARD}"}`))
    expect(message).toBe('body: does not match its schema: /card does not match')
  })

  it('costs little, however large the value: no more is compared than a part of it', async () => {
    const issues = Array.from({ length: 32 }, () => ({ message: 'm'.repeat(1000), path: [] }))
    const schema: Schema = { '~standard': { version: 1, vendor: 'test', validate: () => ({ issues }) } }
    const [includes, split] = [vi.spyOn(String.prototype, 'includes'), vi.spyOn(String.prototype, 'split')]
    for (const value of ['m '.repeat(1e6), Array.from({ length: 1e5 }, () => 'abc'), 'n'.repeat(99_000)]) {
      const error = await parseErrorOf(bodyOf(json(schema), JSON.stringify(value)))
      expect(error.issues).toHaveLength(32)
    }
    const [texts, words] = [includes, split].map(({ mock }) => mock.contexts.map(text => `${text}`.length))
    vi.restoreAllMocks()
    expect(Math.max(...(texts ?? []).slice(-1000))).toBe(99_001) // the last value is compared as a whole
    expect((texts ?? []).filter(length => length > 100_100).length).toBeLessThan(32) // and larger ones not once for each issue
    expect(words?.length).toBeLessThan(32 * 2000)
  })
})

describe('a message that does not quote stays', () => {
  it.each<[string, Schema, unknown, string]>([
    ['a limit', z.number().positive(), 0, 'Too small: expected number to be >0'],
    ['a limit of three digits', z.number().gt(100), 100, 'Too small: expected number to be >100'],
    ['a length', z.array(z.number()).max(100), Array(101).fill(100), 'Too big: expected array to have <=100 items'],
    [
      'one or two characters',
      z.object({ a: z.number() }),
      { a: 'to' },
      'Invalid input: expected number, received string',
    ],
    [
      'a word in a longer one',
      z.object({ a: z.number() }),
      { a: 'put' },
      'Invalid input: expected number, received string',
    ],
    ['a missing key', z.object({ a: z.string() }), { b: 'x' }, 'Invalid input: expected string, received undefined'],
    [
      'a missing key in a large document',
      z.object({ a: z.string() }),
      { b: Array.from({ length: 5000 }, () => CARD) },
      'Invalid input: expected string, received undefined',
    ],
    ['a long text', z.string().max(9), 'x'.repeat(90_000), 'Too big: expected string to have <=9 characters'],
    ['no texts at all', refusing('not these'), [true, null, { a: false }], 'not these'],
  ])('for %s', async (_name, schema, value, message) => {
    expect(await messageOf(schema, value)).toBe(message)
  })
})
