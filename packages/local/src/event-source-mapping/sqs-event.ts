// Messages as ReceiveMessage gives them become records as Lambda's SQS events have them.
// https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html#example-standard-queue-message-event
import type { SQSEvent, SQSMessageAttribute, SQSRecord, SQSRecordAttributes } from 'aws-lambda'
import type { SqsMessage, SqsMessageAttributeValue } from './sqs-client.ts'

/** @throws {Error} if the message has no id or no receipt handle: it could not be deleted. */
export function toRecord(message: SqsMessage, queueArn: string): SQSRecord {
  const { MessageId, ReceiptHandle, Body, MD5OfBody, MD5OfMessageAttributes } = message
  if (MessageId === undefined || ReceiptHandle === undefined) {
    throw new Error(`ReceiveMessage on ${queueArn} gave a message without MessageId or ReceiptHandle`)
  }
  return {
    messageId: MessageId,
    receiptHandle: ReceiptHandle,
    body: Body ?? '',
    // All attributes were asked for; which there are is the queue's to say.
    attributes: { ...message.Attributes } as unknown as SQSRecordAttributes,
    messageAttributes: Object.fromEntries(
      Object.entries(message.MessageAttributes ?? {}).map(([name, value]) => [name, toMessageAttribute(value)]),
    ),
    md5OfBody: MD5OfBody ?? '',
    ...(MD5OfMessageAttributes !== undefined && { md5OfMessageAttributes: MD5OfMessageAttributes }),
    eventSource: 'aws:sqs',
    eventSourceARN: queueArn,
    awsRegion: queueArn.split(':')[3] ?? '',
  }
}

function toMessageAttribute(value: SqsMessageAttributeValue): SQSMessageAttribute {
  return {
    ...(value.StringValue !== undefined && { stringValue: value.StringValue }),
    ...(value.BinaryValue !== undefined && { binaryValue: base64(value.BinaryValue) }),
    // SQS has reserved both lists and fills neither; Lambda sends them empty.
    stringListValues: [],
    binaryListValues: [],
    dataType: value.DataType ?? 'String',
  }
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')
}

export function jsonBytes(value: object): number {
  return Buffer.byteLength(JSON.stringify(value))
}

const ENVELOPE_BYTES = jsonBytes({ Records: [] } satisfies SQSEvent)

/** How many of these records, from the first, one event of up to `maxBytes` bytes can hold: at least one. */
export function fitting(records: readonly SQSRecord[], maxBytes: number): number {
  let bytes = ENVELOPE_BYTES
  for (const [index, record] of records.entries()) {
    bytes += jsonBytes(record) + (index === 0 ? 0 : 1)
    if (bytes > maxBytes) return Math.max(1, index)
  }
  return records.length
}
