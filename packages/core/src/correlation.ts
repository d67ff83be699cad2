// One trail across services: which ids a unit came with, and how they are put on what is sent because of it. An entry
// of its own, `@lambent/core/correlation`, so that a function that sends nothing does not carry it.
import type { Context } from './context.ts'
import { isObject, type Loose } from './event-kind.ts'
import type { LambdaContext } from './lambda.ts'
import type { Unit } from './unit.ts'

/** The ids of a trail. All of them are safe in a header, in an attribute and in a line of a log. */
export interface Correlation {
  /**
   * What the sender called the trail; else the trace id; else the id of the unit where that is one token (message id,
   * sequence number), else the request id. Stays the same when a message is delivered again.
   */
  readonly correlationId: string
  /** The id of the trace, 32 hexadecimal digits: of `traceparent`, else of the X-Ray header. */
  readonly traceId?: string | undefined
  /** W3C trace context, valid by its rules. @see https://www.w3.org/TR/trace-context/ */
  readonly traceparent?: string | undefined
  /** Only beside `traceparent`; at most 512 characters. */
  readonly tracestate?: string | undefined
  /**
   * The tracing header of X-Ray: `Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1`.
   * @see https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-tracingheader
   */
  readonly xray?: string | undefined
}

/** What `correlationOf` looks into: the context of any pipeline, of an invocation or of a record. */
export interface Correlated extends Pick<Context, 'unit' | 'event'> {
  readonly lambda?: LambdaContext | undefined
}

// Compared without case and separators: `X-Correlation-Id` and `correlationId` of the same sender's are one.
const IDS = ['xcorrelationid', 'correlationid', 'xrequestid', 'requestid']
const NAMES = new Set([...IDS, 'traceparent', 'tracestate', 'xamzntraceid', 'awstraceheader'])

const ID = /^[!#-+\--;=?-[\]-~]{1,128}$/ // visible ASCII without what quotes, lists and markup are made of
const TOKEN = /^[\w.:-]{1,128}$/

/**
 * The trail that a unit belongs to. Read are
 * - `x-correlation-id`, `correlation-id`, `x-request-id` and `request-id`, in this order, also as `correlationId` or
 *   `correlation_id`: of HTTP headers, of message attributes of SQS and SNS, of headers of Kafka, of `detail.metadata`
 *   and `detail` of EventBridge, and of an envelope of SNS or EventBridge in the body of a message of SQS. Kinesis,
 *   DynamoDB Streams and S3 carry none;
 * - the same of a dead letter of Lambent, in a queue, of a topic or a bus, also once it was redriven;
 * - `traceparent` and `tracestate` of the same places;
 * - the tracing header of X-Ray: `AWSTraceHeader` of a message of SQS, `x-amzn-trace-id`.
 *
 * What is not valid is ignored. An invocation belongs to the trace that Lambda says, unless the event has a `traceparent`;
 * a record without a trace belongs to that of its invocation.
 */
export function correlationOf(ctx: Correlated): Correlation {
  const { unit, lambda } = ctx
  const said = trails.get(unit)
  if (said) return said
  const came = carried(ctx)
  const sender = w3cOf(came.get('traceparent'), came.get('tracestate'))
  const xray = xrayOf(came.get('awstraceheader') ?? came.get('xamzntraceid'))
  const own = unit.kind === 'record' && (sender ?? xray) ? { xray, ...sender } : undefined
  const trace = own ?? { xray: lambdaXray(lambda) ?? xray, ...(sender ?? lambdaW3c()) }
  const traceId = trace.traceparent?.slice(3, 35) ?? rootOf(trace.xray)?.slice(2).replace('-', '')
  const given = IDS.map(name => came.get(name)).find(id => id !== undefined && ID.test(id))
  const fallback = TOKEN.test(unit.id) ? unit.id : (lambda?.awsRequestId ?? '')
  return { correlationId: given ?? traceId ?? fallback, traceId, ...trace }
}

const trails = new WeakMap<Unit, Correlation>()

/**
 * Says the trail of a unit, for a middleware that starts a span for it: what is sent is then a child of that span. It
 * stands before all that came with the unit.
 */
export function correlate({ unit }: Pick<Context, 'unit'>, correlation: Correlation): void {
  trails.set(unit, correlation)
}

/** Headers for a request. A `traceparent` that a tracer sets itself stands before this one. */
export function httpHeaders(correlation: Correlation): Record<string, string> {
  return { ...named(correlation), ...(correlation.xray && { 'x-amzn-trace-id': correlation.xray }) }
}

/** An attribute of a message, as the AWS SDK takes it. */
export interface StringAttribute {
  readonly DataType: 'String'
  readonly StringValue: string
}

const MOST_ATTRIBUTES = 10 // of a message of SQS; SNS hands no more on to a queue with raw delivery

/**
 * The part of `SendMessage`, or of an entry of `SendMessageBatch`, that carries the trail. `attributes` are the message's
 * own: they stay as they are, and where they leave no room among the 10 that SQS allows, the trail gives way.
 *
 * ```ts
 * await queue.sendMessage({ QueueUrl, MessageBody, ...sqsAttributes(correlationOf(ctx)) })
 * ```
 *
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html
 */
export function sqsAttributes<Own extends object = never>(
  correlation: Correlation,
  attributes?: Readonly<Record<string, Own>>,
): {
  MessageAttributes: Record<string, Own | StringAttribute>
  MessageSystemAttributes?: { AWSTraceHeader: StringAttribute }
} {
  const { xray } = correlation
  return {
    ...snsAttributes(correlation, attributes),
    ...(xray && { MessageSystemAttributes: { AWSTraceHeader: text(xray) } }),
  }
}

/** The part of `Publish`, or of an entry of `PublishBatch`, that carries the trail, as in `sqsAttributes`. */
export function snsAttributes<Own extends object = never>(
  correlation: Correlation,
  attributes: Readonly<Record<string, Own>> = {},
): { MessageAttributes: Record<string, Own | StringAttribute> } {
  const MessageAttributes: Record<string, Own | StringAttribute> = { ...attributes }
  for (const [name, value] of Object.entries(named(correlation)))
    if (!Object.hasOwn(attributes, name) && Object.keys(MessageAttributes).length < MOST_ATTRIBUTES)
      MessageAttributes[name] = text(value)
  return { MessageAttributes }
}

/**
 * The part of an entry of `PutEvents` that carries the trail: `Detail` as JSON, with it in `metadata` beside what is
 * there, and `TraceHeader`.
 *
 * ```ts
 * await bus.putEvents({ Entries: [{ Source, DetailType, ...eventBridgeDetail(correlationOf(ctx), { orderId }) }] })
 * ```
 *
 * @see https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEventsRequestEntry.html
 */
export function eventBridgeDetail(
  { correlationId, traceparent, tracestate, xray }: Correlation,
  detail: object,
): { Detail: string; TraceHeader?: string } {
  const { metadata } = detail as Loose
  const trail = { correlationId, traceparent, tracestate, ...(isObject(metadata) && metadata) }
  return { Detail: JSON.stringify({ ...detail, metadata: trail }), ...(xray && { TraceHeader: xray }) }
}

function text(value: string): StringAttribute {
  return { DataType: 'String', StringValue: value }
}

function named({ correlationId, traceparent, tracestate }: Correlation): Record<string, string> {
  return {
    ...(correlationId && { 'x-correlation-id': correlationId }),
    ...(traceparent && { traceparent }),
    ...(traceparent && tracestate && { tracestate }),
  }
}

type Carrier = Map<string, string>

/** What the event says, by name; the first place stands before later ones. Any JSON may come: what is none is no id. */
function carried({ event, lambda }: Correlated): Carrier {
  const carrier: Carrier = new Map()
  if (!isObject(event)) return carrier
  put(carrier, event.messageAttributes, 'stringValue')
  put(carrier, event.attributes)
  if (isObject(event.Sns)) put(carrier, event.Sns.MessageAttributes, 'Value')
  put(carrier, event.messageAttributes, 'Value') // of SNS, in `unit.origin`
  if (Array.isArray(event.headers)) for (const header of event.headers) put(carrier, header)
  put(carrier, event.multiValueHeaders)
  put(carrier, event.headers)
  putDetail(carrier, event)
  putEnvelope(carrier, event)
  putLetter(carrier, event)
  const { clientContext } = { ...lambda } as { readonly clientContext?: unknown }
  if (isObject(clientContext)) for (const custom of ['custom', 'Custom']) put(carrier, clientContext[custom])
  return carrier
}

function put(carrier: Carrier, values: unknown, field?: string): void {
  if (!isObject(values)) return
  for (const name of Object.keys(values)) {
    const key = name.length < 20 ? name.toLowerCase().replace(/[-_]/g, '') : ''
    if (!NAMES.has(key) || carrier.has(key)) continue
    const value = field ? isObject(values[name]) && values[name][field] : values[name]
    if (typeof value === 'string') carrier.set(key, value)
    // Headers that were repeated, or the bytes of one of Kafka's.
    else if (Array.isArray(value) && value.length > 0 && value.length < 1024)
      carrier.set(key, typeof value[0] === 'number' ? Buffer.from(value).toString('latin1') : value.join(','))
  }
}

function putDetail(carrier: Carrier, { detail }: Loose): void {
  if (!isObject(detail)) return
  put(carrier, detail.metadata)
  put(carrier, detail)
}

/** A queue that is subscribed to a topic, or the target of a rule, gets the whole envelope as the body. */
function putEnvelope(carrier: Carrier, { body, eventSource }: Loose): void {
  if (eventSource !== 'aws:sqs' || typeof body !== 'string') return
  // The envelope has these keys first: other bodies are not parsed.
  if (!/^\s*\{\s*"(Type"\s*:\s*"Notification"|version"\s*:\s*"0"\s*,\s*"id")/.test(body.slice(0, 100))) return
  try {
    const envelope: unknown = JSON.parse(body)
    if (!isObject(envelope)) return
    put(carrier, envelope.MessageAttributes, 'Value')
    putDetail(carrier, envelope)
  } catch {} // a body that only looks like an envelope
}

const LETTER = 'lambent.deadLetter'

/** A dead letter, or what was redriven from one, belongs to the trail of what failed. */
function putLetter(carrier: Carrier, { messageAttributes, Sns, detail }: Loose): void {
  for (const attributes of [messageAttributes, isObject(Sns) && Sns.MessageAttributes]) {
    const attribute = isObject(attributes) && attributes[LETTER]
    if (!isObject(attribute)) continue
    try {
      const letter: unknown = JSON.parse(`${attribute.stringValue ?? attribute.Value}`)
      if (isObject(letter)) put(carrier, letter.trace)
    } catch {} // of somebody else's
  }
  if (isObject(detail) && detail.format === LETTER) put(carrier, detail.trace)
}

interface W3c {
  readonly traceparent: string
  readonly tracestate: string | undefined
}

const TRACEPARENT = /^(?!ff)([0-9a-f]{2})-((?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/

/** Of a later version than 00 what 00 has, as the recommendation says. */
function w3cOf(traceparent: string | undefined, tracestate: string | undefined): W3c | undefined {
  if (traceparent === undefined) return undefined // a pattern that is never used is never compiled
  const [, version, ids, flags = '', more] = TRACEPARENT.exec(traceparent.trim()) ?? []
  if (!ids || (version === '00' && more)) return undefined
  const known = version === '00' ? flags : `0${Number.parseInt(flags, 16) & 1}`
  return { traceparent: `00-${ids}-${known}`, tracestate: tracestate === undefined ? undefined : stateOf(tracestate) }
}

const MOST_MEMBERS = 32
const MOST_STATE = 512 // characters: what the recommendation asks for
const MEMBER =
  /^([a-z][a-z\d_*/-]{0,255}|[a-z\d][a-z\d_*/-]{0,240}@[a-z][a-z\d_*/-]{0,13})=[ -+\--<>-~]{0,255}[!-+\--<>-~]$/

/** Members from the left, as many as fit, those that are too long first left out. Undefined where one is not valid. */
function stateOf(tracestate: string): string | undefined {
  if (tracestate.length > MOST_MEMBERS * MOST_STATE) return undefined
  const members = tracestate
    .split(',')
    .map(member => member.trim())
    .filter(member => member !== '')
  const keys = new Set(members.map(member => member.split('=', 1)[0]))
  if (members.length > MOST_MEMBERS || keys.size < members.length || !members.every(member => MEMBER.test(member)))
    return undefined
  let kept = members
  if (kept.join().length > MOST_STATE) kept = kept.filter(member => member.length <= 128)
  while (kept.join().length > MOST_STATE) kept = kept.slice(0, -1)
  return kept.join() || undefined
}

const XRAY = /^[\w.:;|= -]{1,512}$/
// Without `i`: a class of letters costs several times as much to compile with it.
const ROOT = /(?:^|;)\s*Root=(1-[\da-fA-F]{8}-[\da-fA-F]{24})(?:;|$)/

function rootOf(xray: string | undefined): string | undefined {
  return xray === undefined ? undefined : ROOT.exec(xray)?.[1]?.toLowerCase()
}

/** The header as it came, where it names a trace and nothing strange. */
function xrayOf(xray: unknown): string | undefined {
  return typeof xray === 'string' && XRAY.test(xray) && rootOf(xray) ? xray.trim() : undefined
}

// What AWS's own runtime keeps of the running invocation, by AsyncLocalStorage where many run at once.
interface InvokeStore {
  getXRayTraceId?(): unknown
  getTraceparent?(): unknown
  getTracestate?(): unknown
}

function invokeStore(): InvokeStore | undefined {
  return (globalThis as { readonly awslambda?: { readonly InvokeStore?: InvokeStore } }).awslambda?.InvokeStore
}

/** On Managed Instances many invocations share the environment: its variable, if it is set, is of another one. */
function lambdaXray(lambda: LambdaContext | undefined): string | undefined {
  const { xRayTraceId } = { ...lambda } as { readonly xRayTraceId?: unknown }
  const { env } = process
  const ofProcess = env.AWS_LAMBDA_MAX_CONCURRENCY === undefined ? env._X_AMZN_TRACE_ID : undefined
  return xrayOf(xRayTraceId) ?? xrayOf(invokeStore()?.getXRayTraceId?.()) ?? xrayOf(ofProcess)
}

function lambdaW3c(): W3c | undefined {
  const store = invokeStore()
  const [traceparent, tracestate] = [store?.getTraceparent?.(), store?.getTracestate?.()].map(value =>
    typeof value === 'string' ? value : undefined,
  )
  return w3cOf(traceparent, tracestate)
}
