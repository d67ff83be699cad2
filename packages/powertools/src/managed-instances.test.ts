// Lambda Managed Instances: 64 invocations at once in one process, Powertools' own state kept by AWS's InvokeStore.
import { setTimeout as sleep } from 'node:timers/promises'
import { InvokeStore } from '@aws/lambda-invoke-store'
import { Logger } from '@aws-lambda-powertools/logger'
import { sqs } from '@lambent/events/sqs'
import { lambdaContext, sqsEvent } from '@lambent/testing'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { output } from '../test/output.ts'
import { logger } from './logger.ts'

beforeEach(async () => {
  vi.stubEnv('AWS_LAMBDA_MAX_CONCURRENCY', '64')
  vi.stubEnv('AWS_LAMBDA_INITIALIZATION_TYPE', 'lambda-managed-instances')
  const store = await InvokeStore.getInstanceAsync(true)
  vi.stubGlobal('awslambda', { InvokeStore: store })
})
afterEach(() => {
  vi.unstubAllEnvs()
  vi.unstubAllGlobals()
  vi.restoreAllMocks()
})

it.each([
  ['a Logger of its own', () => logger({ logBufferOptions: {} })],
  ['a Logger of the user’s', () => logger(new Logger({ logBufferOptions: { enabled: true } }))],
])('lines have the ids and the trace of their own invocation, kept lines too: %s', async (_, middleware) => {
  const out = output()
  const handler = sqs()
    .each()
    .use(middleware())
    .handle(async ({ log, message }) => {
      for (let i = 0; i < 3; i++) {
        await sleep(Math.random() * 5)
        log[i === 1 ? 'debug' : 'info'](message.id)
      }
      throw new Error('flush')
    })
  const store = await InvokeStore.getInstanceAsync()
  const root = (i: number) => `1-5759e988-${i.toString().padStart(24, '0')}`
  await Promise.all(
    Array.from({ length: 64 }, (_, i) =>
      store.run(
        {
          [Symbol.for('_AWS_LAMBDA_REQUEST_ID')]: `r-${i}`,
          [Symbol.for('_AWS_LAMBDA_X_RAY_TRACE_ID')]: `Root=${root(i)};Sampled=1`,
        },
        () =>
          handler(
            sqsEvent([{ messageId: `${i}.0` }, { messageId: `${i}.1` }]),
            lambdaContext({ awsRequestId: `r-${i}` }),
          ),
      ),
    ),
  )
  const lines = out.lines.filter(({ name }) => name === undefined)
  expect(lines).toHaveLength(64 * 2 * 3)
  for (const { message, record_id, function_request_id, xray_trace_id, trace_id } of lines) {
    const i = Number.parseInt(`${message}`, 10)
    expect([record_id, function_request_id, xray_trace_id]).toEqual([message, `r-${i}`, root(i)])
    expect(trace_id).toBe(root(i).slice(2).replace('-', ''))
  }
})
