import { setTimeout as sleep } from 'node:timers/promises'
import { Metrics } from '@aws-lambda-powertools/metrics'
import { done, HttpError, type Middleware, type TelemetryEvent } from '@lambent/core'
import { eventBridge } from '@lambent/events/eventbridge'
import { firehose } from '@lambent/events/firehose'
import { failures, kinesis } from '@lambent/events/kinesis'
import { s3 } from '@lambent/events/s3'
import { drop, sqs } from '@lambent/events/sqs'
import { http } from '@lambent/http'
import { circuitBreaker, memoryCircuitStore } from '@lambent/retry'
import {
  apiGatewayProxyEventV2,
  eventBridgeEvent,
  firehoseTransformationEvent,
  kinesisStreamEvent,
  lambdaContext,
  s3Event,
  sqsEvent,
} from '@lambent/testing'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { blobOf } from '../test/emf.ts'
import { output } from '../test/output.ts'
import { logger } from './logger.ts'
import { metrics } from './metrics.ts'

let out: ReturnType<typeof output>
beforeEach(() => {
  vi.stubEnv('AWS_LAMBDA_FUNCTION_NAME', 'pay')
  out = output()
})
afterEach(() => {
  vi.restoreAllMocks()
  vi.unstubAllEnvs()
  vi.useRealTimers()
})

const options = { namespace: 'shop', serviceName: 'orders' }
const blobs = () => out.text.map(blobOf)
/** All that was published, as CloudWatch's Sum. */
const sums = (): Record<string, number> => {
  const total: Record<string, number> = {}
  for (const { values } of blobs())
    for (const [name, value] of Object.entries(values))
      total[name] = (total[name] ?? 0) + [value].flat().reduce((a, b) => a + b, 0)
  return total
}
const paid = (id = 'e-1') => eventBridgeEvent({ source: 'shop', 'detail-type': 'OrderPaid', detail: {}, id })
const three = sqsEvent([{ messageId: '1' }, { messageId: '2' }, { messageId: '3' }])
/** Keeps what the framework says from the console. */
const quiet: Middleware = (ctx, next) => {
  ctx.telemetry.subscribe(() => {})
  return next()
}
const emits = (...events: Pick<TelemetryEvent, 'name'>[]): Middleware => {
  return ({ telemetry, unit }, next) => {
    for (const event of events) telemetry.emit({ level: 'debug', message: 'm', unit, ...event })
    return next()
  }
}

describe('what the framework knows', () => {
  it('is one line an invocation, of one dimension set: service and function', async () => {
    const handler = eventBridge()
      .use(metrics(options))
      .handle(() => sleep(5))
    await handler(paid(), lambdaContext({ timeout: 3000 }))
    expect(blobs()).toEqual([
      {
        namespace: 'shop',
        dimensions: { service: 'orders', function_name: 'pay' },
        values: {
          UnitsDone: 1,
          UnitsFailed: 0,
          Duration: expect.any(Number),
          RemainingTime: expect.any(Number),
        },
        units: { UnitsDone: 'Count', UnitsFailed: 'Count', Duration: 'Milliseconds', RemainingTime: 'Milliseconds' },
      },
    ])
    const { Duration, RemainingTime } = sums()
    expect(Duration).toBeGreaterThanOrEqual(4)
    expect(RemainingTime).toBeLessThanOrEqual(3000)
    expect(RemainingTime).toBeGreaterThan(1000)
  })

  it.each([
    ['retry.attempt', 'Retries'],
    ['retry.exhausted', 'RetriesExhausted'],
    ['timeout.reached', 'TimeoutsReached'],
    ['circuit.rejected', 'CircuitRejections'],
    ['bulkhead.rejected', 'BulkheadRejections'],
    ['deadLetter.sent', 'DeadLettersSent'],
    ['deadLetter.failed', 'DeadLettersFailed'],
    ['idempotency.replayed', 'IdempotencyReplays'],
    ['idempotency.inProgress', 'IdempotencyInProgress'],
    ['idempotency.takenOver', 'IdempotencyTakeovers'],
    ['idempotency.storeError', 'IdempotencyStoreErrors'],
    ['idempotency.lockLost', 'IdempotencyLocksLost'],
    ['secrets.hit', 'SecretsHits'],
    ['secrets.fetched', 'SecretsFetches'],
    ['secrets.stale', 'SecretsStale'],
    ['secrets.failed', 'SecretsFailures'],
    ['secrets.rotated', 'SecretsRotations'],
  ])('counts %s as %s', async (name, metric) => {
    const handler = sqs()
      .use(metrics(options))
      .each()
      .use(emits({ name }))
      .handle(() => {})
    await handler(three, lambdaContext())
    expect(sums()).toMatchObject({ [metric]: 3, UnitsDone: 3 })
    expect(out.text).toHaveLength(1)
  })

  it('counts what needs a person, and what is degraded, whoever says it', async () => {
    const handler = eventBridge()
      .use(quiet)
      .use(metrics(options))
      .handle(({ telemetry }) => {
        telemetry.emit({ name: 'shop.a', level: 'error', message: 'm', fields: { customer: 'c-1' } })
        telemetry.emit({ name: 'shop.b', level: 'warn', message: 'm' })
        telemetry.emit({ name: 'constructor', level: 'info', message: 'm' })
      })
    await handler(paid(), lambdaContext())
    expect(sums()).toMatchObject({ ErrorEvents: 1, WarningEvents: 1 })
    expect(out.text.join()).not.toMatch(/c-1|shop\.a|constructor/)
  })

  it('says how many circuits are open, in each invocation until they close, whoever opens and closes them', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    const store = memoryCircuitStore()
    const call = { signal: new AbortController().signal }
    const circuit = circuitBreaker({ name: 'psp', store, failureThreshold: 1, recoveryTimeout: 1000 })
    const handler = (down: boolean, middleware = circuit) =>
      eventBridge()
        .use(quiet)
        .use(metrics(options))
        .use(middleware)
        .handle(() => {
          if (down) throw new Error('down')
        })(paid(), lambdaContext())
        .catch(() => {})
    try {
      await handler(true) // opens it
      await handler(false) // is refused
      vi.setSystemTime(Date.now() + 2000)
      await handler(false) // probes, and closes it
      await handler(false)
      await handler(true)
      vi.setSystemTime(Date.now() + 2000)
      // What another process does is in the store alone.
      await store.write(
        'psp',
        { state: 'closed', until: 0, version: 'other' },
        (await store.read('psp', call))?.version,
        call,
      )
      await handler(false)
      await handler(false)
      await store.write('psp', { state: 'open', until: Date.now() + 1000, version: 'again' }, 'other', call)
      const fresh = circuitBreaker({ name: 'psp', store })
      await fresh.init?.()
      await handler(false, fresh)
      expect(blobs().map(({ values }) => values.CircuitsOpen)).toEqual([1, 1, 0, undefined, 1, 0, undefined, 1])
      expect(sums()).toMatchObject({ CircuitsOpened: 2, CircuitsClosed: 1, CircuitRejections: 2 })
    } finally {
      vi.useRealTimers()
    }
  })

  it('says of the first invocation of an environment that it was a cold start', async () => {
    vi.stubEnv('AWS_LAMBDA_INITIALIZATION_TYPE', 'on-demand')
    vi.resetModules()
    const fresh = await import('./metrics.ts')
    const handler = eventBridge()
      .use(fresh.metrics(options))
      .handle(() => {})
    await handler(paid(), lambdaContext())
    await handler(paid(), lambdaContext())
    expect(blobs().map(({ values }) => values.ColdStart)).toEqual([1, undefined])
  })

  it('and that once, with a duration for each line, where it stands after .each() and records run alone', async () => {
    vi.stubEnv('AWS_LAMBDA_INITIALIZATION_TYPE', 'on-demand')
    vi.resetModules()
    vi.useFakeTimers({ toFake: ['hrtime'] })
    const fresh = await import('./metrics.ts')
    const handler = sqs()
      .each({ concurrency: 1 })
      .use(fresh.metrics(options))
      .handle(() => void vi.advanceTimersByTime(10))
    await handler(three, lambdaContext())
    expect(blobs().map(({ values }) => [values.ColdStart, values.Duration])).toEqual([
      [1, 10],
      [undefined, 10],
      [undefined, 10],
    ])
  })

  it('can be left out', async () => {
    const handler = sqs()
      .use(metrics({ ...options, frameworkMetrics: false }))
      .handle(() => {})
    await handler(three, lambdaContext())
    expect(out.text).toEqual([])
  })

  it('is not published where Powertools’ variable says so', async () => {
    vi.stubEnv('POWERTOOLS_METRICS_DISABLED', 'true')
    const handler = sqs()
      .use(metrics(options))
      .handle(({ metrics }) => void metrics.addMetric('a', 'Count', 1))
    await handler(three, lambdaContext())
    expect(out.text).toEqual([])
  })

  it('leaves warnings on the console where nobody logs them', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
    const handler = sqs()
      .use(metrics(options))
      .each()
      .handle(({ message }) => {
        if (message.id === '1') throw new Error('no')
      })
    await handler(three, lambdaContext())
    expect(warn.mock.calls.map(([line]) => JSON.parse(line).name)).toEqual(['batch.record.failed', 'batch.failures'])
  })
})

describe('units', () => {
  it('done and failed of a batch', async () => {
    const handler = sqs()
      .use(quiet)
      .use(metrics(options))
      .each()
      .handle(({ message }) => {
        if (message.id === '1') throw new Error('no')
        return message.id === '2' ? drop() : undefined
      })
    await handler(three, lambdaContext())
    expect(sums()).toMatchObject({ UnitsDone: 2, UnitsFailed: 1, RecordsDropped: 1, WarningEvents: 2 })
    expect(out.text).toHaveLength(1)
  })

  it('that wait for a failed one of their stream are not done', async () => {
    const handler = kinesis()
      .use(quiet)
      .use(metrics(options))
      .each()
      .handle(() => {
        throw new Error('no')
      })
    await handler(kinesisStreamEvent([{}, {}, {}]), lambdaContext())
    expect(sums()).toMatchObject({ UnitsDone: 0, UnitsFailed: 3 })
  })

  it('that a handler of a whole batch names', async () => {
    const handler = kinesis()
      .use(quiet)
      .use(metrics(options))
      .handle(({ records }) => failures(...records.slice(2)))
    await handler(kinesisStreamEvent([{}, {}, {}]), lambdaContext())
    expect(sums()).toMatchObject({ UnitsDone: 2, UnitsFailed: 1 })
  })

  it('of a batch that fails whole, also before its records', async () => {
    const refuse: Middleware = async () => {
      throw new Error('no secrets')
    }
    const before = sqs()
      .use(metrics(options))
      .use(refuse)
      .each()
      .handle(() => {})
    await expect(before(three, lambdaContext())).rejects.toThrow()
    const asynchronous = s3()
      .use(quiet)
      .use(metrics(options))
      .each()
      .handle(({ object }) => {
        if (object.key === 'b') throw new Error('no')
      })
    const event = s3Event([{ s3: { object: { key: 'a' } } }, { s3: { object: { key: 'b' } } }])
    await expect(asynchronous(event, lambdaContext())).rejects.toThrow()
    expect(blobs().map(({ values }) => [values.UnitsDone, values.UnitsFailed])).toEqual([
      [0, 3],
      [1, 1],
    ])
  })

  it('of Firehose', async () => {
    const handler = firehose()
      .use(quiet)
      .use(metrics(options))
      .each()
      .handle(({ record }) => {
        if (record.recordId === '1') throw new Error('no')
        return 'ok'
      })
    await handler(firehoseTransformationEvent([{ recordId: '1' }, { recordId: '2' }]), lambdaContext())
    expect(sums()).toMatchObject({ UnitsDone: 1, UnitsFailed: 1 })
  })

  it('of a middleware that stops early', async () => {
    const stop: Middleware = async () => done('cached')
    const handler = eventBridge()
      .use(metrics(options))
      .use(stop)
      .handle(() => {})
    await handler(paid(), lambdaContext())
    expect(sums()).toMatchObject({ UnitsDone: 1, UnitsFailed: 0 })
  })

  it.each([
    [() => 'ok', { UnitsDone: 1, UnitsFailed: 0, HttpServerErrors: undefined, HttpClientErrors: undefined }],
    [() => ({ status: 404 }), { UnitsDone: 1, UnitsFailed: 0 }],
    [() => ({ status: 503 }), { UnitsDone: 0, UnitsFailed: 1, HttpServerErrors: 1 }],
    [
      () => {
        throw new HttpError(404, 'no such order')
      },
      { UnitsDone: 1, UnitsFailed: 0, HttpClientErrors: 1, HttpServerErrors: undefined },
    ],
    [
      () => {
        throw new Error('down')
      },
      { UnitsDone: 0, UnitsFailed: 1, HttpServerErrors: 1, ErrorEvents: 1 },
    ],
  ])('of HTTP are what was answered, which is known when all middlewares have returned: %#', async (work, expected) => {
    const handler = http()
      .use(quiet)
      .use(metrics(options))
      .handle(work as () => unknown)
    await handler(apiGatewayProxyEventV2(), lambdaContext())
    const published = sums()
    expect(Object.fromEntries(Object.keys(expected).map(name => [name, published[name]]))).toEqual(expected)
    expect(published.Duration).toBeGreaterThanOrEqual(0)
  })

  it('are counted once, also where metrics() stands in two places, or only after .each()', async () => {
    const own = metrics(options)
    const both = sqs()
      .use(own)
      .each()
      .use(own)
      .use(metrics({ ...options, serviceName: 'other' }))
      .handle(() => {})
    await both(three, lambdaContext())
    expect(sums()).toMatchObject({ UnitsDone: 3, UnitsFailed: 0 })
    out.text.length = 0
    const inner = sqs()
      .use(quiet)
      .each()
      .use(metrics(options))
      .handle(async ({ message }) => {
        await sleep(Number(message.id))
        if (message.id === '2') throw new Error('no')
      })
    await inner(three, lambdaContext())
    expect(sums()).toMatchObject({ UnitsDone: 2, UnitsFailed: 1 })
  })
})

describe('ctx.metrics', () => {
  it('is a Metrics of Powertools, published once when the invocation ends, apart from the framework’s', async () => {
    const handler = sqs()
      .use(metrics(options))
      .each()
      .handle(({ metrics, message }) => {
        metrics.addDimension('tenant', 'blue')
        metrics.addMetric('Paid', 'Count', Number(message.id))
      })
    vi.spyOn(console, 'warn').mockImplementation(() => {}) // Powertools: the dimension is there already
    await handler(three, lambdaContext())
    const own = out.text.filter(line => line.startsWith('{')).map(blobOf)
    expect(own).toMatchObject([
      { dimensions: { service: 'orders', function_name: 'pay' }, values: { UnitsDone: 3 } },
      { namespace: 'shop', dimensions: { service: 'orders', tenant: 'blue' }, values: { Paid: [1, 2, 3] } },
    ])
    expect(own[0]?.dimensions).not.toHaveProperty('tenant')
  })

  it('is published when the invocation fails, and when it stops early', async () => {
    const handler = (last: Middleware) =>
      eventBridge()
        .use(metrics({ ...options, frameworkMetrics: false }))
        .use(async ({ metrics }, next) => {
          metrics.addMetric('Tried', 'Count', 1)
          return next()
        })
        .use(last)
        .handle(() => {})
    const fails: Middleware = async () => {
      throw new Error('no')
    }
    await expect(handler(fails)(paid(), lambdaContext())).rejects.toThrow('no')
    await handler(async () => done())(paid(), lambdaContext())
    expect(blobs().map(({ values }) => values)).toEqual([{ Tried: 1 }, { Tried: 1 }])
  })

  it.each([true, false])(
    'is published with the answer where it stands after .each(), also while a record still runs (frameworkMetrics: %s)',
    async frameworkMetrics => {
      vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] })
      const handler = sqs()
        .use(quiet)
        .each()
        .use(metrics({ ...options, frameworkMetrics }))
        .handle(async ({ metrics, message }) => {
          if (message.id === '2') await new Promise(resolve => setTimeout(resolve, 5000))
          metrics.addMetric('OrdersPaid', 'Count', 1)
        })
      const answer = handler(three, lambdaContext({ timeout: 1000 }))
      await vi.advanceTimersByTimeAsync(1000)
      await answer
      expect(sums()).toMatchObject({ OrdersPaid: 2, ...(frameworkMetrics && { UnitsDone: 2, UnitsFailed: 1 }) })
      const durations = () => blobs().filter(({ values }) => values.Duration !== undefined).length
      expect(durations()).toBe(frameworkMetrics ? 1 : 0)
      await vi.advanceTimersByTimeAsync(5000) // in another invocation
      expect(sums()).toMatchObject({ OrdersPaid: 3, ...(frameworkMetrics && { UnitsDone: 2, UnitsFailed: 1 }) })
      expect(durations()).toBe(frameworkMetrics ? 1 : 0)
    },
  )

  it('of 64 interleaved invocations has nothing of another one, and is published when its own ends', async () => {
    const handler = eventBridge()
      .use(metrics({ ...options, frameworkMetrics: false }))
      .handle(async ({ metrics, unit }) => {
        for (let i = 0; i < 5; i++) {
          await sleep(Math.random() * 5)
          metrics.addMetric('Value', 'Count', Number(unit.id))
        }
        metrics.addMetadata('id', unit.id)
      })
    await Promise.all(Array.from({ length: 64 }, (_, i) => handler(paid(`${i}`), lambdaContext())))
    expect(out.text).toHaveLength(64)
    for (const line of out.text) {
      const { Value } = blobOf(line).values
      expect(new Set(Value as number[])).toEqual(new Set([Number(JSON.parse(line).id)]))
      expect(Value).toHaveLength(5)
    }
  })

  it('keeps to the limits of the format: 100 values, 100 metrics', async () => {
    const handler = eventBridge()
      .use(metrics({ ...options, frameworkMetrics: false }))
      .handle(({ metrics }) => {
        for (let i = 0; i < 250; i++) metrics.addMetric('Many', 'Count', 1)
        for (let i = 0; i < 150; i++) metrics.addMetric(`Metric${i}`, 'Count', 1)
      })
    await handler(paid(), lambdaContext())
    expect(sums()).toMatchObject({ Many: 250, Metric0: 1, Metric149: 1 })
    expect(blobs().length).toBeGreaterThanOrEqual(4)
  })

  it('that cannot be published does not fail the unit, and is told', async () => {
    const handler = eventBridge()
      .use(logger())
      .use(metrics(options))
      .handle(({ metrics }) => {
        metrics.addMetric('service', 'Count', 1)
        return 'done'
      })
    expect(await handler(paid(), lambdaContext())).toBe('done')
    const told = out.lines.filter(({ name }) => name === 'metrics.failed')
    expect(told).toMatchObject([{ level: 'ERROR', error: { message: expect.stringContaining('collision') } }])
  })
})

describe('a Metrics that the user made', () => {
  it('is ctx.metrics itself, published when the invocation ends, with its namespace, and not changed', async () => {
    const mine = new Metrics({ namespace: 'mine', serviceName: 'team', defaultDimensions: { environment: 'prod' } })
    const handler = eventBridge()
      .use(metrics(mine))
      .handle(({ metrics }) => {
        expect(metrics).toBe(mine)
        mine.addMetric('Paid', 'Count', 1)
      })
    await handler(paid(), lambdaContext())
    expect(blobs()).toMatchObject([
      { namespace: 'mine', dimensions: { service: 'team', environment: 'prod', function_name: 'pay' } },
      { namespace: 'mine', dimensions: { service: 'team', environment: 'prod' }, values: { Paid: 1 } },
    ])
    mine.addMetric('Later', 'Count', 1).publishStoredMetrics()
    expect(blobs()[2]).toMatchObject({ dimensions: { service: 'team', environment: 'prod' }, values: { Later: 1 } })
  })

  it('writes nothing where nothing was added', async () => {
    const mine = new Metrics(options)
    const handler = eventBridge()
      .use(metrics(mine, { frameworkMetrics: false }))
      .handle(() => {})
    await handler(paid(), lambdaContext())
    expect(out.text).toEqual([])
  })
})

it.each([null, 7, 'shop'])('refuses %j when it is defined', given => {
  expect(() => metrics(given as never)).toThrow(/options or a Metrics/)
})
