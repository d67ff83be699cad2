// `tracing()` by OpenTelemetry. An entry of its own, `@lambent/powertools/tracing`: it needs @opentelemetry/api.

import { type Context, type Middleware, TimeoutError } from '@lambent/core'
import { type Correlation, correlate, correlationOf } from '@lambent/core/correlation'
import {
  context,
  createTraceState,
  type Link,
  type Context as OtelContext,
  ROOT_CONTEXT,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  type TracerProvider,
  trace,
} from '@opentelemetry/api'
import { type Attributes, errorOf, type Spans } from './span.ts'
import { pipelineBy, tracingBy } from './traced.ts'

export interface TracingOptions {
  /** @default the one that is registered; with none, there are no spans */
  readonly tracerProvider?: TracerProvider | undefined
}

const KINDS = { server: SpanKind.SERVER, consumer: SpanKind.CONSUMER, internal: SpanKind.INTERNAL }

/**
 * A span for each unit: before `.each()` for the invocation, after it for each record; it may stand in both places. Names
 * and attributes are those of the semantic conventions for functions, HTTP and messaging. The span that is active is the
 * parent, such as that of an instrumentation of Lambda; else the sender's, by `traceparent` or X-Ray's header. Where both are there, the
 * sender's is linked. What is sent by `correlationOf(ctx)`, such as dead letters, belongs to the span.
 *
 * ```ts
 * import { tracing } from '@lambent/powertools/tracing'
 *
 * export const handler = sqs().use(tracing()).each().use(tracing()).handle(…)
 * ```
 *
 * @see https://opentelemetry.io/docs/specs/semconv/faas/faas-spans/
 */
export function tracing(options: TracingOptions = {}): Middleware {
  return tracingBy(spansOf(options))
}

/**
 * A pipeline each of whose middlewares has a span, within that of the unit, and the handler too: for a closer look.
 *
 * ```ts
 * export const handler = traceMiddlewares(sqs()).use(tracing()).each().use(parse(json(Order))).handle(…)
 * ```
 *
 * @throws {TypeError} for what is no pipeline
 */
export function traceMiddlewares<P extends object>(pipeline: P, options: TracingOptions = {}): P {
  return pipelineBy(pipeline, spansOf(options))
}

function spansOf({ tracerProvider }: TracingOptions): Spans {
  if (tracerProvider !== undefined && typeof tracerProvider.getTracer !== 'function')
    throw new TypeError('tracing({ tracerProvider }) takes a TracerProvider of OpenTelemetry')
  return {
    async within({ name, kind, attributes }, run, ctx) {
      const tracer = (tracerProvider ?? trace.getTracerProvider()).getTracer('@lambent/powertools')
      const came = ctx && cameWith(ctx)
      const { parent, links } = came ? originOf(came) : { parent: context.active(), links: [] }
      const span = tracer.startSpan(name, { kind: KINDS[kind], attributes, links }, parent)
      if (ctx && came) carry(ctx, came, span.spanContext())
      const fails = (error: unknown) => {
        const { failed, attributes } = errorOf(error)
        span.setAttributes(attributes)
        if (!failed) return
        const message = `${Object(error).message ?? error}`.slice(0, 500)
        span.recordException(error instanceof Error ? error : message)
        span.setStatus({ code: SpanStatusCode.ERROR, message })
      }
      const inTime =
        ctx &&
        !isBatch(ctx) &&
        untilLate(ctx, at => {
          fails(new TimeoutError('it did not end at the deadline'))
          span.end(at)
        })
      try {
        return await context.with(trace.setSpan(parent, span), () =>
          run({ set: (more: Attributes) => void (span.isRecording() && span.setAttributes(more)) }),
        )
      } catch (error) {
        if (span.isRecording()) fails(error)
        throw error
      } finally {
        if (inTime) inTime()
        if (span.isRecording()) span.end()
      }
    },
  }
}

const MOST_GRACE = 100 // ms

/**
 * Calls `late` when what heeds the signal has had time to end, with when the signal fired: an answer may have come in
 * between, and with it a freeze of hours. A span that nobody ends is never seen, and what hung is
 * what one looks for. A batch ends by itself, without what hangs, after half of the time that is left then.
 */
function untilLate({ signal, lambda }: Context, late: (at: number) => void): () => void {
  let timer: NodeJS.Timeout | undefined
  const wait = () => {
    const grace = Math.min(MOST_GRACE, (lambda?.getRemainingTimeInMillis?.() ?? Infinity) / 4)
    timer = setTimeout(late, grace, Date.now()).unref()
  }
  if (signal.aborted) wait()
  else signal.addEventListener('abort', wait)
  return () => {
    clearTimeout(timer)
    signal.removeEventListener('abort', wait)
  }
}

function isBatch(ctx: Context & { readonly records?: unknown }): boolean {
  return ctx.unit.kind === 'invocation' && ctx.records !== undefined
}

const senders = new WeakMap<Context['unit'], Correlation>()

/** What the unit came with, also when `retry()` runs it again: the span of the first attempt is no sender. */
function cameWith(ctx: Context): Correlation {
  const came = senders.get(ctx.unit) ?? correlationOf(ctx)
  senders.set(ctx.unit, came)
  return came
}

function originOf(came: Correlation): { readonly parent: OtelContext; readonly links: Link[] } {
  const active = context.active()
  const running = trace.getSpanContext(active)
  const sender = remoteOf(came)
  if (!running) return { parent: sender ? trace.setSpanContext(ROOT_CONTEXT, sender) : active, links: [] }
  // A record without a trace of its own has that of its invocation: no news.
  const linked = sender && sender.traceId !== running.traceId
  return { parent: active, links: linked ? [{ context: sender }] : [] }
}

function remoteOf({ traceparent, tracestate, xray }: Correlation): SpanContext | undefined {
  const [, traceId, spanId, flags] = /^00-(\w{32})-(\w{16})-(\w\w)$/.exec(traceparent ?? '') ?? ofXRay(xray) ?? []
  if (!traceId || !spanId || !flags) return undefined
  return {
    traceId,
    spanId,
    traceFlags: Number.parseInt(flags, 16) & 1,
    isRemote: true,
    ...(tracestate && { traceState: createTraceState(tracestate) }),
  }
}

/** As OpenTelemetry's propagator for X-Ray reads it. */
function ofXRay(xray = ''): readonly string[] | undefined {
  const [, time, rest] = /Root=1-([\da-fA-F]{8})-([\da-fA-F]{24})/.exec(xray) ?? []
  const [, parent] = /Parent=([\da-fA-F]{16})/.exec(xray) ?? []
  return time && parent
    ? [xray, `${time}${rest}`.toLowerCase(), parent.toLowerCase(), /Sampled=1/.test(xray) ? '01' : '00']
    : undefined
}

/** What is sent because of the unit is a child of its span. */
function carry(ctx: Context, came: Correlation, { traceId, spanId, traceFlags, traceState }: SpanContext): void {
  if (/^0+$/.test(traceId)) return // nobody is registered
  const tracestate = traceState?.serialize() ?? came.tracestate
  correlate(ctx, {
    ...came,
    traceId,
    traceparent: `00-${traceId}-${spanId}-0${traceFlags & 1}`,
    ...(tracestate && { tracestate }),
  })
}
