import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { done, HttpError, type Middleware } from '@lambent/core'
import { correlationOf } from '@lambent/core/correlation'
import { deadLetter, parseDeadLetter, type Sink } from '@lambent/dead-letter'
import { eventBridge } from '@lambent/events/eventbridge'
import { sqs } from '@lambent/events/sqs'
import { http } from '@lambent/http'
import { retry, timeout } from '@lambent/retry'
import { json, parse } from '@lambent/schema'
import { apiGatewayProxyEventV2, eventBridgeEvent, lambdaContext, sqsEvent } from '@lambent/testing'
import { context, diag, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import * as z from 'zod'
import { traceMiddlewares, tracing } from './tracing.ts'

let exporter: InMemorySpanExporter
let provider: BasicTracerProvider
beforeEach(() => {
  exporter = new InMemorySpanExporter()
  provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] })
  trace.setGlobalTracerProvider(provider)
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
  for (const level of ['warn', 'error'] as const) vi.spyOn(console, level).mockImplementation(() => {})
})
afterEach(() => {
  trace.disable()
  context.disable()
  vi.restoreAllMocks()
  vi.unstubAllEnvs()
})

const spans = () => exporter.getFinishedSpans()
const named = (name: string) => spans().find(span => span.name === name) as ReadableSpan
const parentOf = (span: ReadableSpan) =>
  spans().find(other => other.spanContext().spanId === span.parentSpanContext?.spanId)
const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
const SENDER = `00-${TRACE}-00f067aa0ba902b7-01`
const attribute = (stringValue: string) => ({
  stringValue,
  dataType: 'String' as const,
  stringListValues: [],
  binaryListValues: [],
})

describe('a span of a unit', () => {
  it('of a request: names, attributes, status, and the sender’s trace', async () => {
    const handler = http()
      .use(tracing())
      .handle(() => ({ status: 201 }))
    await handler(
      apiGatewayProxyEventV2({ method: 'POST', path: '/orders', headers: { traceparent: SENDER } }),
      lambdaContext({ awsRequestId: 'r-1' }),
    )
    const [span] = spans()
    expect(span?.spanContext().traceId).toBe(TRACE)
    expect(span?.parentSpanContext).toMatchObject({ spanId: '00f067aa0ba902b7', isRemote: true })
    expect(span).toMatchObject({
      kind: 1,
      attributes: {
        'faas.trigger': 'http',
        'faas.invocation_id': 'r-1',
        'http.request.method': 'POST',
        'url.path': '/orders',
        'http.response.status_code': 201,
      },
      status: { code: 0 },
    })
    expect(span?.name).toMatch(/^POST/)
  })

  it('of an error: 4xx is an answer, all else an error', async () => {
    const answer = async (error: unknown) => {
      const handler = http()
        .use(tracing())
        .handle(() => {
          throw error
        })
      await handler(apiGatewayProxyEventV2({ method: 'GET', path: '/' }), lambdaContext())
      return spans().at(-1)
    }
    expect(await answer(new HttpError(404, 'no'))).toMatchObject({
      status: { code: 0 },
      attributes: { 'http.response.status_code': 404 },
    })
    const failed = await answer(new TypeError('broken'))
    expect(failed).toMatchObject({ status: { code: 2, message: 'broken' }, attributes: { 'error.type': 'TypeError' } })
    expect(failed?.events).toEqual([expect.objectContaining({ name: 'exception' })])
    expect(await answer('text')).toMatchObject({ status: { code: 2, message: 'text' } })
  })

  it('of a record is within that of the invocation, and linked to its sender', async () => {
    const handler = sqs()
      .use(tracing())
      .each()
      .use(tracing())
      .handle(() => {})
    await handler(
      sqsEvent([{ messageId: 'm-1', messageAttributes: { traceparent: attribute(SENDER) } }, { messageId: 'm-2' }]),
      lambdaContext(),
    )
    const of = (id: string) =>
      spans().find(({ attributes }) => attributes['messaging.message.id'] === id) as ReadableSpan
    const [first, second] = [of('m-1'), of('m-2')]
    expect(first.name).toBe('process orders')
    expect(first.links.map(({ context }) => context.traceId)).toEqual([TRACE])
    expect(second.links).toEqual([])
    const invocation = parentOf(first)
    expect(invocation).toMatchObject({
      kind: 4,
      attributes: {
        'messaging.system': 'aws_sqs',
        'messaging.batch.message_count': 2,
        'messaging.destination.name': 'orders',
        'faas.trigger': 'pubsub',
      },
    })
    expect(parentOf(second)).toBe(invocation)
  })

  it('of a record alone is in the trace of its sender, by X-Ray’s header too', async () => {
    const handler = sqs()
      .each()
      .use(tracing())
      .handle(() => {})
    const AWSTraceHeader = 'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1'
    await handler(sqsEvent([{ attributes: { AWSTraceHeader } }]), lambdaContext())
    expect(spans()[0]?.spanContext().traceId).toBe('5759e988bd862e3fe1be46a994272793')
    expect(spans()[0]?.parentSpanContext?.spanId).toBe('53995c3f42cd8ad8')
  })

  it('is the parent of what is sent because of it: a dead letter', async () => {
    const sent: string[] = []
    const sink: Sink = {
      name: 'kept',
      send: async ({ attributes }) => sent.push(attributes['lambent.deadLetter']?.stringValue ?? ''),
    }
    const handler = sqs()
      .each()
      .use(tracing())
      .use(deadLetter({ to: sink, when: () => true }))
      .handle(() => {
        throw new Error('no')
      })
    await handler(sqsEvent([{ messageAttributes: { traceparent: attribute(SENDER) } }]), lambdaContext())
    const letter = parseDeadLetter({
      Body: 'x',
      MessageAttributes: { 'lambent.deadLetter': { DataType: 'String', StringValue: sent[0] } },
    })
    const { traceId, spanId } = spans()[0]?.spanContext() ?? {}
    expect(letter).toMatchObject({ letter: { trace: { traceId, traceparent: `00-${traceId}-${spanId}-01` } } })
    expect(traceId).toBe(TRACE)
  })

  it('is within the span that is active, such as an instrumentation’s', async () => {
    const handler = eventBridge()
      .use(tracing())
      .handle(() => {})
    const outer = provider.getTracer('layer').startSpan('outer')
    await context.with(trace.setSpan(context.active(), outer), () =>
      handler(
        eventBridgeEvent({ source: 'shop', 'detail-type': 'Paid', detail: { metadata: { traceparent: SENDER } } }),
        lambdaContext(),
      ),
    )
    const [span] = spans()
    expect(span?.parentSpanContext?.spanId).toBe(outer.spanContext().spanId)
    expect(span?.links.map(({ context }) => context.traceId)).toEqual([TRACE])
  })

  it('of each attempt of retry() outside of it is a child of the sender, and none of another attempt', async () => {
    const sent: (string | undefined)[] = []
    let attempts = 0
    const handler = sqs()
      .each()
      .use(retry({ attempts: 3, backoff: () => 0 }))
      .use(tracing())
      .handle(ctx => {
        sent.push(correlationOf(ctx).traceparent)
        if (++attempts < 3) throw new Error('again')
      })
    await handler(sqsEvent([{ messageAttributes: { traceparent: attribute(SENDER) } }]), lambdaContext())
    expect(spans().map(({ parentSpanContext }) => parentSpanContext?.spanId)).toEqual(Array(3).fill('00f067aa0ba902b7'))
    expect(sent).toEqual(spans().map(span => `00-${TRACE}-${span.spanContext().spanId}-01`))
  })

  it('of a record that hangs ends with the deadline, and once; one that heeds the signal has its own error', async () => {
    const told = vi.spyOn(diag, 'warn')
    let release: (() => void) | undefined
    const handler = sqs()
      .use(tracing())
      .each({ concurrency: 2 })
      .use(tracing())
      .handle(async ({ message, signal }) => {
        if (message.id === 'hangs') await new Promise<void>(resolve => (release = resolve))
        else await once(signal, 'abort').then(() => Promise.reject(new Error('stopped')))
      })
    const end = Date.now() + 1000
    await handler(
      sqsEvent([{ messageId: 'hangs' }, { messageId: 'heeds' }]),
      lambdaContext({ getRemainingTimeInMillis: () => end - Date.now() }),
    )
    const of = (id: string) => spans().find(({ attributes }) => attributes['messaging.message.id'] === id)
    expect(of('hangs')).toMatchObject({ status: { code: 2, message: 'it did not end at the deadline' } })
    expect(of('heeds')).toMatchObject({ status: { code: 2, message: 'stopped' } })
    expect(spans()).toHaveLength(3)
    expect(parentOf(of('hangs') as ReadableSpan)?.status.code).toBe(0) // the batch was answered
    release?.()
    await sleep(5)
    expect(spans()).toHaveLength(3)
    expect(told).not.toHaveBeenCalled()
  })

  it('of a request that hangs lasts until the deadline, however long the function is frozen after its answer', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] })
    try {
      const handler = http()
        .use(timeout())
        .use(tracing())
        .handle(() => new Promise(() => {}))
      const answer = handler(apiGatewayProxyEventV2(), lambdaContext({ timeout: 1000 }))
      await vi.advanceTimersByTimeAsync(800)
      await answer
      vi.setSystemTime(Date.now() + 3_600_000)
      await vi.advanceTimersByTimeAsync(1000) // in the next invocation
      expect(spans()).toMatchObject([{ duration: [0, 800_000_000], status: { code: 2 } }])
    } finally {
      vi.useRealTimers()
    }
  })

  it('without a provider there is none, and nothing changes', async () => {
    trace.disable()
    const handler = sqs()
      .use(tracing())
      .each()
      .use(tracing())
      .handle(ctx => void expect(correlationOf(ctx).traceId).toBe(TRACE))
    const result = await handler(sqsEvent([{ messageAttributes: { traceparent: attribute(SENDER) } }]), lambdaContext())
    expect(result).toEqual({ batchItemFailures: [] })
    expect(spans()).toEqual([])
  })

  it('a provider may be given', async () => {
    trace.disable()
    await eventBridge()
      .use(tracing({ tracerProvider: provider }))
      .handle(() => {})(eventBridgeEvent({ source: 'shop', 'detail-type': 'Paid', detail: {} }), lambdaContext())
    expect(spans()).toHaveLength(1)
    expect(() => tracing({ tracerProvider: {} as never })).toThrow('TracerProvider')
  })
})

describe('traceMiddlewares()', () => {
  const Order = z.object({ id: z.number() })

  it('gives each middleware and the handler a span, within each other', async () => {
    const handler = traceMiddlewares(sqs())
      .use(tracing())
      .each()
      .use(tracing())
      .use(retry({ attempts: 2, backoff: () => 0 }))
      .use(parse(json(Order)))
      .handle(async function charge({ body }) {
        await sleep(body.id)
      })
    await handler(sqsEvent([{ body: '{"id":7}' }]), lambdaContext())
    const path: string[] = []
    for (let span: ReadableSpan | undefined = named('charge'); span; span = parentOf(span)) path.push(span.name)
    expect(path).toEqual(['charge', 'parse', 'retry', 'process orders', 'process orders'])
  })

  it('each attempt of retry() has its own, and what failed says so', async () => {
    let attempts = 0
    const handler = traceMiddlewares(sqs())
      .each()
      .use(retry({ attempts: 3, backoff: () => 0 }))
      .handle(function charge() {
        if (++attempts < 3) throw new Error('again')
      })
    await handler(sqsEvent([{}]), lambdaContext())
    expect(spans().map(({ name, status }) => [name, status.code])).toEqual([
      ['charge', 2],
      ['charge', 2],
      ['charge', 0],
      ['retry', 0],
    ])
  })

  it('keeps what a middleware carries: init, and permissions', async () => {
    let ready = false
    const permissions = [{ actions: ['s3:GetObject'], resources: ['*'] }]
    const init = () => {
      ready = true
    }
    const inner: Middleware = Object.assign(async () => done(1), { init, permissions })
    const handler = traceMiddlewares(http())
      .use(inner)
      .handle(() => 1)
    await handler.ready()
    expect([ready, handler.permissions]).toEqual([true, permissions])
  })

  it('takes a pipeline, and nothing else', () => {
    expect(() => traceMiddlewares({})).toThrow('a pipeline')
  })
})

it('64 records and 64 invocations at once do not mix', async () => {
  const handler = traceMiddlewares(sqs())
    .use(tracing())
    .each({ concurrency: 64 })
    .use(tracing())
    .handle(async function work({ message }) {
      await sleep(Math.random() * 5)
      trace.getActiveSpan()?.setAttribute('of', message.id)
    })
  const event = (batch: number) =>
    sqsEvent(Array.from({ length: 64 }, (_, index) => ({ messageId: `${batch}-${index}` })))
  await Promise.all(Array.from({ length: 8 }, (_, batch) => handler(event(batch), lambdaContext())))
  const works = spans().filter(({ name }) => name === 'work')
  expect(works).toHaveLength(512)
  for (const work of works) expect(parentOf(work)?.attributes['messaging.message.id']).toBe(work.attributes.of)
})
