// What `parseDeadLetter()` gives: one shape for every way in which AWS, Spring and Lambent leave a message for a person.
import type { Raw } from '@lambent/core'
import type { MessageAttributes } from './attributes.ts'
import type { Letter } from './letter.ts'
import type { S3Pointer } from './pointer.ts'

/** What went wrong, as far as the format tells. */
export interface ParsedError {
  /** The name or class: `ParseError`, `java.lang.IllegalStateException`. */
  readonly name?: string
  readonly message?: string
  readonly code?: string
  readonly stack?: string
  readonly cause?: ParsedError
}

/** Where the payload came from, as far as the format tells. */
export interface ParsedOrigin {
  /** As AWS calls the source: `aws:sqs`, `aws:kinesis`, `aws:events`, … */
  readonly source?: string
  /** The queue, stream, rule or topic. */
  readonly sourceArn?: string
  readonly functionArn?: string
  /** Message id, sequence number, event id, request id. */
  readonly id?: string
  readonly groupId?: string
}

/** What all formats have in common. Times are epoch milliseconds. */
export interface ParsedCommon {
  /** The payload as text, as it would be sent again; of a pointer to a stream, and of `unknown`, what there is. */
  readonly body: string
  /** The message attributes of the original, without those that the dead letter added. */
  readonly attributes: MessageAttributes
  /** The id of the dead letter itself, of a message. */
  readonly messageId?: string
  readonly error?: ParsedError
  readonly origin?: ParsedOrigin
  /** How often it was received or tried before. */
  readonly receiveCount?: number
  /** The first time that is known: sent, received, or dead before. */
  readonly firstAt?: number
  /** The last time that is known to have failed. */
  readonly lastAt?: number
}

/** By the redrive policy of a queue: no error is told. */
export interface SqsRedrive extends ParsedCommon {
  readonly format: 'sqs-redrive'
  /** The queue that it came from. */
  readonly sourceQueueArn: string
  /** What `deadLetter()` said of it before: it was redriven since, and died in another way, of which nothing is told. */
  readonly earlier?: Letter
}

/** By the dead-letter queue of a function: the event alone. */
export interface LambdaAsyncDlq extends ParsedCommon {
  readonly format: 'lambda-async-dlq'
  readonly requestId: string
}

/** By the on-failure destination of a function that was invoked asynchronously. The body is the JSON of the event. */
export interface LambdaDestination extends ParsedCommon {
  readonly format: 'lambda-destination'
  readonly requestId: string
  /** `RetriesExhausted`, `EventAgeExceeded`, … */
  readonly condition: string
}

/** Where the records are, as long as the stream keeps them. */
export interface StreamPointer {
  readonly streamArn?: string
  readonly shardId: string
  readonly startSequenceNumber: string
  readonly endSequenceNumber: string
  readonly batchSize?: number
}

/** By the on-failure destination of a stream: a pointer, and the payload only where the destination is S3. */
export interface StreamDestination extends ParsedCommon {
  readonly format: 'stream-destination'
  readonly requestId: string
  readonly condition: string
  readonly pointer: StreamPointer
}

/** By the dead-letter queue of a rule's target, or of a schedule. */
export interface EventBridgeRule extends ParsedCommon {
  readonly format: 'eventbridge-rule'
  readonly ruleArn?: string
  readonly scheduleArn?: string
  readonly targetArn?: string
  /** `MaximumRetryAttempts`, `MaximumEventAgeInSeconds`. */
  readonly exhaustedRetryCondition?: string
}

/** By Spring's DeadLetterPublishingRecoverer. The body is the value as text. */
export interface SpringKafka extends ParsedCommon {
  readonly format: 'spring-kafka'
  readonly topic?: string
  readonly partition?: number
  /** In digits: an offset may be more than a number holds. */
  readonly offset?: string
  readonly consumerGroup?: string
}

/** By `deadLetter()`. */
export interface Lambent extends ParsedCommon {
  readonly format: 'lambent'
  readonly letter: Letter
  /** The payload as it was: text, bytes or a value. Undefined where `pointer` or `problem` say why. */
  readonly payload?: Raw
  /** Where the body is in S3. */
  readonly pointer?: S3Pointer
  readonly problem?: string
}

/** None of these. */
export interface Unknown extends ParsedCommon {
  readonly format: 'unknown'
  /** What it is instead, in one sentence and without the payload. */
  readonly problem: string
}

export type ParsedDeadLetter =
  | SqsRedrive
  | LambdaAsyncDlq
  | LambdaDestination
  | StreamDestination
  | EventBridgeRule
  | SpringKafka
  | Lambent
  | Unknown
