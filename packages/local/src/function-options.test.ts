// What startFunction and invoke refuse, and what they say of it.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { removeFixtures, runtimes } from '../test/runtimes.ts'
import { configure } from './function-options.ts'
import { type FunctionOptions, startFunction } from './index.ts'

// Away from the repository, whose aws-lambda-ric would be found from here.
const before = process.cwd()
beforeAll(() => process.chdir(tmpdir()))
afterAll(() => {
  process.chdir(before)
  removeFixtures()
})
const fixtures = runtimes[0]?.fixtures ?? ''
const handler = join(fixtures, 'echo.raw')
const file = (name: string, exportName = 'handler') => ({
  handler: { file: join(fixtures, name), export: exportName },
})

describe('startFunction refuses', () => {
  test.each<[string, FunctionOptions, RegExp]>([
    [
      'a handler without export',
      { handler: join(fixtures, 'echo') },
      /'.*echo' is not a handler.*'dist\/orders.handler'/,
    ],
    ['a handler that ends in a dot', { handler: join(fixtures, 'echo.') }, /is not a handler/],
    ['an empty handler', { handler: '' }, /handler '' is not a handler/],
    ['a file name', { handler: join(fixtures, 'echo.mjs') }, /names a file, not an export.*echo\.handler'/],
    [
      'a file that there is not',
      { handler: join(fixtures, 'no.handler') },
      /there is no .*no with .js, .mjs or .cjs. Build/,
    ],
    ['a file that there is not', file('no.mjs'), /there is no file .*no\.mjs\. Build/],
    ['TypeScript', file('package.ts'), /is not JavaScript that Lambda can run/],
    ['a name with two dots', file('dotted.name.mjs'), /up to its first dot: rename/],
    ['a file that Lambda would pass over', file('twins/twin.cjs'), /would load .*twin\.js in place of .*twin\.cjs/],
    ['an empty export', file('echo.mjs', ''), /handler.export '' is not the name of an export/],
    ['a task root elsewhere', { handler, taskRoot: join(fixtures, 'twins') }, /outside of taskRoot/],
    ['no timeout', { handler, timeout: 0 }, /timeout must be a whole number of milliseconds from 1 to 900000, got 0/],
    ['more than 15 minutes', { handler, timeout: 900_001 }, /from 1 to 900000, got 900001/],
    ['half a millisecond', { handler, timeout: 0.5 }, /got 0.5/],
    ['too little memory', { handler, memorySize: 127 }, /memorySize must be a whole number of MB from 128 to 10240/],
    ['a name with spaces', { handler, functionName: 'my function' }, /functionName must be .*, got 'my function'/],
    ['a version', { handler, functionVersion: 'v1' }, /functionVersion must be '\$LATEST' or a number, got 'v1'/],
    ['a region', { handler, region: 'Frankfurt' }, /region must be .*, got 'Frankfurt'/],
    ['a reserved variable', { handler, environment: { AWS_REGION: 'x' } }, /sets AWS_REGION, which Lambda reserves/],
    ['a node that does not run', { handler, node: join(fixtures, 'node') }, /node '.*node' does not run/],
    ['a ric that there is not', { handler, runtime: 'ric' }, /aws-lambda-ric does not resolve from .*devDependency/],
  ])('%s', async (_, options, message) => {
    writeFileSync(join(fixtures, 'package.ts'), '')
    await expect(startFunction(options)).rejects.toThrow(message)
  })
})

describe('invoke refuses', () => {
  test('what is not JSON, what is too large and what is out of range, and goes on', async () => {
    await using echo = await startFunction({ handler, runtime: 'bootstrap' })
    await expect(echo.invoke(1n)).rejects.toThrow(/the event is not JSON: a bigint/)
    await expect(echo.invoke(() => 1)).rejects.toThrow(/the event is not JSON: a function/)
    await expect(echo.invoke(Buffer.from('{'))).rejects.toThrow(/given as bytes, which are not JSON/)
    await expect(echo.invoke('x'.repeat(6_291_455))).rejects.toThrow(/has 6291457 bytes; Lambda takes up to 6291456/)
    await expect(echo.invoke({}, { timeout: 900_001 })).rejects.toThrow(/invoke: timeout must be .*, got 900001/)
    await expect(echo.invoke({}, { requestId: 'a/b' })).rejects.toThrow(/requestId must be .*, got 'a\/b'/)
    await expect(echo.invoke({}, { traceId: 'a\r\nb' })).rejects.toThrow(/traceId must be printable ASCII/)
    await expect(echo.invoke({}, { tenantId: 'ü' })).rejects.toThrow(/tenantId must be printable ASCII/)
    expect((await echo.invoke('x')).payload).toBe('x')
    expect(echo.requestCount).toBe(1)
  })
})

describe('the configuration', () => {
  test('has the defaults of Lambda', async () => {
    expect(await configure({ handler, runtime: 'bootstrap' })).toMatchObject({
      taskRoot: fixtures,
      handler: 'echo.raw',
      timeout: 3000,
      memorySize: 128,
      functionName: 'echo',
      functionVersion: '$LATEST',
      region: 'us-east-1',
      node: process.execPath,
    })
  })

  test('tells the handler from the task root', async () => {
    const { handler, functionName } = await configure({ ...file('twins/twin.js', 'a.b'), taskRoot: fixtures })
    expect([handler, functionName]).toEqual(['twins/twin.a.b', 'twin'])
  })

  test('takes a relative handler from the current folder', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'lambent-local-'))
    try {
      writeFileSync(join(folder, 'index.mjs'), '')
      process.chdir(folder)
      expect(await configure({ handler: 'index.handler' })).toMatchObject({ taskRoot: process.cwd() })
    } finally {
      process.chdir(tmpdir())
      rmSync(folder, { recursive: true })
    }
  })

  test.each(runtimes)('takes $name of itself where it is what there is', async ({ name, fixtures }) => {
    const { location } = await configure({ handler: join(fixtures, 'echo.raw') })
    expect(location.runtime).toBe(name)
  })
})
