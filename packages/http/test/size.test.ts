// The budget of the source, as a function pays for it: a handler with nothing else on it, bundled and compressed.
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { expect, test } from 'vitest'

test('a handler on http(), the engine included, is at most 5 kB, minified and gzipped', async () => {
  const contents = "import { http } from '@lambent/http'; export const handler = http().handle(() => ({ ok: true }))"
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: import.meta.dirname },
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    platform: 'node',
  })
  const code = outputFiles[0]?.contents ?? new Uint8Array()
  const bytes = gzipSync(code, { level: 9 }).byteLength
  console.log(`http().handle(): ${code.byteLength} bytes minified, ${bytes} gzipped, of 5000`)
  expect(bytes).toBeGreaterThan(2000)
  expect(bytes).toBeLessThanOrEqual(5000)
  // Named errors are paid for by who throws them.
  expect(new TextDecoder().decode(code)).not.toContain('ConflictError')
})
