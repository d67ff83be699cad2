import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bodyOf, parseErrorOf } from '../test/source.ts'
import { text } from './index.ts'

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function isUtf8(bytes: Uint8Array): boolean {
  try {
    strict.decode(bytes)
    return true
  } catch {
    return false
  }
}

// Random bytes are hardly ever UTF-8: pieces of it, whole and broken, are more telling.
const pieces = fc.constantFrom(
  '61',
  'c3a4',
  'e282ac',
  'f09f9880',
  'efbbbf',
  'efbfbd',
  'ff',
  'c3',
  'e282',
  'eda080',
  'c080',
)
const nearly = fc.array(pieces, { maxLength: 8 }).map(all => new Uint8Array(Buffer.from(all.join(''), 'hex')))

describe('bytes as text', () => {
  it('are what a strict decoder makes of them, or an error', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(nearly, fc.uint8Array()), async bytes => {
        if (isUtf8(bytes)) expect(await bodyOf(text, bytes)).toBe(strict.decode(bytes))
        else expect((await parseErrorOf(bodyOf(text, bytes))).code).toBe('MalformedUtf8')
      }),
      { numRuns: 1000 },
    )
  })

  it('are invalid from the byte on that the error names: what is before it is UTF-8, and part of a character at most', async () => {
    await fc.assert(
      fc.asyncProperty(nearly, async bytes => {
        fc.pre(!isUtf8(bytes))
        const { message } = await parseErrorOf(bodyOf(text, bytes))
        const at = Number(/at byte (\d+)$/.exec(message)?.[1])
        const before = bytes.subarray(0, at)
        expect([0, 1, 2, 3].some(cut => isUtf8(before.subarray(0, at - cut)))).toBe(true)
        expect(isUtf8(bytes.subarray(0, Math.min(at + 1, bytes.length)))).toBe(false)
      }),
    )
  })

  it('of a view into a larger buffer are those of the view', async () => {
    expect(await bodyOf(text, new Uint8Array(Buffer.from('abcdef').buffer.slice(0)).subarray(0, 0))).toBe('')
    expect(await bodyOf(text, Buffer.from('abcdef').subarray(2, 4))).toBe('cd')
  })
})
