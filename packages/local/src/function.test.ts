// A function as its caller sees it, over the wire and in a real process, on each runtime that there is.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test, vi } from 'vitest'
import { isAlive } from '../test/is-alive.ts'
import { coverage, type Runtime, removeFixtures, runtimes } from '../test/runtimes.ts'
import { type FunctionOptions, type InvocationFailure, type LambdaFunction, startFunction } from './index.ts'

type Options = Omit<FunctionOptions, 'handler' | 'runtime'>

afterAll(removeFixtures)

describe.concurrent(coverage, () => {
  describe.each(runtimes)('$name', runtime => {
    describe.concurrent('an invocation', () => {
      test('gives the handler its event and context', async () => {
        await using echo = await start(runtime, 'echo.handler', { functionName: 'orders', timeout: 5000 })
        const result = await echo.invoke(
          { orderId: 'ö-1' },
          {
            requestId: 'request-1',
            clientContext: { custom: { name: 'Zoë' } },
            identity: { cognitoIdentityId: 'id' },
            tenantId: 'tenant-1',
            traceId: 'Root=1-2-3;Sampled=1',
          },
        )
        expect(result).toMatchObject({ statusCode: 200, functionError: undefined, requestId: 'request-1' })
        const payload = result.payload as { context: Record<string, unknown>; remaining: number }
        expect(payload).toMatchObject({
          event: { orderId: 'ö-1' },
          context: {
            awsRequestId: 'request-1',
            functionName: 'orders',
            functionVersion: '$LATEST',
            invokedFunctionArn: 'arn:aws:lambda:us-east-1:123456789012:function:orders',
            memoryLimitInMB: '128',
            logGroupName: '/aws/lambda/orders',
            clientContext: { custom: { name: 'Zoë' } },
            identity: { cognitoIdentityId: 'id' },
            tenantId: 'tenant-1',
            xRayTraceId: 'Root=1-2-3;Sampled=1',
          },
        })
        expect(payload.context.logStreamName).toMatch(/^\d{4}\/\d\d\/\d\d\/\[\$LATEST\][0-9a-f]{32}$/)
        expect(Object.keys(payload.context)).not.toContain('callbackWaitsForEmptyEventLoop')
        expect(payload.remaining).toBeGreaterThan(3000)
        expect(payload.remaining).toBeLessThanOrEqual(5000)
      })

      test('has its trace id in _X_AMZN_TRACE_ID and both ids in the invoke store', async () => {
        await using traceId = await start(runtime, 'echo.traceId')
        expect(await payloadOf(traceId, {}, { traceId: 'Root=1-a-b' })).toBe('Root=1-a-b')
        expect(await payloadOf(traceId)).toMatch(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=0$/)
        await using store = await start(runtime, 'echo.store')
        expect(await payloadOf(store, {}, { traceId: 't', requestId: 'r' })).toEqual(['r', 't'])
      })

      test('runs with the environment that Lambda sets, and none of ours but PATH', async () => {
        process.env.LAMBENT_TEST_SECRET = 'mine'
        await using run = await start(runtime, 'echo.environment', {
          functionName: 'orders',
          memorySize: 512,
          region: 'eu-central-1',
          functionVersion: '7',
          environment: { TABLE: 'orders' },
          nodeOptions: ['--no-warnings'],
        })
        const { env, cwd, execArgv } = (await payloadOf(run)) as {
          env: Record<string, string>
          cwd: string
          execArgv: string[]
        }
        const major = process.versions.node.split('.')[0]
        expect(env).toMatchObject({
          _HANDLER: 'echo.environment',
          AWS_DEFAULT_REGION: 'eu-central-1',
          AWS_REGION: 'eu-central-1',
          AWS_EXECUTION_ENV: `AWS_Lambda_nodejs${major}.x`,
          AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '512',
          AWS_LAMBDA_FUNCTION_NAME: 'orders',
          AWS_LAMBDA_FUNCTION_VERSION: '7',
          AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
          AWS_LAMBDA_LOG_GROUP_NAME: '/aws/lambda/orders',
          AWS_LAMBDA_RUNTIME_API: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
          AWS_ACCESS_KEY_ID: expect.any(String),
          AWS_SECRET_ACCESS_KEY: expect.any(String),
          AWS_SESSION_TOKEN: expect.any(String),
          LAMBDA_TASK_ROOT: runtime.fixtures,
          TZ: ':UTC',
          PATH: process.env.PATH,
          TABLE: 'orders',
        })
        expect(existsSync(env.LAMBDA_RUNTIME_DIR ?? '')).toBe(true)
        expect(env).not.toHaveProperty('LAMBENT_TEST_SECRET')
        expect(env).not.toHaveProperty('HOME')
        expect(cwd).toBe(runtime.fixtures)
        expect(execArgv).toEqual([
          '--no-experimental-require-module',
          '--no-experimental-detect-module',
          '--no-warnings',
        ])
      })

      test('takes the credentials that are given in place of the fake ones', async () => {
        const environment = { AWS_ACCESS_KEY_ID: 'mine', AWS_SECRET_ACCESS_KEY: 'too' }
        await using run = await start(runtime, 'echo.environment', { environment })
        const { env } = (await payloadOf(run)) as { env: Record<string, string> }
        expect(env).toMatchObject(environment)
        expect(env).not.toHaveProperty('AWS_SESSION_TOKEN')
      })

      test('waits its turn: one process, one invocation at a time', async () => {
        await using count = await start(runtime, 'echo.count')
        const results = await Promise.all(Array.from({ length: 10 }, () => count.invoke()))
        expect(results.map(result => (result.payload as { calls: number }).calls)).toEqual([
          1, 2, 3, 4, 5, 6, 7, 8, 9, 10,
        ])
        expect(new Set(results.map(result => (result.payload as { pid: number }).pid))).toEqual(new Set([count.pid]))
        expect(count).toMatchObject({ requestCount: 10, initCount: 1, runtime: runtime.name })
        expect(count.initDurationMs).toBeGreaterThan(0)
      })

      test('takes bytes as they are, and an event left out as {}', async () => {
        await using raw = await start(runtime, 'echo.raw')
        expect(await payloadOf(raw, Buffer.from('{ "a" : [1.0] }'))).toEqual({ a: [1] })
        expect(await payloadOf(raw)).toEqual({})
        expect(await payloadOf(raw, null)).toBe(null)
        const large = { body: 'ü'.repeat(3_000_000) }
        expect(await payloadOf(raw, large)).toEqual(large)
      })
    })

    describe.concurrent('a handler', () => {
      test.each([
        ['common.handler', { from: 'cjs', event: {} }],
        ['echo.nested.deep.handler', 'nested'],
        ['echo.sync', {}],
        ['top-level-await.handler', 'awaited at the top'],
      ])('%s is found and called', async (handler, payload) => {
        await using found = await start(runtime, handler)
        expect(await payloadOf(found)).toEqual(payload)
      })

      test('below the task root is found by its folder', async () => {
        await using twin = await startFunction({
          handler: { file: join(runtime.fixtures, 'twins/twin.js'), export: 'handler' },
          taskRoot: runtime.fixtures,
          runtime: runtime.name,
        })
        expect(await payloadOf(twin)).toBe('js')
      })

      test('in CommonJS cannot require an ES module', async () => {
        await using common = await start(runtime, 'common.requiresEsModule')
        expect(await failureOf(common)).toMatchObject({
          errorMessage: expect.stringContaining('require() of ES Module'),
        })
      })

      test.each([
        ['echo.missing', 'Runtime.HandlerNotFound', 'echo.missing is undefined or not exported'],
        ['echo.notAFunction', 'Runtime.HandlerNotFound', 'echo.notAFunction is not a function'],
        ['echo.callback', 'Runtime.CallbackHandlerDeprecated', /removed support for callback-based function handlers/],
        ['missing-require.handler', 'Runtime.ImportModuleError', /^Error: Cannot find module 'no-such-package'/],
        ['missing-import.handler', 'Error', /^Cannot find package 'no-such-package'/],
        ['syntax-error.handler', 'Runtime.UserCodeSyntaxError', /^SyntaxError: Unexpected token/],
        ['esm-as-js/module.handler', 'Runtime.UserCodeSyntaxError', /^SyntaxError: Unexpected token 'export'/],
        ['init-throws.handler', 'RangeError', 'no configuration'],
      ])('%s that does not initialize gives %s to the invocation', async (handler, errorType, message) => {
        await using broken = await start(runtime, handler)
        const failure = await failureOf(broken)
        expect(failure).toMatchObject({ errorType, errorMessage: expect.stringMatching(message) })
        expect(failure.payload).toEqual({ errorType, errorMessage: failure.errorMessage, trace: failure.stackTrace })
        expect(failure.stackTrace.length).toBeGreaterThan(0)
        expect(failure.logs.some(entry => entry.message.includes('\tERROR\tInit Error '))).toBe(true)
        expect(broken.pid).toBe(undefined)
      })

      test.each([
        ['init-exits.handler', 'Runtime exited with error: exit status 7'],
        ['init-never-settles.handler', 'Runtime exited without providing a reason'],
      ])('%s whose process ends in the initialization is a Runtime.ExitError', async (handler, reason) => {
        await using broken = await start(runtime, handler)
        const failure = await failureOf(broken)
        expect(failure).toMatchObject({
          errorType: 'Runtime.ExitError',
          errorMessage: `RequestId: ${failure.requestId} Error: ${reason}`,
        })
      })

      test('that fails to initialize is initialized again by the next invocation', async () => {
        const environment = { MARKER: join(runtime.fixtures, 'failed-once') }
        await using flaky = await start(runtime, 'init-fails-once.handler', { environment })
        expect(await failureOf(flaky)).toMatchObject({ errorMessage: 'first time' })
        expect(await payloadOf(flaky)).toBe('second time')
        expect(flaky.initCount).toBe(2)
      })
    })

    describe.concurrent('a result', () => {
      test.each([
        ['undefined', 'null'],
        ['null', 'null'],
        ['unicode', '"grüße, 世界 🌍"'],
        ['number', '1.5'],
        ['nan', 'null'],
        ['date', '"1970-01-01T00:00:00.000Z"'],
      ])('of %s is the JSON %s, byte for byte', async (type, json) => {
        await using returns = await start(runtime, 'returns.handler')
        const result = await returns.invoke({ type })
        expect(Buffer.from(result.payloadBytes).toString()).toBe(json)
        expect(result.payload).toEqual(JSON.parse(json))
      })

      test.each([
        ['bigint', 'Runtime.JSONStringifyError', 'Unable to stringify response body'],
        ['circular', 'Runtime.JSONStringifyError', 'Unable to stringify response body'],
        ['function', 'TypeError', 'Wrong arguments'],
        ['symbol', 'TypeError', 'Wrong arguments'],
      ])('of a %s fails with %s', async (type, errorType, errorMessage) => {
        await using returns = await start(runtime, 'returns.handler')
        expect(await failureOf(returns, { type })).toMatchObject({ errorType, errorMessage })
      })

      test('may have 6,291,556 bytes and not one more', async () => {
        await using returns = await start(runtime, 'returns.ofSize')
        expect((await returns.invoke({ bytes: 6_291_556 })).payloadBytes.byteLength).toBe(6_291_556)
        expect(await failureOf(returns, { bytes: 6_291_557 })).toMatchObject({
          errorType: 'Function.ResponseSizeTooLarge',
          errorMessage: 'Response payload size (6291557 bytes) exceeded maximum allowed payload size (6291556 bytes).',
        })
        expect((await returns.invoke({ bytes: 10 })).payload).toBe('x'.repeat(8))
        expect(returns.initCount).toBe(1)
      })

      test('may be streamed, with the metadata of an HTTP response before it', async () => {
        await using streams = await start(runtime, 'streams.handler')
        const { payload } = await streams.invoke({ name: 'b' })
        expect(payload).toBe('{"statusCode":201}\0\0\0\0\0\0\0\0ab')
        expect(await payloadOf(streams, { name: 'c' })).toContain('ac')
      })

      test('that fails midway through a stream is a failure', async () => {
        await using streams = await start(runtime, 'streams.fails')
        expect(await failureOf(streams)).toMatchObject({ errorType: 'Error', errorMessage: 'midway' })
      })
    })

    describe.concurrent('an error', () => {
      const cases: [string, string, string][] = [
        ['error', 'Error', 'plain'],
        ['custom', 'PaymentError', 'declined'],
        ['del', 'Error', 'a%7Fb'],
        ['noStack', 'Error', 'no stack'],
        ['string', 'string', 'a string'],
        ['undefined', 'undefined', 'undefined'],
        ['null', 'object', 'null'],
        ['number', 'number', '7'],
        ['object', 'object', '[object Object]'],
        ['cause', 'Error', 'outer'],
      ]

      test.each(['throws.handler', 'throws.synchronous'])('of %s is told by type, message and trace', async handler => {
        await using throws = await start(runtime, handler)
        for (const [type, errorType, errorMessage] of cases) {
          const failure = await failureOf(throws, { type })
          expect(failure).toMatchObject({ statusCode: 200, functionError: 'Unhandled', errorType, errorMessage })
          expect(failure.payload).toEqual({ errorType, errorMessage, trace: failure.stackTrace })
          const hasStack = ['error', 'custom', 'del', 'cause'].includes(type)
          if (hasStack) expect(failure.stackTrace.join('\n')).toContain('throws.mjs')
          else expect(failure.stackTrace).toEqual([])
        }
        expect(throws.initCount).toBe(1)
      })
    })

    describe.concurrent('a process that ends', () => {
      test.each([
        [{ way: 'exit', code: 3 }, 'Runtime exited with error: exit status 3'],
        [{ way: 'exit', code: 0 }, 'Runtime exited without providing a reason'],
        [{ way: 'neverSettles' }, 'Runtime exited without providing a reason'],
        [{ way: 'unhandledRejection' }, 'Runtime exited with error: exit status 1'],
        [{ way: 'floatingRejection' }, 'Runtime exited with error: exit status 1'],
        [{ way: 'uncaughtException' }, 'Runtime exited with error: exit status 1'],
        [{ way: 'signal', signal: 'SIGKILL' }, 'Runtime exited with error: signal: killed'],
        [{ way: 'signal', signal: 'SIGTERM' }, 'Runtime exited with error: signal: terminated'],
      ])('by %o is a Runtime.ExitError, and the next invocation starts another', async (event, reason) => {
        await using ends = await start(runtime, 'ends.handler')
        const failure = await failureOf(ends, event)
        expect(failure).toMatchObject({
          errorType: 'Runtime.ExitError',
          errorMessage: `RequestId: ${failure.requestId} Error: ${reason}`,
          stackTrace: [],
        })
        expect(failure.logs.at(-1)).toMatchObject({ source: 'platform', message: failure.errorMessage })
        expect(ends.pid).toBe(undefined)
        expect(await payloadOf(ends, { way: 'pid' })).toBe(ends.pid)
        expect(ends.initCount).toBe(2)
      })

      test('between two invocations is replaced by the second', async () => {
        await using ends = await start(runtime, 'ends.handler')
        const first = Number(await payloadOf(ends, { way: 'pid' }))
        process.kill(first, 'SIGKILL')
        await vi.waitFor(() => expect(ends.pid).toBe(undefined), 60_000)
        expect(await payloadOf(ends, { way: 'pid' })).not.toBe(first)
      })

      test.each(['sleep', 'busy'])('by its timeout in a %s handler is killed and told', async way => {
        await using ends = await start(runtime, 'ends.handler', { timeout: 250 })
        const { pid } = ends
        const failure = await failureOf(ends, { way, ms: 10_000 })
        expect(failure).toMatchObject({
          errorType: 'Sandbox.Timedout',
          errorMessage: `RequestId: ${failure.requestId} Error: Task timed out after 0.25 seconds`,
        })
        expect(failure.logs.at(-1)?.message).toMatch(/^\S+Z \S+ Task timed out after 0\.25 seconds$/)
        expect(failure.durationMs).toBeGreaterThanOrEqual(249)
        expect(isAlive(pid)).toBe(false)
        expect(await payloadOf(ends, { way: 'pid' }, { timeout: 30_000 })).not.toBe(pid)
      })
    })

    describe.concurrent('the log', () => {
      test('of an invocation is what was written in it, in the order of each stream', async () => {
        const seen: string[] = []
        await using logs = await start(runtime, 'logs.handler', { onLog: entry => seen.push(entry.message) })
        const result = await logs.invoke({ name: 'event' }, { requestId: 'r-1' })
        const [init, one, two, error, debug, ...rest] = result.logs.filter(entry => entry.source === 'console')
        const time = '\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z'
        expect(init?.message).toMatch(new RegExp(`^${time}\t-\tINFO\tfrom init$`))
        expect(init?.requestId).toBe(undefined)
        expect(one?.message).toMatch(new RegExp(`^${time}\tr-1\tINFO\tone event$`))
        expect(one?.requestId).toBe('r-1')
        expect(two?.message).toMatch(new RegExp(`^${time}\tr-1\tWARN\ttwo\nlines$`))
        expect(error?.message).toMatch(new RegExp(`^${time}\tr-1\tERROR\tan error Error: logged\n +at `))
        expect(debug?.message).toMatch(new RegExp(`^${time}\tr-1\tDEBUG\t{ a: 1 }$`))
        expect(rest).toEqual([])
        expect([init, one, two, error, debug].map(entry => entry?.level)).toEqual([
          'INFO',
          'INFO',
          'WARN',
          'ERROR',
          'DEBUG',
        ])
        expect(result.logs.filter(entry => entry.source === 'stdout').map(entry => entry.message)).toEqual(['raw out'])
        expect(result.logs.filter(entry => entry.source === 'stderr').map(entry => entry.message)).toEqual(['raw err'])
        expect(seen).toEqual(result.logs.map(entry => entry.message))
        expect(logs.logs).toEqual(result.logs)

        const second = await logs.invoke({ name: 'again' }, { requestId: 'r-2' })
        expect(second.logs.filter(entry => entry.message.includes('r-1'))).toEqual([])
        expect(second.logs[0]?.message).toContain('one again')
      })

      test('of 5,000 entries is complete when the invocation ends', async () => {
        await using logs = await start(runtime, 'logs.big')
        await logs.invoke()
        const { logs: entries } = await logs.invoke()
        expect(entries).toHaveLength(5000)
        expect(entries.at(-1)?.message).toContain('4999 xxx')
      })

      test('is JSON where AWS_LAMBDA_LOG_FORMAT says so, from AWS_LAMBDA_LOG_LEVEL up', async () => {
        const environment = { AWS_LAMBDA_LOG_FORMAT: 'JSON', AWS_LAMBDA_LOG_LEVEL: 'WARN' }
        await using logs = await start(runtime, 'logs.handler', { environment })
        const result = await logs.invoke({ name: 'event' }, { requestId: 'r-1' })
        const entries = result.logs
          .filter(entry => entry.message.startsWith('{'))
          .map(entry => JSON.parse(entry.message) as Record<string, unknown>)
        expect(entries).toMatchObject([
          { level: 'WARN', requestId: 'r-1', message: 'two\nlines', timestamp: expect.any(String) },
          { level: 'ERROR', errorType: 'Error', errorMessage: 'logged', stackTrace: expect.any(Array) },
        ])
      })

      test('holds the error that the handler threw', async () => {
        await using throws = await start(runtime, 'throws.handler')
        const { logs } = await throws.invoke({ type: 'custom' }, { requestId: 'r-1' })
        const message = logs.find(entry => entry.message.includes('\tr-1\tERROR\tInvoke Error \t'))?.message ?? ''
        expect(JSON.parse(message.split('\t').at(-1) ?? '')).toMatchObject({
          errorType: 'PaymentError',
          errorMessage: 'declined',
          stack: expect.arrayContaining([expect.stringContaining('throws.mjs')]),
        })
      })
    })

    describe.concurrent('stop', () => {
      test('sends SIGTERM and lets the process end', async () => {
        const stopped = await start(runtime, 'sigterm.handler')
        const { pid } = stopped
        await stopped.invoke()
        await stopped.stop()
        expect(stopped.logs.at(-1)?.message).toContain('goodbye')
        expect(isAlive(pid)).toBe(false)
      })

      test('kills a process that has not ended in 500 ms, and is idempotent', async () => {
        const stubborn = await start(runtime, 'sigterm.handler', { environment: { STUBBORN: '1' } })
        const { pid } = stubborn
        await stubborn.invoke()
        const started = performance.now()
        await Promise.all([stubborn.stop(), stubborn.stop()])
        await stubborn.stop()
        expect(performance.now() - started).toBeGreaterThanOrEqual(499)
        expect(isAlive(pid)).toBe(false)
      })

      test('rejects the invocation under way, those that wait and those that come', async () => {
        const ends = await start(runtime, 'ends.handler')
        const running = ends.invoke({ way: 'sleep', ms: 2000 })
        const waiting = ends.invoke({ way: 'pid' })
        const settled = Promise.allSettled([running, waiting])
        await vi.waitFor(() => expect(ends.requestCount).toBe(1), 60_000)
        await ends.stop()
        const reason = { message: expect.stringContaining('function ends has been stopped') }
        expect(await settled).toMatchObject([{ reason }, { reason }])
        await expect(ends.invoke()).rejects.toThrow('has been stopped')
        expect(ends.initCount).toBe(1)
      })
    })
  })

  test('an initialization of more than 10 s starts again within the first invocation', async () => {
    const runtime = runtimes[0] as Runtime
    const environment = { MARKER: join(runtime.fixtures, 'hung-once') }
    await using slow = await start(runtime, 'init-hangs-once.handler', { environment })
    expect(slow.pid).toBe(undefined)
    expect(await payloadOf(slow)).toBe('at last')
    expect(slow.initCount).toBe(2)
  })
})

function start(runtime: Runtime, handler: string, options: Options = {}): Promise<LambdaFunction> {
  return startFunction({
    handler: join(runtime.fixtures, handler),
    taskRoot: runtime.fixtures,
    runtime: runtime.name,
    timeout: 30_000, // of a process that starts on a busy machine
    ...options,
  })
}

async function payloadOf(lambda: LambdaFunction, ...args: Parameters<LambdaFunction['invoke']>): Promise<unknown> {
  const result = await lambda.invoke(...args)
  expect(result.functionError, JSON.stringify(result)).toBe(undefined)
  return result.payload
}

async function failureOf(
  lambda: LambdaFunction,
  ...args: Parameters<LambdaFunction['invoke']>
): Promise<InvocationFailure> {
  const result = await lambda.invoke(...args)
  if (result.functionError === undefined) throw new Error(`The invocation succeeded with ${JSON.stringify(result)}`)
  return result
}
