// What a function pays for dead letters: bytes of its bundle, and what a first invocation loads.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { afterAll, expect, it } from 'vitest'

const folder = mkdtempSync(join(tmpdir(), 'lambent-dead-letter-'))
afterAll(() => rmSync(folder, { recursive: true }))

async function bundle(contents: string): Promise<Uint8Array> {
  const stdin = { contents, resolveDir: import.meta.dirname }
  const options = { stdin, bundle: true, minify: true, write: false, format: 'esm', platform: 'node' } as const
  const { outputFiles } = await build(options)
  return outputFiles[0]?.contents ?? new Uint8Array()
}

const size = async (contents: string) => gzipSync(await bundle(contents), { level: 9 }).byteLength
const core = "export { pipeline } from '@lambent/core'"

it.each<[string, string, string, number]>([
  ['deadLetter and sqsQueue', 'deadLetter, sqsQueue', 'S3, SQS', 8000],
  ['largeMessages', 'largeMessages', 'S3', 2500],
])('%s (%s): with the clients (%s) at most %i bytes, minified and gzipped', async (_, names, clients, most) => {
  const base = `${core}; export { ${clients} } from '@lambent/aws'`
  const added = (await size(`${base}; export { ${names} } from '@lambent/dead-letter'`)) - (await size(base))
  console.log(`@lambent/dead-letter, ${names}: ${added} bytes minified and gzipped, of ${most}`)
  expect(added).toBeGreaterThan(500)
  expect(added).toBeLessThanOrEqual(most)
})

it('what deadLetter() carries has no reader of other formats in it', async () => {
  const text = Buffer.from(await bundle("export { deadLetter, sqsQueue } from '@lambent/dead-letter'")).toString()
  expect(text).not.toMatch(/kafka_dlt|DDBStreamBatchInfo|RULE_ARN|AWSEvents|2010-03-31/)
})

it('a first invocation, whose unit becomes a dead letter, loads no undici, no HTTP client and no zlib', async () => {
  const file = join(folder, 'main.mjs')
  const code = `
    import { pipeline, PermanentError } from '@lambent/core'
    import { deadLetter, sqsQueue } from '@lambent/dead-letter'
    const stored = []
    const client = {
      async sendMessageBatch({ Entries }) {
        stored.push(...Entries)
        return { Successful: Entries.map(({ Id }) => ({ Id })) }
      },
    }
    const unit = { kind: 'record', source: 'test', id: '1', raw: 'body' }
    const source = { name: 'test', open: event => ({ event, unit }), respond: value => value }
    console.warn = () => {}
    const to = sqsQueue({ url: 'https://sqs.eu-west-1.amazonaws.com/123456789012/dlq', client })
    const handler = pipeline(source).use(deadLetter({ to })).handle(() => { throw new PermanentError('x') })
    await handler({}, undefined)
    const loaded = process.moduleLoadList.filter(name => /undici|zlib|NativeModule _?http|_tls/.test(name))
    console.log(JSON.stringify({ stored: stored.length, loaded }))`
  writeFileSync(file, await bundle(code))
  const { stored, loaded } = JSON.parse(execFileSync(process.execPath, [file], { encoding: 'utf8' }))
  expect(stored).toBe(1)
  expect(loaded).toEqual([])
})
