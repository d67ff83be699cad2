import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { lambda, parseErrorOf, request } from '../test/source.ts'
import { MultipartFile, type MultipartOptions, multipart, parse } from './index.ts'

const Any = z.custom<Record<string, unknown>>()
const TYPE = 'multipart/form-data; boundary=--x'

type Part = { name?: string; value: string | Uint8Array; filename?: string; type?: string }

function encode(parts: readonly Part[], end = '----x--\r\n'): Buffer {
  const chunks = parts.flatMap(({ name, value, filename, type }) => [
    '----x\r\ncontent-disposition: form-data',
    ...(name === undefined ? [] : [`; name="${name}"`]),
    ...(filename === undefined ? [] : [`; filename="${filename}"`]),
    ...(type === undefined ? [] : [`\r\ncontent-type: ${type}`]),
    '\r\n\r\n',
    value,
    '\r\n',
  ])
  return Buffer.concat([...chunks, end].map(chunk => Buffer.from(chunk as string)))
}

function decode(body: string | Uint8Array, options?: MultipartOptions, contentType = TYPE) {
  const handler = request()
    .use(parse(multipart(Any, options)))
    .handle(({ body }) => body)
  return handler({ body, headers: { 'content-type': contentType } }, lambda) as Promise<Record<string, unknown>>
}

describe('multipart', () => {
  it('gives fields as text and files as bytes', async () => {
    const png = Uint8Array.from({ length: 300_000 }, (_, index) => index % 256)
    const body = encode([
      { name: 'title', value: 'Grüße' },
      { name: 'photo', value: png, filename: 'C:\\me.png', type: 'image/PNG' },
    ])
    const { title, photo } = await decode(body)
    expect(title).toBe('Grüße')
    expect(photo).toBeInstanceOf(MultipartFile)
    expect(photo).toMatchObject({ filename: 'me.png', contentType: 'image/png' })
    expect(Buffer.from((photo as MultipartFile).bytes).equals(png)).toBe(true)
  })

  it('makes an array of what is repeated', async () => {
    const body = encode([
      { name: 'a', value: '1' },
      { name: 'a', value: '2' },
      { name: 'f', value: 'x', filename: 'x.txt' },
      { name: 'f', value: 'y', filename: 'y.txt' },
    ])
    const { a, f } = await decode(body)
    expect(a).toEqual(['1', '2'])
    expect((f as MultipartFile[]).map(file => file.filename)).toEqual(['x.txt', 'y.txt'])
  })

  it('leaves out a file input that was left empty, but keeps an empty file', async () => {
    const type = 'application/octet-stream'
    const body = encode([
      { name: 'none', value: '', filename: '', type },
      { name: 'empty', value: '', filename: 'empty.txt', type },
    ])
    expect(await decode(body)).toEqual({ empty: expect.objectContaining({ filename: 'empty.txt' }) })
  })

  it('validates files by their class', async () => {
    const Upload = z.object({ photo: z.instanceof(MultipartFile).refine(file => file.bytes.length < 3, 'too big') })
    const handler = request()
      .use(parse(multipart(Upload)))
      .handle(({ body }) => body.photo.filename)
    const send = (value: string) =>
      handler({ body: encode([{ name: 'photo', value, filename: 'p' }]), headers: { 'content-type': TYPE } }, lambda)
    expect(await send('12')).toBe('p')
    expect((await parseErrorOf(send('123'))).issues).toEqual([{ path: '/photo', message: 'too big' }])
  })

  it('has no prototype that a name could reach, and no __proto__ for what is made of it', async () => {
    const file = { name: '__proto__', value: '1', filename: 'a' }
    const body = await decode(encode([{ name: '__proto__', value: '1' }, file, { name: 'constructor', value: '1' }]))
    expect(Object.getPrototypeOf(body)).toBeNull()
    expect(Object.entries(body)).toEqual([['constructor', '1']])
  })

  const field = { name: 'a', value: '123' }
  const file = { name: 'f', value: '123', filename: 'f.txt' }
  it.each([
    ['files', { maxFiles: 1 }, [file, file], 'it has files, more than the limit of 1'],
    ['fields', { maxFields: 1 }, [field, field], 'it has fields, more than the limit of 1'],
    ['bytes in a file', { maxFileBytes: 2 }, [file], 'a file has more than the limit of 2'],
    ['bytes in a field', { maxFieldBytes: 2 }, [field], 'a field has more than the limit of 2'],
  ])('refuses too many %s', async (_name, options, parts, what) => {
    const error = await parseErrorOf(decode(encode(parts), options))
    expect(error).toMatchObject({ code: 'ContentTooLarge', status: 413, message: `body: ${what}` })
  })

  it('takes what is exactly at the limits', async () => {
    const limits = { maxFiles: 1, maxFields: 1, maxFileBytes: 3, maxFieldBytes: 3 }
    expect(Object.keys(await decode(encode([field, file]), limits))).toEqual(['a', 'f'])
  })

  it.each([
    ['is cut off in a field', encode([field], '').subarray(0, -3)],
    ['is cut off in a file', encode([file], '').subarray(0, -3)],
    ['has no end', encode([field], '')],
    ['has another boundary', Buffer.from('----y\r\n\r\n\r\n----y--')],
    ['has a part without a name', encode([{ value: '1' }])],
    ['is something else', Buffer.from('{"a":1}')],
  ])('is malformed when it %s, and the process lives on', async (_name, body) => {
    expect(await parseErrorOf(decode(body))).toMatchObject({ code: 'MalformedMultipart', status: 400 })
    await new Promise(resolve => setImmediate(resolve))
  })

  it('is malformed without a boundary', async () => {
    const error = await parseErrorOf(decode(encode([field]), {}, 'multipart/form-data'))
    expect(error).toMatchObject({ code: 'MalformedMultipart', status: 400 })
  })

  it('says that it needs a content-type, where none is given', async () => {
    expect((await parseErrorOf(decode(encode([field]), {}, ''))).message).toContain('no content-type says')
  })

  it('that is empty is an error of its own', async () => {
    expect((await parseErrorOf(decode(''))).code).toBe('EmptyBody')
  })
})
