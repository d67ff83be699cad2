import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { bodyOf, parseErrorOf } from '../test/source.ts'
import { bytes, text } from './index.ts'

describe('text', () => {
  it('is text as it came, and bytes as UTF-8, with their byte order mark', async () => {
    expect(await bodyOf(text, ' ä\ud800')).toBe(' ä\ud800')
    expect(await bodyOf(text, Buffer.from('\ufeffä'))).toBe('\ufeffä')
  })

  it('may be empty, but not absent', async () => {
    expect(await bodyOf(text, '')).toBe('')
    expect((await parseErrorOf(bodyOf(text, undefined))).code).toBe('EmptyBody')
  })

  it('with a schema gives its output', async () => {
    expect(await bodyOf(text(z.coerce.number()), '12')).toBe(12)
    expect((await parseErrorOf(bodyOf(text(z.email()), 'nobody'))).status).toBe(422)
  })

  it('says what came instead', async () => {
    const error = await parseErrorOf(bodyOf(text, [1]))
    expect(error).toMatchObject({ code: 'UnexpectedType', message: 'body: expected text, got array' })
  })
})

describe('bytes', () => {
  it('are bytes as they came, and text in UTF-8', async () => {
    const raw = Uint8Array.of(0xff, 0)
    expect(await bodyOf(bytes, raw)).toBe(raw)
    expect([...(await bodyOf(bytes, 'ä'))]).toEqual([0xc3, 0xa4])
  })

  it('with a schema give its output', async () => {
    const Size = z.instanceof(Uint8Array).transform(bytes => bytes.length)
    expect(await bodyOf(bytes(Size), 'abc')).toBe(3)
  })
})
