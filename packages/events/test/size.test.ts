// The budget of each source, as a function pays for it: with the engine, bundled and compressed.
import { gzipSync } from 'node:zlib'
import { expect, it } from 'vitest'
import { bundle } from './bundle.ts'

// Bytes, minified and gzipped.
it.each([
  ['sqs', 'sqs().each()', 5520],
  ['kinesis', 'kinesis().each()', 5760],
  ['dynamodb-streams', 'dynamoDbStream().each()', 7180],
  ['s3', 's3().each()', 4900],
  ['sns', 'sns().each()', 5000],
  ['kafka', 'kafka().each()', 5620],
  ['firehose', 'firehose().each()', 5580],
  ['eventbridge', 'eventBridge()', 3100],
  ['schedule', 'schedule()', 3100],
])('%s: a handler is in its budget', async (file, pipeline, budget) => {
  const [name] = pipeline.split('(')
  const code = await bundle(
    `import { ${name} } from '../src/${file}.ts'; export const handler = ${pipeline}.handle(() => {})`,
  )
  const bytes = gzipSync(code, { level: 9 }).byteLength
  console.log(`${pipeline}.handle(): ${bytes} bytes minified and gzipped, of ${budget}`)
  expect(bytes).toBeGreaterThan(1000)
  expect(bytes).toBeLessThanOrEqual(budget)
})

it('from the entry of all sources a bundle takes only the one that it uses', async () => {
  const from = (path: string) =>
    bundle(`import { sqs } from '${path}'; export const handler = sqs().each().handle(() => {})`)
  const all = await from('../src/index.ts')
  expect(all.length).toBeLessThanOrEqual((await from('../src/sqs.ts')).length)
  expect(all).not.toContain('malformed DynamoDB attribute value')
})
