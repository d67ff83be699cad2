// The first invocations of a cold function: they may not load undici, nor node:http, which no answer here needs.
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { albEvent, apiGatewayProxyEvent, apiGatewayProxyEventV2, lambdaFunctionUrlEvent } from '@lambent/testing'
import { build, type Format } from 'esbuild'
import { afterAll, beforeAll, expect, test } from 'vitest'

const HANDLER = `
import { http, NotFoundError } from '@lambent/http'
export const handler = http().handle(({ request }) => {
  if (request.path === '/missing') throw new NotFoundError('nothing here')
  if (request.path === '/broken') throw new Error('broken')
  if (request.path === '/fetch') return typeof Headers
  return { ...request, query: request.query, cookies: request.cookies, headers: request.headers, size: request.body.length }
})`

// Prints the status of each answer, and what the process had loaded at the end.
const MAIN = `
const statuses = []
for (const event of JSON.parse(process.argv[2])) statuses.push((await handler(event, { awsRequestId: '1' })).statusCode)
const loaded = process.moduleLoadList.filter(name => / (internal\\/deps\\/undici|http$)/.test(name))
process.stdout.write(JSON.stringify({ statuses, loaded }))`

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lambent-http-'))
})
afterAll(() => rm(folder, { recursive: true }))

async function run(format: Format, events: readonly object[]): Promise<{ statuses: number[]; loaded: string[] }> {
  const bundle = join(folder, format === 'esm' ? 'handler.mjs' : 'handler.cjs')
  const stdin = { contents: HANDLER, resolveDir: import.meta.dirname }
  await build({ stdin, outfile: bundle, bundle: true, minify: true, format, platform: 'node' })
  const main = join(folder, `main-${format}.${format === 'esm' ? 'mjs' : 'cjs'}`)
  await writeFile(
    main,
    format === 'esm'
      ? `import { handler } from './handler.mjs'\n${MAIN}`
      : `const { handler } = require('./handler.cjs')\n;(async () => {${MAIN}})()`,
  )
  const { stdout } = await promisify(execFile)(process.execPath, [main, JSON.stringify(events)])
  return JSON.parse(stdout)
}

const requests = [
  { path: '/orders', query: { a: ['1', '2'] }, cookies: { b: '3' }, body: { id: 7 } },
  { path: '/orders', body: Uint8Array.of(1, 2, 3) },
  { path: '/missing' },
  { path: '/broken' },
]

test.each(['esm', 'cjs'] as const)(
  '%s: good, 4xx and 500 of every kind load neither undici nor node:http',
  async format => {
    const events = requests.flatMap(request => [
      apiGatewayProxyEvent(request),
      apiGatewayProxyEventV2(request),
      lambdaFunctionUrlEvent(request),
      albEvent(request),
    ])
    const { statuses, loaded } = await run(format, events)
    expect(statuses).toEqual([200, 200, 404, 500].flatMap(status => Array(4).fill(status)))
    expect(loaded).toEqual([])
  },
)

test('the check sees undici where a handler touches it', async () => {
  const { loaded } = await run('esm', [apiGatewayProxyEventV2({ path: '/fetch' })])
  expect(loaded.join()).toMatch(/undici/)
})
