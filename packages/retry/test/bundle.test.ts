// What a function pays for what it imports: bytes of its bundle, and what a first invocation loads.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { afterAll, expect, it } from 'vitest'

const folder = mkdtempSync(join(tmpdir(), 'lambent-retry-'))
afterAll(() => rmSync(folder, { recursive: true }))

async function bundle(contents: string): Promise<Uint8Array> {
  const stdin = { contents, resolveDir: import.meta.dirname }
  const options = { stdin, bundle: true, minify: true, write: false, format: 'esm', platform: 'node' } as const
  const { outputFiles } = await build(options)
  return outputFiles[0]?.contents ?? new Uint8Array()
}

const size = async (contents: string) => gzipSync(await bundle(contents), { level: 9 }).byteLength
// What is there anyhow: the engine, with the errors that a pipeline throws.
const core = "export { classify, pipeline, RetryableError, TimeoutError } from '@lambent/core'"

it.each<[string, number]>([
  ['retry', 2300],
  ['timeout', 900],
  ['bulkhead', 900],
  ['circuitBreaker', 2700],
  ['retry, timeout, circuitBreaker, bulkhead', 5200],
])('%s: at most %i bytes, minified and gzipped, on top of the engine', async (names, most) => {
  const added = (await size(`${core}; export { ${names} } from '@lambent/retry'`)) - (await size(core))
  console.log(`@lambent/retry, ${names}: ${added} bytes minified and gzipped, of ${most}`)
  expect(added).toBeGreaterThan(200)
  expect(added).toBeLessThanOrEqual(most)
})

it('nobody carries a client of AWS who does not import the store on DynamoDB', async () => {
  const text = Buffer.from(await bundle("export { retry, circuitBreaker, timeout } from '@lambent/retry'")).toString()
  expect(text).not.toMatch(/x-amz-target|AWS4|DynamoDB_/)
})

it('a first invocation, which is retried behind a circuit breaker, loads no undici, no HTTP client and no zlib', async () => {
  const file = join(folder, 'main.mjs')
  const code = `
    import { pipeline } from '@lambent/core'
    import { bulkhead, circuitBreaker, retry, timeout } from '@lambent/retry'
    const unit = { kind: 'record', source: 'test', id: '1', raw: 'body' }
    const source = { name: 'test', open: event => ({ event, unit }), respond: value => value }
    let runs = 0
    const handler = pipeline(source).use(timeout(500)).use(retry()).use(circuitBreaker({ name: 'x' })).use(bulkhead({ concurrency: 1 }))
      .handle(() => { if (runs++ < 2) throw new Error('down'); return 'done' })
    const value = await handler({}, undefined)
    const loaded = process.moduleLoadList.filter(name => /undici|zlib|NativeModule _?http|_tls/.test(name))
    console.log(JSON.stringify({ value, runs, loaded }))`
  writeFileSync(file, await bundle(code))
  expect(JSON.parse(execFileSync(process.execPath, [file], { encoding: 'utf8' }))).toEqual({
    value: 'done',
    runs: 3,
    loaded: [],
  })
})
