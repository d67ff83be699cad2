// What a span says of a unit, in the words of OpenTelemetry's semantic conventions 1.4x.
// https://opentelemetry.io/docs/specs/semconv/faas/faas-spans/
// https://opentelemetry.io/docs/specs/semconv/messaging/sqs/
// https://opentelemetry.io/docs/specs/semconv/http/http-spans/
import { type Context, HttpError } from '@lambent/core'

export type Attributes = Readonly<Record<string, string | number | boolean>>

/** A span to be. */
export interface Description {
  readonly name: string
  readonly kind: 'server' | 'consumer' | 'internal'
  readonly attributes: Attributes
}

/** What makes spans: OpenTelemetry, or X-Ray. */
export interface Spans {
  /** Runs within a span, of a unit where `ctx` is given. What is thrown is told, and goes on. */
  within<T>(description: Description, run: (span: Span) => Promise<T>, ctx?: Context): Promise<T>
}

export interface Span {
  set(attributes: Attributes): void
}

const TRIGGERS: Readonly<Record<string, string>> = {
  'aws:apigateway': 'http',
  'aws:lambda-url': 'http',
  'aws:elasticloadbalancing': 'http',
  'aws:sqs': 'pubsub',
  'aws:sns': 'pubsub',
  'aws:kafka': 'pubsub',
  SelfManagedKafka: 'pubsub',
  'aws:events': 'pubsub',
  'aws:scheduler': 'timer',
  'aws:s3': 'datasource',
  'aws:dynamodb': 'datasource',
  'aws:kinesis': 'datasource',
}
const MESSAGING: Readonly<Record<string, string>> = {
  'aws:sqs': 'aws_sqs',
  'aws:sns': 'aws.sns',
  'aws:kinesis': 'aws_kinesis',
  'aws:kafka': 'kafka',
  SelfManagedKafka: 'kafka',
  'aws:events': 'aws.eventbridge',
}

/** Of an invocation, or of a record. */
export function descriptionOf(ctx: Context, coldStart: boolean): Description {
  const { unit, lambda } = ctx
  const { source, sourceArn } = unit
  const trigger = TRIGGERS[source] ?? 'other'
  const { method, path, route } = requestOf(ctx)
  const name = nameOf(sourceArn)
  const attributes = {
    'faas.trigger': trigger,
    'faas.invocation_id': lambda?.awsRequestId,
    'faas.coldstart': unit.kind === 'invocation' ? coldStart : undefined,
    'cloud.resource_id': lambda?.invokedFunctionArn,
    'http.request.method': method,
    'url.path': path,
    'http.route': route,
    ...(MESSAGING[source] && {
      'messaging.system': MESSAGING[source],
      'messaging.operation.name': 'process',
      'messaging.operation.type': 'process',
      'messaging.destination.name': name,
      'messaging.message.id': unit.kind === 'record' ? unit.id : undefined,
      'messaging.batch.message_count': unit.kind === 'invocation' ? countOf(ctx) : undefined,
    }),
  }
  return {
    name:
      method !== undefined
        ? [method, route].filter(Boolean).join(' ')
        : name
          ? `process ${name}`
          : (lambda?.functionName ?? source),
    kind: trigger === 'http' ? 'server' : 'consumer',
    attributes: defined(attributes),
  }
}

/** What the answer of a unit adds: over HTTP its status. */
export function outcomeOf({ unit }: Context, value: unknown): Attributes {
  if (TRIGGERS[unit.source] !== 'http') return {}
  const { status, statusCode } = Object(value) as { readonly status?: unknown; readonly statusCode?: unknown }
  const code = Number(status ?? statusCode ?? 200)
  return Number.isInteger(code) ? { 'http.response.status_code': code } : {}
}

/** Of what was thrown: a 4xx that a server answers is no error of the server. */
export function errorOf(error: unknown): { readonly failed: boolean; readonly attributes: Attributes } {
  const { name, code } = Object(error) as { readonly name?: unknown; readonly code?: unknown }
  const status = error instanceof HttpError ? error.status : undefined
  const attributes = {
    'error.type': `${code ?? name ?? typeof error}`.slice(0, 100),
    'http.response.status_code': status,
  }
  return { failed: status === undefined || status >= 500, attributes: defined(attributes) }
}

/** The queue, topic, stream, table or bucket of an ARN; never an id. */
function nameOf(arn: string | undefined): string | undefined {
  const [, , , , , ...rest] = arn?.split(':') ?? []
  return rest.at(-1) === undefined
    ? undefined
    : rest
        .join(':')
        .replace(/^(stream|table|rule|event-bus)\//, '')
        .split('/')[0]
}

function countOf({ records }: Context & { readonly records?: unknown }): number | undefined {
  return Array.isArray(records) ? records.length : undefined
}

interface Request {
  readonly method?: string | undefined
  readonly path?: string | undefined
  readonly route?: string | undefined
}

function requestOf(ctx: Context & { readonly request?: unknown }): Request {
  const { method, path, route } = Object(ctx.request) as Readonly<Record<string, unknown>>
  const text = (value: unknown) => (typeof value === 'string' ? value : undefined)
  return { method: text(method), path: text(path), route: text(route) }
}

function defined(values: Readonly<Record<string, string | number | boolean | undefined>>): Attributes {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Attributes
}
