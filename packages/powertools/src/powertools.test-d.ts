import { Logger } from '@aws-lambda-powertools/logger'
import { Metrics } from '@aws-lambda-powertools/metrics'
import { Tracer } from '@aws-lambda-powertools/tracer'
import { sqs } from '@lambent/events/sqs'
import { http } from '@lambent/http'
import type { TracerProvider } from '@opentelemetry/api'
import { expectTypeOf, it } from 'vitest'
import { inputOutputLog, type Log, logger, metrics } from './index.ts'
import { traceMiddlewares, tracing } from './tracing.ts'
import { tracing as xray } from './xray.ts'

it('logger() and metrics() provide what their names say, at either level and at both', () => {
  sqs()
    .use(metrics({ namespace: 'shop' }))
    .use(logger())
    .each()
    .use(logger({ logBufferOptions: {} }))
    .use(inputOutputLog())
    .handle(({ log, metrics }) => {
      expectTypeOf(log).toEqualTypeOf<Log>()
      expectTypeOf(metrics).toEqualTypeOf<Metrics>()
    })
})

it('an instance of the user’s keeps its type, and a Logger may stand where a Log is asked for', () => {
  class Mine extends Metrics {
    paid(): void {}
  }
  http()
    .use(metrics(new Mine(), { frameworkMetrics: false }))
    .use(logger(new Logger(), { logEvent: true, redact: ['email'] }))
    .handle(({ metrics }) => metrics.paid())
  expectTypeOf<Logger>().toExtend<Log>()
})

it('options that are none do not compile', () => {
  // @ts-expect-error: no level of Powertools
  logger({ logLevel: 'loud' })
  // @ts-expect-error: a Logger has its own options
  logger(new Logger(), { serviceName: 'orders' })
  // @ts-expect-error: it would publish each value by itself
  metrics({ singleMetric: true })
  // @ts-expect-error: text
  inputOutputLog({ redact: 'email' })
  // @ts-expect-error: no Tracer
  xray({})
})

it('tracing() changes no types, nor does traceMiddlewares()', () => {
  const traced = traceMiddlewares(sqs(), { tracerProvider: {} as TracerProvider })
  expectTypeOf(traced).toEqualTypeOf(sqs())
  traced
    .use(tracing())
    .use(xray(new Tracer()))
    .use(logger())
    .each()
    .handle(({ log, message }) => log.info(message.id))
})
