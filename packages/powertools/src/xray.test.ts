// On the published Tracer, and what it sends to the daemon of X-Ray, by its protocol.
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { Tracer } from '@aws-lambda-powertools/tracer'
import { sqs } from '@lambent/events/sqs'
import { http } from '@lambent/http'
import { apiGatewayProxyEventV2, lambdaContext, sqsEvent } from '@lambent/testing'
import xray from 'aws-xray-sdk-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest'
import { traceMiddlewares, tracing } from './xray.ts'

interface Document {
  readonly name: string
  readonly annotations?: Readonly<Record<string, unknown>>
  readonly fault?: boolean
  readonly cause?: { readonly exceptions: readonly { readonly message: string }[] }
  readonly subsegments?: readonly Document[]
}

let daemon: Socket
const received: Document[] = []
beforeAll(async () => {
  daemon = createSocket('udp4').bind(0, '127.0.0.1')
  daemon.on('message', message => received.push(JSON.parse(`${message}`.split('\n')[1] ?? '')))
  await once(daemon, 'listening')
  xray.setDaemonAddress(`127.0.0.1:${(daemon.address() as AddressInfo).port}`)
  xray.setStreamingThreshold(10_000)
})
afterAll(() => daemon.close())
beforeEach(() => {
  vi.stubEnv('AWS_EXECUTION_ENV', 'AWS_Lambda_nodejs24.x') // elsewhere a Tracer is off
  vi.stubEnv('POWERTOOLS_TRACER_CAPTURE_HTTPS_REQUESTS', 'false')
  for (const level of ['warn', 'error'] as const) vi.spyOn(console, level).mockImplementation(() => {})
  received.length = 0
})
afterEach(() => {
  vi.unstubAllEnvs()
  vi.restoreAllMocks()
})

/** Runs within a segment, as Lambda makes one, and gives what the daemon got. */
async function traced(run: () => Promise<unknown>): Promise<Document> {
  const segment = new xray.Segment('function')
  await xray.getNamespace().runPromise(async () => {
    xray.setSegment(segment)
    await run()
  })
  segment.close()
  await vi.waitFor(() => expect(received.length).toBeGreaterThan(0), 30_000)
  return received[0] as Document
}

it('a subsegment for the invocation and one for each record, which do not mix', async () => {
  const tracer = new Tracer({ serviceName: 'orders' })
  const handler = sqs()
    .use(tracing(tracer))
    .each({ concurrency: 16 })
    .use(tracing(tracer))
    .handle(async ({ message }) => {
      await sleep(Math.random() * 5)
      tracer.putAnnotation('of', message.id)
      if (message.id === '3') throw new Error('broken')
    })
  const records = Array.from({ length: 16 }, (_, index) => ({ messageId: `${index}` }))
  const document = await traced(() => handler(sqsEvent(records), lambdaContext()))
  const [invocation] = document.subsegments ?? []
  expect(invocation).toMatchObject({
    name: '## process orders',
    annotations: { Service: 'orders', ColdStart: expect.any(Boolean), messaging_batch_message_count: 16 },
  })
  const inner = invocation?.subsegments ?? []
  expect(inner).toHaveLength(16)
  for (const { annotations } of inner) expect(annotations?.messaging_message_id).toBe(annotations?.of)
  const failed = inner.filter(({ fault }) => fault)
  expect(failed).toEqual([
    expect.objectContaining({ annotations: expect.objectContaining({ of: '3', error_type: 'Error' }) }),
  ])
  expect(failed[0]?.cause?.exceptions[0]?.message).toBe('broken')
})

it('middlewares and the handler have their own', async () => {
  const tracer = new Tracer({ serviceName: 'orders' })
  const handler = traceMiddlewares(http(), tracer)
    .use(tracing(tracer))
    .use(async function authorize(_ctx, next) {
      return await next()
    })
    .handle(function create() {
      return { status: 201 }
    })
  const document = await traced(() =>
    handler(apiGatewayProxyEventV2({ method: 'POST', path: '/orders' }), lambdaContext()),
  )
  const path: string[] = []
  for (let [each] = document.subsegments ?? []; each; [each] = each.subsegments ?? []) path.push(each.name)
  expect(path).toEqual([expect.stringMatching(/^## POST/), '## authorize', '## create'])
  expect(document.subsegments?.[0]?.annotations).toMatchObject({ http_response_status_code: 201 })
})

it('a Tracer that is off costs nothing, and what is no Tracer is refused', async () => {
  const off = new Tracer({ enabled: false })
  const handler = http()
    .use(tracing(off))
    .handle(() => ({ status: 204 }))
  expect(await handler(apiGatewayProxyEventV2({ method: 'GET', path: '/' }), lambdaContext())).toMatchObject({
    statusCode: 204,
  })
  expect(() => tracing({} as never)).toThrow('a Tracer of Powertools')
})
