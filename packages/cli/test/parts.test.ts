// What the commands are made of: causes, durations, rounds of a redrive.
import fc from 'fast-check'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { found, shapeOf } from '../src/dlq/found.ts'
import { type Resend, roundsOf } from '../src/dlq/resend.ts'
import { durationOf, selector } from '../src/dlq/selection.ts'
import { oneLine, outputOf, shortArn } from '../src/output.ts'

afterEach(() => vi.unstubAllEnvs())

describe('a cause', () => {
  it.each([
    ['order o-17 has no total', 'order o-18 has no total'],
    ['item 059f36b4-87a3-44ab-83d2-661975830a7d is gone', 'item 8476a536-e9f4-11e8-9739-2dfe598c3fcd is gone'],
    ['no customer "Ann"', 'no customer "Bob"'],
    ['since 2026-03-01T02:47:11Z', 'since 2026-03-02T12:00:00.000Z'],
    ['body.items[3].price: expected a number\nat …', 'body.items[12].price: expected a number'],
  ])('is the same of %j and %j', (one, other) => expect(shapeOf(one)).toBe(shapeOf(other)))

  it('is another where words differ', () => {
    expect(shapeOf('no customer "Ann"')).not.toBe(shapeOf('no account "Ann"'))
  })
})

describe('rounds of a redrive', () => {
  const resends = fc.array(
    fc.record({
      group: fc.constantFrom('a', 'b', 'c'),
      url: fc.constantFrom('https://q/one', 'https://q/two.fifo'),
      size: fc.integer({ min: 1, max: 40 }),
    }),
    { maxLength: 60 },
  )
  it('have at most so many messages of one queue and as many bytes as it takes, and keep the order of groups', () => {
    fc.assert(
      fc.property(resends, fc.integer({ min: 1, max: 10 }), (all, most) => {
        const given = all.map(
          ({ group, url, size }, index): Resend => ({
            found: found({ MessageId: `${index}`, Attributes: { MessageGroupId: group } }),
            url,
            fifo: url.endsWith('.fifo'),
            maxBytes: 100,
            body: 'x'.repeat(size),
            attributes: {},
          }),
        )
        const rounds = roundsOf(given, most)
        expect(
          rounds
            .flat()
            .map(({ resend }) => resend.found.id)
            .sort(),
        ).toEqual(given.map(({ found }) => found.id).sort())
        for (const round of rounds) {
          expect(new Set(round.map(({ resend }) => resend.url)).size).toBe(1)
          expect(round.length).toBeLessThanOrEqual(most)
          expect(round.reduce((sum, { resend }) => sum + resend.body.length, 0)).toBeLessThanOrEqual(100)
          const groups = round.flatMap(({ group }) => group ?? [])
          expect(new Set(groups).size).toBe(groups.length)
        }
        for (const group of ['a', 'b', 'c']) {
          const ids = rounds
            .flat()
            .filter(entry => entry.group === `https://q/two.fifo ${group}`)
            .map(({ resend }) => Number(resend.found.id))
          expect(ids).toEqual([...ids].sort((a, b) => a - b))
        }
      }),
    )
  })
})

it('durations are numbers with a unit', () => {
  expect(['90s', '15m', '2h', '7d'].map(durationOf)).toEqual([90_000, 900_000, 7_200_000, 604_800_000])
  for (const wrong of ['', '5', 'h', '-1h', '1.5h', '1w']) expect(() => durationOf(wrong)).toThrow('no duration')
})

it('what has no time is neither old nor new', () => {
  const timeless = found({ Body: 'x' })
  expect(selector({ olderThan: 1 })(timeless)).toBe(false)
  expect(selector({ newerThan: 1 })(timeless)).toBe(false)
  expect(selector({})(timeless)).toBe(true)
})

it('names are those at the end of ARNs', () => {
  expect(shortArn('arn:aws:sqs:eu-west-1:123456789012:orders')).toBe('orders')
  expect(shortArn('arn:aws:lambda:eu-west-1:123456789012:function:take:7')).toBe('take')
  expect(shortArn('arn:aws:dynamodb:eu-west-1:1:table/t/stream/2')).toBe(
    'arn:aws:dynamodb:eu-west-1:1:table/t/stream/2',
  )
})

it('a terminal gets colours and a bar, a pipe neither', async () => {
  vi.stubEnv('NO_COLOR', undefined)
  vi.stubEnv('FORCE_COLOR', '1') // whatever the environment of the tests says
  const { PassThrough } = await import('node:stream')
  const write = async (isTTY: boolean) => {
    const stream = Object.assign(new PassThrough(), {
      isTTY,
      columns: 80,
      getColorDepth: () => 24,
      hasColors: () => true,
    })
    let text = ''
    stream.on('data', chunk => {
      text += chunk
    })
    const output = outputOf({ stdout: stream, stderr: stream, signal: new AbortController().signal }, false)
    output.line(output.style('bold', 'title'))
    const bar = output.bar(10)
    bar.advance(5, 'half')
    bar.stop()
    await new Promise(resolve => setTimeout(resolve, 20))
    return text
  }
  expect(await write(false)).toBe('title\n')
  const shown = await write(true)
  expect(shown).toContain('\u001b[1mtitle')
  expect(shown).toContain(`${'█'.repeat(15)}${'░'.repeat(15)} half`)
  expect(shown.endsWith('\r\u001b[K')).toBe(true)
})

it('a line is one line', () => {
  expect(oneLine('a\n\t b\u001b[31m', 20)).toBe('a b\\u001b[31m')
  expect(oneLine('abcdef', 4)).toBe('abc…')
})
