// A letter of Lambent, checked field by field: it comes from a queue that others may write to.
import type { Classification } from '@lambent/core'
import { count, defined, type Loose, millis, object, text } from './json.ts'
import {
  type Encoding,
  type ErrorDetail,
  FORMAT,
  type FunctionDetail,
  type Letter,
  type Origin,
  type Reason,
  type StoredAttribute,
  type TraceDetail,
} from './letter.ts'

const ENCODINGS: readonly unknown[] = ['text', 'utf-8', 'base64', 'json', 'empty']
const REASONS: readonly unknown[] = ['permanent', 'attempts', 'when']
const CLASSIFICATIONS: readonly unknown[] = ['retryable', 'permanent', 'unknown']

/** The letter, or what is wrong with it. Fields that are not of the format are left out. */
export function readLetter(value: Loose): Letter | string {
  const { format, version, at, firstAt, times, reason, classification, encoding, redacted, truncated } = value
  if (format !== FORMAT) return `format is not ${FORMAT}`
  if (version !== 1)
    return `version ${JSON.stringify(version)?.slice(0, 20)} is not known here: a newer @lambent/dead-letter reads it`
  const error = readError(value.error, 0)
  const origin = readOrigin(value.origin)
  if (millis(at) === undefined || typeof at !== 'string') return 'at is no ISO 8601 time'
  if (!ENCODINGS.includes(encoding)) return 'encoding is none of text, utf-8, base64, json, empty'
  if (!error) return 'error has no name and message'
  if (!origin) return 'origin has no kind, source and id'
  return defined({
    format: FORMAT,
    version: 1,
    at,
    firstAt: text(firstAt),
    times: count(times) || 1,
    reason: (REASONS.includes(reason) ? reason : 'permanent') as Reason,
    classification: (CLASSIFICATIONS.includes(classification) ? classification : 'unknown') as Classification,
    encoding: encoding as Encoding,
    redacted: redacted === true || undefined,
    truncated: truncated === true || undefined,
    error,
    origin,
    function: readFunction(value.function),
    trace: texts(value.trace, ['correlationId', 'traceId', 'traceparent', 'tracestate', 'xray']) as
      | TraceDetail
      | undefined,
  }) as Letter
}

const DEPTH = 16

function readError(value: unknown, depth: number): ErrorDetail | undefined {
  const { name, message, code, stack, cause, errors } = object(value) ?? {}
  if (typeof name !== 'string' || typeof message !== 'string' || depth > DEPTH) return undefined
  const members = Array.isArray(errors)
    ? errors.map(each => readError(each, depth + 1)).filter(each => each !== undefined)
    : []
  return defined({
    name,
    message,
    code: text(code),
    stack: text(stack),
    cause: readError(cause, depth + 1),
    errors: members.length > 0 ? members : undefined,
  }) as ErrorDetail
}

function readOrigin(value: unknown): Origin | undefined {
  const given = object(value) ?? {}
  const { kind, source, id } = given
  if ((kind !== 'record' && kind !== 'invocation') || typeof source !== 'string' || typeof id !== 'string')
    return undefined
  return defined({
    kind,
    source,
    id,
    ...texts(given, ['sourceArn', 'groupId', 'sentAt', 'firstReceivedAt']),
    receiveCount: count(given.receiveCount),
    details: object(given.details),
    messageAttributes: readAttributes(given.messageAttributes),
  }) as Origin
}

function readAttributes(value: unknown): Readonly<Record<string, StoredAttribute>> | undefined {
  const entries = Object.entries(object(value) ?? {}).flatMap(([name, attribute]) => {
    const stored = texts(attribute, ['dataType', 'stringValue', 'binaryValue'])
    return stored?.dataType ? [[name, stored] as const] : []
  })
  return entries.length > 0 ? (Object.fromEntries(entries) as unknown as Record<string, StoredAttribute>) : undefined
}

function readFunction(value: unknown): FunctionDetail | undefined {
  const found = texts(value, ['name', 'version', 'arn', 'requestId', 'logGroup', 'logStream', 'tenantId'])
  return found?.name ? (found as unknown as FunctionDetail) : undefined
}

/** Those of the fields that are texts, or undefined for none. */
function texts(value: unknown, names: readonly string[]): Readonly<Record<string, string>> | undefined {
  const given = object(value)
  const found = names.flatMap(name => {
    const each = given && Object.hasOwn(given, name) ? text(given[name]) : undefined
    return each === undefined ? [] : [[name, each] as const]
  })
  return found.length > 0 ? Object.fromEntries(found) : undefined
}
