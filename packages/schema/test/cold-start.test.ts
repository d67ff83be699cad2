// What a first invocation loads: asked in a process of its own, of a bundle as it goes to Lambda.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { bundle } from './bundle.ts'

const folder = mkdtempSync(join(tmpdir(), 'lambent-schema-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** The builtins among undici and zlib that a process has loaded after it ran `code`, and what it found. */
async function run(code: string, banner = ''): Promise<{ found: unknown[]; loaded: string[] }> {
  const file = join(folder, 'main.mjs')
  const { text } = await bundle(
    `import { pipeline } from '@lambent/core'
import * as schema from '@lambent/schema'
import * as v from 'valibot'
const found = []
async function send(codec, raw) {
  const source = { name: 'test', open: event => ({ event, unit: { kind: 'record', source: 'test', id: '1', raw } }), respond: value => value }
  const handler = pipeline(source).use(schema.parse(codec)).handle(({ body }) => body)
  await handler({}, undefined).then(body => found.push(body), error => found.push(error.code))
}
${code}
const loaded = process.moduleLoadList.filter(name => /undici|zlib/.test(name))
console.log(JSON.stringify({ found, loaded }))`,
    { minify: false, banner: { js: banner } },
  )
  writeFileSync(file, text)
  return JSON.parse(execFileSync(process.execPath, [file], { encoding: 'utf8' }))
}

const ORDER = 'schema.json(v.object({ id: v.string() }))'

describe('a first invocation', () => {
  it('of parse(json(schema)) loads neither undici nor zlib, on good and on bad input', async () => {
    const { found, loaded } = await run(`
      await send(${ORDER}, '{"id":"a"}')
      await send(${ORDER}, Buffer.from('{"id":"ä"}'))
      await send(${ORDER}, '{"id":')
      await send(${ORDER}, Buffer.from([0x7b, 0xff]))
      await send(${ORDER}, '{"id":1}')
      await send(${ORDER}, '{"id":"a","__proto__":{}}')
      await send(${ORDER}, undefined)`)
    expect(found).toEqual([
      { id: 'a' },
      { id: 'ä' },
      'MalformedJson',
      'MalformedUtf8',
      'SchemaMismatch',
      { id: 'a' },
      'EmptyBody',
    ])
    expect(loaded).toEqual([])
  })

  it('of the other codecs does not load undici either', async () => {
    const { found, loaded } = await run(`
      await send(schema.form(v.object({ a: v.string() })), 'a=1')
      await send(schema.sns(schema.base64(schema.text)), { Message: 'YWJj' })
      await send(schema.dynamoDb(v.object({ a: v.number() })), { a: { N: '1' } })
      await send(schema.s3(), '{"Records":[]}')
      await send(schema.eventBridge(v.object({})), {})`)
    expect(found).toEqual([{ a: '1' }, 'abc', { a: 1 }, [], 'MalformedEnvelope'])
    expect(loaded).toEqual([])
  })

  it('loads zlib with the first gzip, which shows that this test would see it', async () => {
    const { found, loaded } = await run(
      "await send(schema.base64(schema.gzip(schema.text)), 'H4sIAAAAAAAAA0tMSgYAwkEkNQMAAAA=')",
    )
    expect(found).toEqual(['abc'])
    expect(loaded).toContainEqual(expect.stringContaining('zlib'))
  })
})

describe('multipart', () => {
  const send = `
    const body = '--x\\r\\ncontent-disposition: form-data; name="a"\\r\\n\\r\\n1\\r\\n--x--'
    const codec = schema.multipart(v.object({ a: v.string() }))
    const where = { name: 'body', contentType: 'multipart/form-data; boundary=x' }
    for (let i = 0; i < 2; i++) await codec.decode(body, where).then(body => found.push(body), error => found.push(error.code))`
  const require = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url)"

  it('loads its parser with the first such body, and no undici with it', async () => {
    const { found, loaded } = await run(send, require)
    expect(found).toEqual([{ a: '1' }, { a: '1' }])
    expect(loaded.filter(name => name.includes('undici'))).toEqual([])
  })

  it('says what a bundle lacks that cannot load the parser, and does not blame the payload', async () => {
    const { found } = await run(send)
    expect(found).toEqual(['ParserNotLoaded', 'ParserNotLoaded'])
  })
})
