// What a cold start, a warm invocation and the compiler pay for Lambent, by measures that are the same on every machine:
// bytes of bundles, modules loaded, bytes allocated, type instantiations. The budgets are what it was when they were
// written and a little more: who raises one says why. The times are in benchmarks/.
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { isBuiltin } from 'node:module'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { apiGatewayProxyEventV2, sqsEvent } from '@lambent/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bundle, filesIn, gzipped } from '../../benchmarks/lib/bundle.ts'
import { runWithRoom } from '../../benchmarks/lib/bytes.ts'
import { check } from '../../benchmarks/types/check.ts'
import { programs } from '../../benchmarks/types/programs.ts'

describe('bundles, minified and gzipped, without a schema library', () => {
  it.each([
    ['http', 9_700],
    ['sqs', 8_700],
    ['full', 54_300],
  ])('the stack %s is at most %i bytes', async (stack, budget) => {
    const code = await bundle(`${stack}/lambent`, { schema: 'by-hand' })
    const bytes = gzipped(code)
    console.log(`${stack}: ${bytes} bytes of ${budget}`)
    expect(bytes).toBeGreaterThan(budget * 0.8)
    expect(bytes).toBeLessThanOrEqual(budget)
  })

  it.each(['http', 'sqs', 'full'])('the stack %s has nothing of the AWS SDK in it', async stack => {
    const files = await filesIn(`${stack}/lambent`, { schema: 'by-hand' })
    expect(files.filter(file => file.includes('/core/dist/'))).not.toEqual([])
    expect(files.filter(file => /@smithy|@aws-sdk/.test(file))).toEqual([])
  })
})

describe('modules loaded after a first invocation', () => {
  // An AWS that answers all calls: what the handlers do after the answer loads modules too.
  let aws: Server
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lambent-budgets-'))
    aws = createServer(async (request, response) => {
      request.resume()
      await once(request, 'end')
      const secret = { Name: 'prod/psp', SecretString: 'key' }
      const answer = String(request.headers['x-amz-target']).includes('.BatchGetSecretValue')
        ? { SecretValues: [secret], Errors: [] }
        : secret
      response.writeHead(200, { 'content-type': 'application/x-amz-json-1.0' }).end(JSON.stringify(answer))
    })
    await once(aws.listen(0, '127.0.0.1'), 'listening')
  })
  afterAll(async () => {
    aws.close()
    await rm(folder, { recursive: true, force: true })
  })

  /** What Node.js has loaded when the handler has answered, and what it answered. */
  async function loadedBy(
    entry: string,
    event: unknown,
  ): Promise<{ readonly answer: unknown; readonly modules: string[] }> {
    const name = entry.replace('/', '-')
    const handler = join(folder, `${name}.mjs`)
    const main = join(folder, `${name}-main.mjs`)
    await writeFile(handler, await bundle(entry, { schema: 'zod-mini' }))
    await writeFile(
      main,
      `import { handler } from ${JSON.stringify(handler)}
      const context = { functionName: 'f', awsRequestId: 'r', getRemainingTimeInMillis: () => 30_000 }
      const answer = await handler(${JSON.stringify(event)}, context)
      const modules = [...process.moduleLoadList]
      process.stdout.write('\\n' + JSON.stringify({ answer, modules }), () => process.exit())`,
    )
    const endpoint = `http://127.0.0.1:${(aws.address() as AddressInfo).port}`
    const env = {
      AWS_ACCESS_KEY_ID: 'AKID',
      AWS_ENDPOINT_URL: endpoint,
      AWS_LAMBDA_FUNCTION_NAME: 'f',
      AWS_REGION: 'eu-west-1',
      AWS_SECRET_ACCESS_KEY: 'secret',
      DLQ_URL: `${endpoint}/123456789012/dlq`,
    }
    const { stdout } = await promisify(execFile)(process.execPath, [main], { env })
    return JSON.parse(stdout.slice(stdout.lastIndexOf('\n')))
  }
  const builtins = (modules: readonly string[]) =>
    modules
      .flatMap(module => /^NativeModule (.*)$/.exec(module)?.[1] ?? [])
      .filter(name => isBuiltin(name) && !name.startsWith('_') && !name.includes('/'))

  const order = { orderId: 'o-1', items: [{ sku: 'a', quantity: 1 }] }
  const post = apiGatewayProxyEventV2({
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(order),
  })
  const message = sqsEvent([{ body: JSON.stringify(order) }])

  it.each([
    ['http/lambent', post, { statusCode: 201 }, []],
    // It writes to the console, which is a pipe here and on Lambda.
    ['sqs/lambent', message, { batchItemFailures: [] }, ['net', 'stream', 'string_decoder']],
    ['aws-call/lambent', { orderId: 'o-1' }, { put: 'o-1' }, ['crypto', 'net', 'stream', 'string_decoder']],
    ['packages/metrics', message, { batchItemFailures: [] }, ['console', 'net', 'stream', 'string_decoder']],
    ['full/lambent', message, { batchItemFailures: [] }, ['console', 'crypto', 'net', 'stream', 'string_decoder']],
  ] as const)('%s loads no undici, and of the builtins only what it needs', async (entry, event, expected, needed) => {
    const bare = await loadedBy('bare/by-hand', {})
    const { answer, modules } = await loadedBy(entry, event)
    expect(answer).toMatchObject(expected)
    expect(
      modules.filter(name => /undici|NativeModule (https?|http2|zlib|tls|worker_threads|child_process)$/.test(name)),
    ).toEqual([])
    const before = new Set(builtins(bare.modules))
    const added = builtins(modules).filter(name => !before.has(name))
    expect(added.toSorted()).toEqual(needed)
    console.log(`${entry}: ${modules.length - bare.modules.length} modules more than a bare handler`)
  })
})

describe('types of 30 chains of 20 middlewares', () => {
  it.each([
    ['Lambent', 78_900],
    ['Lambent, written in place', 164_400],
  ])('%s: at most %i instantiations', (name, budget) => {
    const program = programs.find(each => each.name === name)
    if (!program) throw new Error('there is no such program')
    const { instantiations } = check(program, 30, 20)
    console.log(`${name}: ${instantiations} instantiations of ${budget}`)
    expect(instantiations).toBeGreaterThan(10_000)
    expect(instantiations).toBeLessThanOrEqual(budget)
  })
})

describe('bytes allocated by an invocation', () => {
  it.each([
    ['no middleware', 0, 1_580],
    ['ten middlewares that each add a key', 10, 4_480],
  ])('through %s', (_name, length, budget) => {
    // The median of five: what the garbage collector takes meanwhile makes it less, what V8 compiles late makes it more.
    const runs = Array.from({ length: 5 }, () =>
      Number(runWithRoom(join(import.meta.dirname, 'fixtures/allocations.mjs'), String(length))),
    )
    const bytes = runs.toSorted((a, b) => a - b)[2] ?? Number.NaN
    console.log(`${length} middlewares: ${Math.round(bytes)} bytes of ${budget}`)
    expect(bytes).toBeGreaterThan(500)
    expect(bytes).toBeLessThanOrEqual(budget)
  })
})
