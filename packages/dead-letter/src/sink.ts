// The port that dead letters go to. `sqsQueue()`, `snsTopic()`, `eventBus()` and `s3Prefix()` are of it; so may yours be.
import type { Permission } from '@lambent/core'
import { attributeBytes, type MessageAttributes, storedAttributes } from './attributes.ts'
import { defined } from './json.ts'
import type { Letter, LetterDocument } from './letter.ts'

/** A dead letter, ready to be stored. */
export interface DeadLetterMessage {
  /** Never empty, and without characters that SQS refuses. */
  readonly body: string
  /** Those of the original and `lambent.deadLetter`: at most 10. */
  readonly attributes: MessageAttributes
  /** What the attribute `lambent.deadLetter` says. */
  readonly letter: Letter
  /** The message group, for FIFO: the original's where it has one, and else one of its own. At most 128 characters. */
  readonly groupId: string
  /** The same for the same unit, however often it comes again, and for no other: 64 hexadecimal digits. */
  readonly deduplicationId: string
}

export interface SendOptions {
  /** Fires when there is no more time: what has not been stored by then counts as failed. */
  readonly signal: AbortSignal
}

export interface Sink {
  /** What it is, for messages and logs: `queue orders-dlq`. */
  readonly name: string
  /** @default 1,048,576, what SQS takes */
  readonly maxBytes?: number | undefined
  /** How much of `maxBytes` a message takes. @default body and attributes, as SQS counts them */
  bytes?(message: DeadLetterMessage): number
  /** Settles when the letter is stored for good, and rejects when it is not known to be: then nothing is acknowledged. */
  send(message: DeadLetterMessage, options: SendOptions): Promise<unknown>
  readonly permissions?: readonly Permission[] | undefined
}

/** 1 MiB: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html */
export const MAX_BYTES = 1_048_576

export function messageBytes({ body, attributes }: Pick<DeadLetterMessage, 'body' | 'attributes'>): number {
  return Buffer.byteLength(body) + attributeBytes(attributes)
}

/** The letter, its body and the original's attributes as one value, for what takes JSON. */
export function documentOf({ letter, body, attributes }: DeadLetterMessage): LetterDocument {
  const { [letter.format]: _, ...others } = attributes
  return defined({ ...letter, body, attributes: storedAttributes(others) }) as LetterDocument
}
