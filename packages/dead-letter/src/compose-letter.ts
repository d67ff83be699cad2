// From a failed unit to the parts of its dead letter: what is known about it, in the words of the format.
import { type Context, classify, type Raw, type Unit } from '@lambent/core'
import { correlationOf } from '@lambent/core/correlation'
import { attributesOf, isSendable, type MessageAttributes, storedAttributes } from './attributes.ts'
import { type Body, encodeBody } from './body.ts'
import { errorDetail } from './error-detail.ts'
import { identityOf, messageGroup } from './identity.ts'
import { count, defined, jsonObject, millis, object, plain, text } from './json.ts'
import {
  type ErrorDetail,
  FORMAT,
  type FunctionDetail,
  type Letter,
  type Origin,
  type Reason,
  type Redactable,
  type TraceDetail,
} from './letter.ts'
import { receivedBody } from './received-body.ts'

/** A dead letter before it is cut to what a sink takes. */
export interface Parts extends Body {
  readonly letter: Omit<Letter, 'encoding' | 'error' | 'origin'>
  readonly error: ErrorDetail
  readonly origin: Origin
  /** Those of the original that can be sent again. */
  readonly attributes: MessageAttributes
  readonly groupId: string
  readonly deduplicationId: string
}

export type Redact = (parts: Redactable, ctx: Context) => Redactable

/**
 * @throws what `redact` throws
 * @throws {TypeError} for a payload that JSON cannot carry
 */
export function partsOf(ctx: Context, error: unknown, reason: Reason, redact: Redact | undefined): Parts {
  const { unit } = ctx
  const { own, others } = split(attributesOf(object(unit.origin)?.messageAttributes))
  const whole: Redactable = {
    body: receivedBody(unit),
    attributes: others,
    error: errorDetail(error),
    origin: originOf(unit),
  }
  const kept = redact ? mustBeRedactable(redact(whole, ctx)) : whole
  const redacted = kept.body !== whole.body || kept.attributes !== whole.attributes
  const now = new Date().toISOString()
  const deduplicationId = identityOf(ctx)
  return {
    ...encodeBody(kept.body),
    letter: defined({
      format: FORMAT,
      version: 1,
      at: now,
      firstAt: own?.firstAt,
      times: (own?.times ?? 0) + 1,
      reason,
      classification: classify(error),
      redacted: redacted || undefined,
      function: functionOf(ctx),
      trace: traceOf(ctx),
    }) as Parts['letter'],
    error: kept.error,
    origin: kept.origin,
    attributes: kept.attributes,
    groupId: messageGroup(unit.groupId, deduplicationId),
    deduplicationId,
  }
}

interface Split {
  /** What an earlier letter said, of a message that came back with it. */
  readonly own: { readonly times: number; readonly firstAt: string | undefined } | undefined
  readonly others: MessageAttributes
}

function split({ [FORMAT]: earlier, ...others }: MessageAttributes): Split {
  const { times, firstAt, at } = jsonObject(earlier?.stringValue) ?? {}
  if (!earlier) return { own: undefined, others }
  return { own: { times: count(times) ?? 1, firstAt: isoTime(firstAt ?? at) }, others }
}

function originOf(unit: Unit): Origin {
  const { kind, source, id, sourceArn, groupId, attempt, sentAt, origin } = unit
  const { messageAttributes: _, payload: __, ...details } = object(origin) ?? {}
  return defined({
    kind,
    source,
    id,
    sourceArn: text(sourceArn),
    groupId: text(groupId),
    receiveCount: attempt,
    sentAt: isoTime(sentAt),
    firstReceivedAt: isoTime(object(details.attributes)?.ApproximateFirstReceiveTimestamp),
    details: Object.keys(details).length > 0 ? plain(details) : undefined,
  }) as Origin
}

const YEAR_10000 = 253_402_300_800_000 // RFC 3339 has four digits for the year

function isoTime(time: unknown): string | undefined {
  const at = millis(time)
  return at === undefined || at < 0 || at >= YEAR_10000 ? undefined : new Date(at).toISOString()
}

/** A test may have no Lambda context, or half of one. */
function functionOf({ lambda }: Context): FunctionDetail | undefined {
  const { functionName, functionVersion, invokedFunctionArn, awsRequestId, logGroupName, logStreamName, tenantId } =
    object(lambda) ?? {}
  const name = text(functionName)
  if (!name) return undefined
  return defined({
    name,
    version: text(functionVersion),
    arn: text(invokedFunctionArn),
    requestId: text(awsRequestId),
    logGroup: text(logGroupName),
    logStream: text(logStreamName),
    tenantId: text(tenantId),
  }) as FunctionDetail
}

function traceOf(ctx: Context): TraceDetail | undefined {
  const { correlationId, traceId, traceparent, tracestate, xray } = correlationOf(ctx)
  const trace = defined({ correlationId: text(correlationId), traceId, traceparent, tracestate, xray })
  return Object.keys(trace).length > 0 ? (trace as TraceDetail) : undefined
}

function mustBeRedactable(parts: Redactable): Redactable {
  const { attributes, error, origin } = Object(parts) as Partial<Redactable>
  if (parts && 'body' in parts && object(attributes) && object(error) && object(origin)) return parts
  throw new TypeError(
    'redact must return { body, attributes, error, origin }: spread what it gets, and change parts of it',
  )
}

const MOST_ATTRIBUTES = 10

/** Of the original's attributes those that travel beside `reserved` ones of ours; the others are told in the origin. */
export function room({ attributes, origin }: Parts, reserved: number): { beside: MessageAttributes; origin: Origin } {
  const names = Object.keys(attributes)
  const sendable = names.filter(name => isSendable(name, attributes[name] as MessageAttributes[string]))
  const beside = new Set(sendable.slice(0, MOST_ATTRIBUTES - reserved))
  const pick = (wanted: boolean) =>
    Object.fromEntries(Object.entries(attributes).filter(([name]) => beside.has(name) === wanted))
  const messageAttributes = storedAttributes(pick(false))
  return { beside: pick(true), origin: messageAttributes ? { ...origin, messageAttributes } : origin }
}

export type { Raw }
