// One install costs nothing: a bundle that imports from `lambent` is as small as one that imports from the package itself.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'
import { expect, it } from 'vitest'

async function bundle(contents: string, format: 'esm' | 'cjs' = 'esm'): Promise<string> {
  const stdin = { contents, resolveDir: import.meta.dirname }
  const { outputFiles } = await build({ stdin, bundle: true, minify: true, write: false, format, platform: 'node' })
  return outputFiles[0]?.text ?? ''
}

it.each([
  ['retry', '@lambent/retry'],
  ['http', '@lambent/http'],
  ['sqs', '@lambent/events/sqs'],
  ['eventBridge', '@lambent/events/eventbridge'],
  ['parse, json', '@lambent/schema'],
  ['deadLetter, sqsQueue', '@lambent/dead-letter'],
  ['idempotent, dynamoDbStore', '@lambent/idempotency'],
  ['secrets, secret', '@lambent/secrets'],
  ['pipeline', '@lambent/core'],
  ['DynamoDB', '@lambent/aws/dynamodb', 'lambent/aws'],
  ['unmarshall', '@lambent/core/dynamodb', 'lambent/dynamodb'],
])('{ %s } is as small as from %s', async (names, from, entry = 'lambent') => {
  const whole = (await bundle(`export { ${names} } from '${entry}'`)).length
  const own = (await bundle(`export { ${names} } from '${from}'`)).length
  console.log(`${names}: ${whole} bytes from lambent, ${own} from ${from}`)
  expect(own).toBeGreaterThan(1000)
  // Names of variables may differ by a byte.
  expect(Math.abs(whole - own)).toBeLessThanOrEqual(own * 0.005)
})

it('a handler of several packages is as small as from each of them', async () => {
  const whole = await bundle(`export { sqs, parse, retry } from 'lambent'`)
  const own = await bundle(`
    export { sqs } from '@lambent/events/sqs'
    export { parse } from '@lambent/schema'
    export { retry } from '@lambent/retry'`)
  expect(Math.abs(whole.length - own.length)).toBeLessThanOrEqual(own.length * 0.005)
})

it('each entry gives all that the packages do, as ES module and CommonJS', async () => {
  const { dependencies } = JSON.parse(readFileSync(join(import.meta.dirname, '../package.json'), 'utf8'))
  const entries: Record<string, object> = {
    '': await import('../src/index.ts'),
    '/schema': await import('../src/schema.ts'),
    '/powertools': await import('../src/powertools.ts'),
    '/testing': await import('../src/testing.ts'),
    '/aws': await import('../src/aws.ts'),
    '/middy': await import('../src/middy.ts'),
  }
  const all = new Set(Object.values(entries).flatMap(entry => Object.keys(entry)))
  for (const name of Object.keys(dependencies)) {
    const missing = Object.keys(await import(name)).filter(each => !all.has(each))
    expect([name, missing]).toEqual([name, []])
  }
  const { sqs, s3, eventBridge, sns } = await import('../src/index.ts')
  for (const source of [sqs, s3, eventBridge, sns]) expect(typeof source().handle).toBe('function')
  const { createRequire } = await import('node:module')
  expect(typeof createRequire(import.meta.url)('lambent').sqs).toBe('function')
})
