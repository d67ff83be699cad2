// Amazon SQS: a batch of messages of a standard or FIFO queue.
import { createHash } from 'node:crypto'
import type { SQSEvent, SQSMessageAttributes, SQSRecord } from 'aws-lambda'
import { asText, encodedField, type TextBody } from './body.ts'
import { type EventOptions, epochMillis, type RecordOptions } from './clock.ts'
import { account, base64Id, region, regionOf, sequenceNumber, uuid, withoutIds } from './ids.ts'
import { merge, type Overrides } from './merge.ts'

/** What may be laid over an SQS record. */
export type SqsRecordOverrides = Omit<Overrides<SQSRecord>, 'body'> & {
  /** Text as it is, anything else as its JSON. */
  readonly body?: TextBody | undefined
}

/**
 * One SQS message, as Lambda hands it over.
 *
 * With an `eventSourceARN` that ends with `.fifo` it has a group id, a deduplication id (SHA-256 of the body, as
 * content-based deduplication makes it) and a sequence number, which ascends with the index. `md5OfBody` and
 * `md5OfMessageAttributes` are those of the body and attributes, `awsRegion` that of the ARN.
 *
 * Defaults: queue `orders` in eu-west-1, body `{"orderId":"o-1"}`, received once, 50 ms after it was sent.
 *
 * @throws TypeError for a body that JSON cannot carry.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
 */
export function sqsRecord(overrides: SqsRecordOverrides = {}, options: RecordOptions = {}): SQSRecord {
  const received = epochMillis(options)
  const arn = overrides.eventSourceARN ?? `arn:aws:sqs:${region}:${account}:orders`
  const { body: _body, ...rest } = overrides
  const given = encodedField(overrides, 'body', asText)
  const body = given.body ?? '{"orderId":"o-1"}'
  const ids = sqsIds(options.index ?? 0)
  const record: SQSRecord = {
    messageId: ids.messageId,
    receiptHandle: ids.receiptHandle,
    body,
    attributes: {
      ApproximateReceiveCount: '1',
      SentTimestamp: String(received - 50),
      SenderId: 'AIDAIENQZJOLO23YVJ4VO',
      ApproximateFirstReceiveTimestamp: String(received),
      ...(arn.endsWith('.fifo')
        ? {
            SequenceNumber: ids.attributes.SequenceNumber,
            MessageGroupId: 'group-1',
            MessageDeduplicationId: createHash('sha256').update(body).digest('hex'),
          }
        : {}),
    },
    messageAttributes: {},
    md5OfBody: createHash('md5').update(body).digest('hex'),
    eventSource: 'aws:sqs',
    eventSourceARN: arn,
    awsRegion: regionOf(arn),
  }
  const merged = merge(record, { ...rest, ...given })
  const attributes = merged.messageAttributes
  if ('md5OfMessageAttributes' in overrides || !attributes || Object.keys(attributes).length === 0) return merged
  return { ...merged, md5OfMessageAttributes: md5OfAttributes(attributes) }
}

/**
 * A batch of SQS messages, of one message by default. Ids that were not given are numbered by the place in the batch,
 * also those of records made with {@link sqsRecord}.
 *
 * @throws TypeError for a body that JSON cannot carry.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
 */
export function sqsEvent(records: readonly SqsRecordOverrides[] = [{}], options: EventOptions = {}): SQSEvent {
  return {
    Records: records.map((record, index) => sqsRecord(withoutIds(record, sqsIds(0)), { ...options, index })),
  }
}

function sqsIds(index: number): {
  messageId: string
  receiptHandle: string
  attributes: { SequenceNumber: string }
} {
  return {
    messageId: uuid('sqs', index),
    receiptHandle: `AQEB${base64Id('sqs-receipt', index, 64)}`,
    attributes: { SequenceNumber: sequenceNumber('18892034657236975616', index * 256) },
  }
}

/** @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html */
function md5OfAttributes(attributes: SQSMessageAttributes): string {
  const hash = createHash('md5')
  const add = (bytes: Buffer): void => {
    const length = Buffer.alloc(4)
    length.writeUInt32BE(bytes.length)
    hash.update(length).update(bytes)
  }
  for (const [name, attribute] of Object.entries(attributes).sort(([a], [b]) => (a < b ? -1 : 1))) {
    add(Buffer.from(name))
    add(Buffer.from(attribute.dataType))
    const binary = attribute.binaryValue !== undefined
    hash.update(Buffer.of(binary ? 2 : 1))
    add(binary ? Buffer.from(attribute.binaryValue ?? '', 'base64') : Buffer.from(attribute.stringValue ?? ''))
  }
  return hash.digest('hex')
}
