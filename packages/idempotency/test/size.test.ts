// The budget of this package, as a function pays for it.
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { expect, it } from 'vitest'

async function bundle(contents: string): Promise<{ readonly bytes: number; readonly text: string }> {
  const stdin = { contents, resolveDir: import.meta.dirname }
  const { outputFiles } = await build({
    stdin,
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    platform: 'node',
  })
  const text = outputFiles[0]?.text ?? ''
  return { bytes: gzipSync(text, { level: 9 }).byteLength, text }
}

it('idempotent() and dynamoDbStore() add at most 7.5 kB to the clients of DynamoDB and S3 and the engine', async () => {
  const base =
    "export { classify, HttpError, LambentError, pipeline } from '@lambent/core'; export { DynamoDB, S3 } from '@lambent/aws'"
  const without = await bundle(base)
  const { bytes, text } = await bundle(`${base}; export { dynamoDbStore, idempotent } from '@lambent/idempotency'`)
  console.log(`@lambent/idempotency: ${bytes - without.bytes} bytes minified and gzipped, of 7500`)
  expect(bytes - without.bytes).toBeGreaterThan(1000)
  expect(bytes - without.bytes).toBeLessThanOrEqual(7500)
  expect(text).not.toMatch(/EVAL|cjson|LAMBDA_TASK_ROOT/)
})
