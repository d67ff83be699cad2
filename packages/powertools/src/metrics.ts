// `metrics()`: Powertools' Metrics for each invocation, `ctx.metrics`, and what the framework itself has to count.
import { Metrics } from '@aws-lambda-powertools/metrics'
import type { MetricsOptions as PowertoolsOptions } from '@aws-lambda-powertools/metrics/types'
import type { Context, Middleware, Telemetry, TelemetryListener } from '@lambent/core'
import { isColdStart } from './cold-start.ts'
import { emfLine, type Place } from './emf.ts'
import { FrameworkMetrics } from './framework-metrics.ts'

export interface FrameworkMetricsOptions {
  /** Whether the framework's own metrics are published, see the README's table. @default true */
  readonly frameworkMetrics?: boolean | undefined
}

/** Options of Powertools' Metrics, and whether the framework's own are published. */
export type MetricsOptions = Omit<PowertoolsOptions, 'singleMetric'> & FrameworkMetricsOptions

/** A Metrics of Powertools, as far as it is used here. */
export type PowertoolsMetrics = Pick<
  Metrics,
  'addMetric' | 'hasStoredMetrics' | 'publishStoredMetrics' | 'singleMetric'
>

/** What `metrics()` provides. */
export interface MetricsContext<M = Metrics> {
  readonly metrics: M
}

/** What belongs to one invocation. */
interface Counting {
  readonly metrics: PowertoolsMetrics
  /** Undefined where another metrics() has it, and once the invocation is answered. */
  framework: FrameworkMetrics | undefined
  /** Whether the invocation is counted, and not each record that passes. */
  readonly whole: boolean
  /** Units that are running: with none, everything is published. */
  running: number
}

// The first one of an invocation counts for the framework: what is published twice is counted twice.
const counted = new WeakSet<Telemetry>()

/**
 * Provides `ctx.metrics`, a Metrics of Powertools for each invocation, and publishes it once when the invocation ends:
 * also when it fails or stops early, and whatever other invocations do at the same time. Beside it, and in a line of its
 * own, the framework's own metrics are published. It belongs before the others, and before `.each()`.
 *
 * ```ts
 * export const handler = sqs()
 *   .use(metrics({ namespace: 'shop', serviceName: 'orders' }))
 *   .each()
 *   .handle(async ({ metrics }) => metrics.addMetric('OrdersPaid', 'Count', 1))
 * ```
 *
 * A Metrics that you made is used as it is, `metrics(myMetrics)`, and published when the invocation ends.
 *
 * @throws {TypeError} when it is defined, for what is neither options nor a Metrics
 * @see https://docs.aws.amazon.com/powertools/typescript/latest/features/metrics/
 */
export function metrics<M extends PowertoolsMetrics>(
  given: M,
  options?: FrameworkMetricsOptions,
): Middleware<unknown, MetricsContext<M>>
export function metrics(options?: MetricsOptions): Middleware<unknown, MetricsContext>
export function metrics(
  given: PowertoolsMetrics | MetricsOptions = {},
  ofUsers: FrameworkMetricsOptions = {},
): Middleware<unknown, MetricsContext<never>> {
  if (typeof given !== 'object' || given === null)
    throw new TypeError('metrics() takes options or a Metrics of Powertools')
  const users = 'publishStoredMetrics' in given ? given : undefined
  const { frameworkMetrics = true, ...options } = users ? ofUsers : (given as MetricsOptions)
  let place: Place | undefined
  const countings = new WeakMap<Telemetry, Counting>()

  function countingOf(ctx: Context): Counting {
    const { telemetry, unit } = ctx
    const known = countings.get(telemetry)
    if (known) return known
    const framework = frameworkMetrics && !counted.has(telemetry) ? new FrameworkMetrics() : undefined
    const metrics = users ?? new Metrics(options)
    const counting: Counting = { metrics, framework, whole: unit.kind === 'invocation', running: 0 }
    countings.set(telemetry, counting)
    if (framework) {
      // One of our own is fresh here, and has nothing but what all its lines have.
      place ??= placeOf(users ? users.singleMetric() : (metrics as Metrics))
      counted.add(telemetry)
    } else if (counting.whole) return counting
    overhear(telemetry, event => {
      framework?.hear(event)
      if (event.name === 'batch.failures' && !counting.whole && counting.running > 0) leave(ctx, counting)
      // What the source says of its answer comes after all middlewares, and nothing comes after it.
      if (framework && (counting.running === 0 || !counting.framework)) write(framework, counting)
    })
    return counting
  }

  function write(framework: FrameworkMetrics, counting: Counting): void {
    const values = framework.take()
    if (place && values.size > 0 && !isDisabled(counting.metrics)) process.stdout.write(`${emfLine(place, values)}\n`)
  }

  /** The batch is answered without the records that still run: what they do later is none of it. */
  function leave(ctx: Context, counting: Counting): void {
    for (let left = counting.running; left > 0; left--) counting.framework?.failed(ctx)
    publish(ctx, counting)
    counting.framework = undefined
  }

  function publish(ctx: Context, counting: Counting): void {
    const { metrics, framework } = counting
    try {
      framework?.end(ctx, isColdStart(ctx.telemetry))
      if (framework) write(framework, counting)
      if (metrics.hasStoredMetrics()) metrics.publishStoredMetrics()
    } catch (error) {
      // A name that is a metric and a dimension, say. The unit is not to blame.
      const message = 'metrics were not published'
      ctx.telemetry.emit({ name: 'metrics.failed', level: 'error', message, unit: ctx.unit, error })
    }
  }

  return async function metrics(ctx, next) {
    isColdStart(ctx.telemetry)
    const counting = countingOf(ctx)
    const counts = counting.whole ? counting.running === 0 : true
    if (counting.running++ === 0) counting.framework?.begin()
    try {
      const result = await next({ metrics: counting.metrics as never })
      if (counts) counting.framework?.done(ctx, result.value)
      return result
    } catch (error) {
      if (counts) counting.framework?.failed(ctx)
      throw error
    } finally {
      counting.running--
      if (counting.running === 0) publish(ctx, counting)
    }
  }
}

/** Listens without subscribing: who subscribes takes warnings and errors from the console, and counting logs none. */
function overhear(telemetry: Telemetry, listener: TelemetryListener): void {
  const { emit } = telemetry
  telemetry.emit = event => {
    listener(event)
    emit.call(telemetry, event)
  }
}

/** Namespace and default dimensions, the service among them, by what a Metrics writes. */
function placeOf(metrics: Pick<Metrics, 'serializeMetrics'>): Place {
  const { _aws, ...rest } = metrics.serializeMetrics()
  const [directive] = _aws.CloudWatchMetrics
  const named = directive?.Dimensions[0]?.map(name => [name, `${rest[name]}`]) ?? []
  const functionName = process.env.AWS_LAMBDA_FUNCTION_NAME
  return {
    namespace: directive?.Namespace ?? '',
    dimensions: { ...(functionName && { function_name: functionName }), ...Object.fromEntries(named) },
  }
}

/** By `POWERTOOLS_METRICS_DISABLED` or `POWERTOOLS_DEV`. Protected, so that classes of users' may say. */
function isDisabled(metrics: PowertoolsMetrics): boolean {
  return (metrics as { isDisabled?: () => boolean }).isDisabled?.() === true
}
