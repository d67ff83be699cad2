import { deflateSync, gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { bodyOf, parseErrorOf } from '../test/source.ts'
import { base64, bytes, gzip, json, text } from './index.ts'

const member = gzipSync(Buffer.alloc(64 * 1024 * 1024))

describe('gzip', () => {
  it('gives the bytes back, in base64 too', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array(), async data => {
        expect([...(await bodyOf(gzip(bytes), gzipSync(data)))]).toEqual([...data])
        expect([...(await bodyOf(base64(gzip(bytes)), gzipSync(data).toString('base64')))]).toEqual([...data])
      }),
    )
  })

  it('decodes further what is in it', async () => {
    expect(await bodyOf(gzip(json(z.object({ a: z.number() }))), gzipSync('{"a":1}'))).toEqual({ a: 1 })
  })

  it('inflates to 10 MiB, and not a byte more', async () => {
    const limit = 10 * 1024 * 1024
    expect(await bodyOf(gzip(bytes), gzipSync(Buffer.alloc(limit)))).toHaveLength(limit)
    const error = await parseErrorOf(bodyOf(gzip(bytes), gzipSync(Buffer.alloc(limit + 1))))
    expect(error).toMatchObject({ code: 'ContentTooLarge', status: 413, retryable: false })
    expect(error.message).toBe('body: it inflates to more than the limit of 10485760')
  })

  it('stops inflating a bomb at the limit: a gigabyte never comes to be', async () => {
    // Members that each inflate to 64 MiB, which gunzip reads as one.
    const bomb = Buffer.concat(Array.from({ length: 16 }, () => member))
    const before = process.memoryUsage().arrayBuffers
    expect((await parseErrorOf(bodyOf(gzip(bytes), bomb))).code).toBe('ContentTooLarge')
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 * 1024 * 1024)
  })

  it('has a limit of its own by option', async () => {
    expect(await bodyOf(gzip(text, { maxBytes: 3 }), gzipSync('abc'))).toBe('abc')
    expect((await parseErrorOf(bodyOf(gzip(text, { maxBytes: 2 }), gzipSync('abc')))).status).toBe(413)
  })

  it.each([
    ['other bytes', Buffer.from('{"a":1}')],
    ['deflate without gzip', deflateSync('{"a":1}')],
    ['what is cut off', gzipSync('some text').subarray(0, -9)],
    ['a wrong checksum', gzipSync('some text').map((byte, at, all) => (at >= all.length - 8 ? 0 : byte))],
  ])('is malformed for %s', async (_name, raw) => {
    expect(await parseErrorOf(bodyOf(gzip(text), raw))).toMatchObject({ code: 'MalformedGzip', status: 400 })
  })

  it('says of text that it needs base64() around it', async () => {
    const error = await parseErrorOf(bodyOf(gzip(text), 'H4sI'))
    expect(error.code).toBe('UnexpectedType')
    expect(error.message).toContain('text needs base64() around it')
  })
})
