import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { bodyOf, parseErrorOf } from '../test/source.ts'
import { base64, bytes, json } from './index.ts'

describe('base64', () => {
  it('gives the bytes back, of either alphabet, with padding and without', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1 }), async data => {
        const standard = Buffer.from(data).toString('base64')
        const url = Buffer.from(data).toString('base64url')
        for (const raw of [standard, url, standard.replace(/=+$/, ''), Buffer.from(standard)])
          expect([...(await bodyOf(base64(bytes), raw))]).toEqual([...data])
      }),
    )
  })

  it('decodes further what is in it', async () => {
    expect(await bodyOf(base64(json(z.object({ a: z.number() }))), btoa('{"a":1}'))).toEqual({ a: 1 })
  })

  it.each([
    ['YWJj*A==', 4],
    ['YW Jj', 2],
    ['YWJj\nYWJj', 4],
    ['YWJjZ', 5],
    ['YQ=', 2],
    ['YQ===', 2],
    ['YQ==YQ==', 2],
    ['=', 0],
    ['YWJj====', 4],
  ])('of %j is malformed at %i', async (raw, offset) => {
    const error = await parseErrorOf(bodyOf(base64(bytes), raw))
    expect(error).toMatchObject({ code: 'MalformedBase64', status: 400 })
    expect(error.message).toBe(`body: malformed base64 at offset ${offset}`)
  })

  it('is refused before it is decoded when it has more bytes than the limit, to the byte', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 50 }), fc.boolean(), async (size, padded) => {
        const raw = Buffer.alloc(size).toString(padded ? 'base64' : 'base64url')
        expect(await bodyOf(base64(bytes, { maxBytes: size }), raw)).toHaveLength(size)
        const error = await parseErrorOf(bodyOf(base64(bytes, { maxBytes: size - 1 }), raw))
        expect(error).toMatchObject({ code: 'ContentTooLarge', status: 413 })
        expect(error.message).toBe(`body: ${size} bytes are more than the limit of ${size - 1}`)
      }),
    )
  })

  it('that is empty is an error of its own', async () => {
    for (const raw of ['', undefined, new Uint8Array()])
      expect((await parseErrorOf(bodyOf(base64(bytes), raw))).code).toBe('EmptyBody')
    expect((await parseErrorOf(bodyOf(base64(bytes), {}))).code).toBe('UnexpectedType')
  })
})
