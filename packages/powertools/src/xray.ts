// `tracing(tracer)` by Powertools' Tracer and X-Ray. An entry of its own, `@lambent/powertools/xray`; it imports nothing
// of either: the Tracer is yours.
import type { Middleware } from '@lambent/core'
import { errorOf, type Spans } from './span.ts'
import { pipelineBy, tracingBy } from './traced.ts'

/** A Tracer of Powertools, as far as it is used here. */
export interface PowertoolsTracer {
  isTracingEnabled(): boolean
  addErrorAsMetadata(error: Error): void
  addServiceNameAnnotation(): void
  annotateColdStart(): void
  putAnnotation(key: string, value: string | number | boolean): void
  readonly provider: {
    captureAsyncFunc(name: string, run: (subsegment?: { close(): void }) => unknown): unknown
  }
}

/**
 * A subsegment for each unit, on a Tracer that you made: before `.each()` for the invocation, with annotations of the cold
 * start and the service, after it for each record. Those of records that run at once do not mix.
 *
 * ```ts
 * import { Tracer } from '@aws-lambda-powertools/tracer'
 * import { tracing } from '@lambent/powertools/xray'
 *
 * export const handler = http().use(tracing(new Tracer({ serviceName: 'orders' }))).handle(…)
 * ```
 *
 * @throws {TypeError} when it is defined, for what is no Tracer
 * @see https://docs.aws.amazon.com/powertools/typescript/latest/features/tracer/
 */
export function tracing(tracer: PowertoolsTracer): Middleware {
  return tracingBy(spansOf(tracer))
}

/**
 * A pipeline each of whose middlewares has a subsegment, and the handler too: for a closer look.
 * @throws {TypeError} for what is no pipeline, or no Tracer
 */
export function traceMiddlewares<P extends object>(pipeline: P, tracer: PowertoolsTracer): P {
  return pipelineBy(pipeline, spansOf(tracer))
}

function spansOf(tracer: PowertoolsTracer): Spans {
  if (typeof tracer?.provider?.captureAsyncFunc !== 'function' || typeof tracer.isTracingEnabled !== 'function')
    throw new TypeError('tracing() of @lambent/powertools/xray takes a Tracer of Powertools')
  return {
    async within({ name, attributes, kind }, run, ctx) {
      if (!tracer.isTracingEnabled()) return run({ set() {} })
      const annotate = (values: Readonly<Record<string, string | number | boolean>>) => {
        // X-Ray takes letters, digits and underscores.
        for (const [key, value] of Object.entries(values)) tracer.putAnnotation(key.replace(/\W/g, '_'), value)
      }
      // In a context of its own: units that run at once each have theirs.
      return await (tracer.provider.captureAsyncFunc(`## ${segmentName(name)}`, async subsegment => {
        try {
          if (ctx?.unit.kind === 'invocation') {
            tracer.annotateColdStart()
            tracer.addServiceNameAnnotation()
          }
          if (kind !== 'internal') annotate(attributes)
          return await run({ set: annotate })
        } catch (error) {
          const { failed, attributes } = errorOf(error)
          annotate(attributes)
          if (failed) tracer.addErrorAsMetadata(error instanceof Error ? error : new Error(String(error)))
          throw error
        } finally {
          subsegment?.close()
        }
      }) as ReturnType<typeof run>)
    },
  }
}

/** https://docs.aws.amazon.com/xray/latest/devguide/xray-api-segmentdocuments.html */
function segmentName(name: string): string {
  return name.replace(/[^\p{L}\p{N}\p{Z}_.:/%&#=+\\\-@]/gu, '_').slice(0, 190)
}
