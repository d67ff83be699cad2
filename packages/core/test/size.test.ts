// The budget of the engine, as a function pays for it: everything that the package exports, bundled and compressed.
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { expect, it } from 'vitest'

it('core is at most 2.5 kB, minified and gzipped', async () => {
  const { outputFiles } = await build({
    stdin: { contents: "export * from '@lambent/core'", resolveDir: import.meta.dirname },
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    platform: 'node',
  })
  const bytes = gzipSync(outputFiles[0]?.contents ?? '', { level: 9 }).byteLength
  console.log(`@lambent/core: ${bytes} bytes minified and gzipped, of 2500`)
  expect(bytes).toBeGreaterThan(1000)
  expect(bytes).toBeLessThanOrEqual(2500)
})
