// What a dead letter says beside the payload: format `lambent.deadLetter`, version 1. `schema/dead-letter-v1.schema.json`
// is the same for other languages.
import type { Classification, Raw } from '@lambent/core'
import type { MessageAttributes } from './attributes.ts'

/** The name of the format, and of the message attribute that carries it. */
export const FORMAT = 'lambent.deadLetter'

/**
 * How the body stands for the payload. `text`: it is the payload. `utf-8`: the payload is bytes, and the body the text
 * that they are. `base64`: the payload is bytes. `json`: the body is the JSON of the payload. `empty`: the payload is
 * no bytes, and the body `-`, since SQS takes no empty one.
 */
export type Encoding = 'text' | 'utf-8' | 'base64' | 'json' | 'empty'

/** Why it is a dead letter: the error is permanent, it was received `after` times, or `when` said so. */
export type Reason = 'permanent' | 'attempts' | 'when'

/** An error, or anything else that was thrown, cut to what a person reads. */
export interface ErrorDetail {
  readonly name: string
  /** At most 2,048 characters. */
  readonly message: string
  readonly code?: string
  /** At most 4,096 characters; of causes and members 1,024. */
  readonly stack?: string
  readonly cause?: ErrorDetail
  /** The first five members of an AggregateError. */
  readonly errors?: readonly ErrorDetail[]
}

/** Where the payload came from. Times are ISO 8601 in UTC. */
export interface Origin {
  /** `record`, or `invocation` for a whole event. */
  readonly kind: 'invocation' | 'record'
  /** As AWS calls the source: `aws:sqs`, `aws:kinesis`, `aws:events`, … */
  readonly source: string
  /** Message id, sequence number, event id, request id. */
  readonly id: string
  readonly sourceArn?: string
  readonly groupId?: string
  /** How often it had been received, where the source counts. */
  readonly receiveCount?: number
  readonly sentAt?: string
  readonly firstReceivedAt?: string
  /** What else makes it whole again: of a change of DynamoDB its `eventName`, of a record of Kafka its key and headers, … */
  readonly details?: Readonly<Record<string, unknown>>
  /** Message attributes of the original that found no place beside the body. Binary values are base64. */
  readonly messageAttributes?: Readonly<Record<string, StoredAttribute>>
}

/** A message attribute as JSON has it. */
export interface StoredAttribute {
  readonly dataType: string
  readonly stringValue?: string
  /** Base64. */
  readonly binaryValue?: string
}

/** The function that gave the payload up. */
export interface FunctionDetail {
  readonly name: string
  readonly version?: string
  readonly arn?: string
  readonly requestId?: string
  readonly logGroup?: string
  readonly logStream?: string
  readonly tenantId?: string
}

/** What links it to traces and logs, as `@lambent/core/correlation` reads it. */
export interface TraceDetail {
  readonly correlationId?: string
  /** 32 hexadecimal digits. */
  readonly traceId?: string
  /** W3C Trace Context. */
  readonly traceparent?: string
  readonly tracestate?: string
  /** The X-Ray trace header. */
  readonly xray?: string
}

export interface Letter {
  readonly format: typeof FORMAT
  readonly version: 1
  /** When it became a dead letter, ISO 8601. */
  readonly at: string
  /** When it did so for the first time, where it came back from the dead letters before. */
  readonly firstAt?: string
  /** How often it did so, from 1. */
  readonly times: number
  readonly reason: Reason
  readonly classification: Classification
  readonly encoding: Encoding
  /** The body or the attributes are not what came: `redact` has changed them. */
  readonly redacted?: true
  /** Details of the error were cut, so that the message fits. */
  readonly truncated?: true
  readonly error: ErrorDetail
  readonly origin: Origin
  readonly function?: FunctionDetail
  readonly trace?: TraceDetail
}

/** A letter as one JSON document: in S3, and as the detail of an event. */
export interface LetterDocument extends Letter {
  readonly body: string
  readonly attributes?: Readonly<Record<string, StoredAttribute>>
}

/** What `redact` gets and gives back. */
export interface Redactable {
  /** The payload as it came: text, bytes, or a value. */
  readonly body: Raw
  /** The message attributes of the original. */
  readonly attributes: MessageAttributes
  readonly error: ErrorDetail
  readonly origin: Origin
}
