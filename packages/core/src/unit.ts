// The unit of work: one invocation, or one record of it. All that a middleware may know about where it runs.

/** The payload as it came: text, bytes, or the value that Lambda had already parsed from JSON. */
export type Raw = string | Uint8Array | object | number | boolean | null | undefined

/** What every source fills in and every middleware relies on. */
export interface Unit {
  /** `invocation` before `.each()`, `record` after it. */
  readonly kind: 'invocation' | 'record'
  /** The event source under the name that AWS gives it in `eventSource`: `aws:sqs`, `aws:s3`, `aws:dynamodb`, … */
  readonly source: string
  /** Request id of an invocation; message id, sequence number or the like of a record. */
  readonly id: string
  /** ARN of the queue, bucket, stream, rule or API that the unit came from, where the event names it. */
  readonly sourceArn?: string | undefined
  /** The payload as it came, byte for byte where Lambda hands on bytes: a body, a message, a detail. */
  readonly raw: Raw
  /** Which delivery this is, from 1, where the source counts them (SQS: `ApproximateReceiveCount`). */
  readonly attempt?: number | undefined
  /** Units of one group are in order: FIFO message group, partition key, item key. */
  readonly groupId?: string | undefined
  /** When the unit was sent, in epoch milliseconds, where the event says so. */
  readonly sentAt?: number | undefined
  /** What else a dead letter keeps to make the unit whole again: message attributes, shard, bucket and key, … */
  readonly origin?: Readonly<Record<string, unknown>> | undefined
}
