// The budget of this package, as a function pays for it, and that nobody pays for what they do not import.
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { expect, it } from 'vitest'

async function bundle(contents: string) {
  const { outputFiles, metafile } = await build({
    stdin: { contents, resolveDir: import.meta.dirname },
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    format: 'esm',
    platform: 'node',
  })
  const bytes = gzipSync(outputFiles[0]?.contents ?? '', { level: 9 }).byteLength
  return { bytes, inputs: Object.keys(metafile.inputs), text: outputFiles[0]?.text ?? '' }
}

it('secrets() and secret() add at most 4 kB to the client of Secrets Manager and the engine', async () => {
  const base =
    "export { pipeline, classify, LambentError } from '@lambent/core'; export { SecretsManager } from '@lambent/aws'"
  const without = await bundle(base)
  const { bytes, text } = await bundle(`${base}; export { secret, secrets } from '@lambent/secrets'`)
  console.log(`@lambent/secrets: ${bytes - without.bytes} bytes minified and gzipped, of 4000`)
  expect(bytes - without.bytes).toBeGreaterThan(1000)
  expect(bytes - without.bytes).toBeLessThanOrEqual(4000)
  expect(text).not.toMatch(/AmazonSSM|TrentService|configurationsessions|DynamoDB_2012|x-aws-parameters/i)
})
