// What a function carries and loads for a client: bundled as users bundle, and run by Node itself.
import { execFile } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'
import { build, type Format } from 'esbuild'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type FaultServer, faultServer, json } from './fault-server.ts'

let server: FaultServer
beforeAll(async () => {
  server = await faultServer()
})
afterAll(() => server.close())

async function bundle(contents: string, format: Format = 'esm'): Promise<Uint8Array> {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: import.meta.dirname },
    bundle: true,
    minify: true,
    write: false,
    format,
    platform: 'node',
    target: 'node22',
  })
  return outputFiles[0]?.contents ?? new Uint8Array()
}

// Bytes, minified and gzipped.
const BUDGETS: readonly (readonly [client: string, subpath: string, bytes: number])[] = [
  ['DynamoDB', 'dynamodb', 8850],
  ['SQS', 'sqs', 8850],
  ['SNS', 'sns', 9450],
  ['EventBridge', 'eventbridge', 8500],
  ['SecretsManager', 'secrets-manager', 8650],
  ['SSM', 'ssm', 8600],
  ['KMS', 'kms', 8550],
  ['AppConfigData', 'appconfigdata', 8750],
  ['S3', 's3', 10050],
  ['STS', 'sts', 9450],
]

describe('a bundle', () => {
  it.each(BUDGETS)('of %s is in its budget, from its subpath as from the package', async (client, subpath, budget) => {
    const sizes = []
    for (const specifier of [`@lambent/aws/${subpath}`, '@lambent/aws'])
      sizes.push(gzipSync(await bundle(`export { ${client} } from '${specifier}'`), { level: 9 }).byteLength)
    const [own = Infinity, whole = Infinity] = sizes
    console.log(`${client}: ${own} bytes minified and gzipped, of ${budget}`)
    expect(own).toBeLessThanOrEqual(budget)
    expect(own).toBeGreaterThan(1000)
    expect(whole).toBeLessThanOrEqual(own + 50)
  })

  it.each<[Format, string]>([
    ['esm', 'mjs'],
    ['cjs', 'cjs'],
  ])('as %s runs as it is, and loads what one call needs', async (format, extension) => {
    const code = await bundle(
      `import { DynamoDB } from '@lambent/aws/dynamodb'
      const defined = process.moduleLoadList.length
      const db = new DynamoDB()
      const made = process.moduleLoadList.length
      db.getItem({ TableName: 't', Key: { id: { S: '1' } } }).then(({ Item }) => {
        console.log(JSON.stringify({ Item, idle: made - defined, modules: process.moduleLoadList }))
        process.exit()
      })`,
      format,
    )
    const file = join(mkdtempSync(join(tmpdir(), 'lambent-')), `bundle.${extension}`)
    writeFileSync(file, code)
    server.answer(json({ Item: { id: { S: '1' } } }))
    const env = {
      AWS_REGION: 'eu-west-1',
      AWS_ENDPOINT_URL: server.endpoint,
      AWS_ACCESS_KEY_ID: 'a',
      AWS_SECRET_ACCESS_KEY: 'b',
    }
    const { stdout } = await promisify(execFile)(process.execPath, [file], { env })
    const { Item, idle, modules } = JSON.parse(stdout) as { Item: unknown; idle: number; modules: readonly string[] }
    expect(Item).toEqual({ id: { S: '1' } })
    expect(idle).toBe(0)
    expect(
      modules.filter(name =>
        /^NativeModule (https?$|_http|.*(undici|fetch|http2|webstreams|worker_threads))/.test(name),
      ),
    ).toEqual([])
    expect(server.seen[0]?.headers.authorization).toMatch(/^AWS4-HMAC-SHA256 Credential=a\//)
  })

  it.each<[Format, string]>([
    ['esm', 'mjs'],
    ['cjs', 'cjs'],
  ])('as %s without credentials says what to do', async (format, extension) => {
    const code = await bundle(
      `import { DynamoDB } from '@lambent/aws/dynamodb'
      new DynamoDB().getItem({ TableName: 't', Key: { id: { S: '1' } } }).catch(({ name, message }) => console.log(name + ': ' + message))`,
      format,
    )
    const file = join(mkdtempSync(join(tmpdir(), 'lambent-')), `bundle.${extension}`)
    writeFileSync(file, code)
    const { stdout } = await promisify(execFile)(process.execPath, [file], { env: { AWS_REGION: 'eu-west-1' } })
    expect(stdout.trim()).toBe(
      'CredentialsError: no credentials for AWS: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or install @aws-sdk/credential-providers, which reads profiles and SSO',
    )
  })
})
