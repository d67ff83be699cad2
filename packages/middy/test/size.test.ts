// What a bridge adds to a bundle that has the engine already.
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { expect, it } from 'vitest'

async function size(contents: string): Promise<number> {
  const stdin = { contents, resolveDir: import.meta.dirname }
  const { outputFiles } = await build({
    stdin,
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    platform: 'node',
  })
  return gzipSync(outputFiles[0]?.contents ?? '', { level: 9 }).byteLength
}

it.each([
  ['fromMiddy', 1200], // responses over HTTP are 240 of them
  ['toMiddy', 1200],
])('%s adds at most %i bytes, minified and gzipped', async (name, most) => {
  const core = "export { HttpError, LambentError, pipeline } from '@lambent/core'"
  const added = (await size(`${core}; export { ${name} } from '@lambent/middy'`)) - (await size(core))
  console.log(`@lambent/middy, ${name}: ${added} bytes minified and gzipped, of ${most}`)
  expect(added).toBeGreaterThan(200)
  expect(added).toBeLessThanOrEqual(most)
})
