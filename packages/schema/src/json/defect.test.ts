import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { offsetOfDefect } from './defect.ts'

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

const documents = fc.oneof(
  fc.json(),
  fc.json({ stringUnit: 'binary' }),
  fc.tuple(fc.jsonValue(), fc.constantFrom(1, '\t', 2)).map(([value, space]) => JSON.stringify(value, null, space)),
)

// Texts that are nearly JSON, and so go wrong in every way that JSON can.
const nearly = fc
  .array(
    fc.constantFrom(...'{}[],:"\\-+.eE0123u\n 8', 'true', 'fal', 'null', '"a"', '\\u00e4', '{"a":', '1.5e3', 'é'),
    {
      maxLength: 12,
    },
  )
  .map(parts => parts.join(''))

describe('the offset of a defect', () => {
  it.each([
    ['', 0],
    ['{"a": 1,}', 8],
    ["{'a': 1}", 1],
    ['{"a" 1}', 5],
    ['{"a": tru }', 9],
    ['[1, 2', 5],
    ['[1 2]', 3],
    ['01', 1],
    ['-a', 1],
    ['1.', 2],
    ['1.x', 2],
    ['1e+', 3],
    ['1e+x', 3],
    ['"a', 2],
    ['"a\nb"', 2],
    ['"\\x"', 2],
    ['"\\u12g4"', 5],
    ['{} {}', 3],
    ['undefined', 0],
    ['NaN', 0],
    ['nul', 3],
    [']', 0],
    ['[}', 1],
    ['[1}', 2],
    ['// comment', 0],
  ])('%j goes wrong at %i', (text, offset) => {
    expect(offsetOfDefect(text)).toBe(offset)
  })

  it('is the length of the text for every document', () => {
    fc.assert(
      fc.property(documents, text => {
        expect(offsetOfDefect(text)).toBe(text.length)
      }),
    )
  })

  it('is the length of every prefix of an object, which only ends too early', () => {
    const prefixes = fc
      .tuple(fc.dictionary(fc.string(), fc.jsonValue()), fc.nat())
      .map(([value, cut]) => JSON.stringify(value).slice(0, cut % JSON.stringify(value).length))
    fc.assert(
      fc.property(prefixes, text => {
        expect(offsetOfDefect(text)).toBe(text.length)
      }),
    )
  })

  it('is that of a character which is nowhere allowed, wherever it is put', () => {
    fc.assert(
      fc.property(documents, fc.nat(), (text, where) => {
        const at = where % (text.length + 1)
        expect(offsetOfDefect(`${text.slice(0, at)}\u0001${text.slice(at)}`)).toBe(at)
      }),
    )
  })

  it('is before the end for each text that no characters behind it can make a document', () => {
    fc.assert(
      fc.property(nearly, text => {
        const offset = offsetOfDefect(text)
        expect(offset).toBeLessThanOrEqual(text.length)
        if (isJson(text)) expect(offset).toBe(text.length)
        // What is before the defect is good so far, and the character at it is not.
        expect(offsetOfDefect(text.slice(0, offset))).toBe(offset)
        if (offset < text.length) expect(offsetOfDefect(text.slice(0, offset + 1))).toBe(offset)
      }),
      { numRuns: 3000 },
    )
  })

  it('agrees with V8 where V8 says a position', () => {
    fc.assert(
      fc.property(nearly, text => {
        try {
          JSON.parse(text)
        } catch (error) {
          const position = /at position (\d+)/.exec((error as Error).message)?.[1]
          if (position !== undefined) expect([text, offsetOfDefect(text)]).toEqual([text, Number(position)])
        }
      }),
      { numRuns: 3000 },
    )
  })

  it('is found without stack in a document of a million levels, and in a string of ten million characters', () => {
    expect(offsetOfDefect('['.repeat(1e6))).toBe(1e6)
    expect(offsetOfDefect(`"${'a'.repeat(1e7)}`)).toBe(1e7 + 1)
    expect(offsetOfDefect(`"${'\\n'.repeat(2e6)}\\x`)).toBe(4e6 + 2)
  })
})
