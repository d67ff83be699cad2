// The budget of the source, as a function pays for it: a handler with nothing else on it, bundled and compressed.
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { expect, test } from 'vitest'

async function bundle(contents: string): Promise<{ readonly code: string; readonly gzipped: number }> {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: import.meta.dirname },
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    platform: 'node',
  })
  const code = outputFiles[0]?.text ?? ''
  return { code, gzipped: gzipSync(code, { level: 9 }).byteLength }
}

test('http() adds at most 4.9 kB to the engine, minified and gzipped', async () => {
  const engine = await bundle(
    "import { pipeline } from '@lambent/core'; export const handler = pipeline({}).handle(() => 1)",
  )
  const whole = await bundle("import { http } from '@lambent/http'; export const handler = http().handle(() => 1)")
  const added = whole.gzipped - engine.gzipped
  console.log(`http().handle(): ${whole.gzipped} bytes minified and gzipped, ${added} more than the engine, of 4900`)
  expect(added).toBeGreaterThan(1000)
  expect(added).toBeLessThanOrEqual(4900)
})

test('a named error is in the bundle of who throws it only', async () => {
  const { code } = await bundle("import { http, GoneError } from '@lambent/http'; export { http, GoneError }")
  expect(code).toContain('GoneError')
  expect(code).not.toContain('ConflictError')
})
