// The event that a dead letter came with, made again, for a handler on this machine.
import { decodeBody, type ParsedDeadLetter } from '@lambent/dead-letter'
import { dynamoDbStreamEvent, eventBridgeEvent, kinesisStreamEvent, snsEvent, sqsEvent } from '@lambent/testing'
import { Problem } from '../problem.ts'
import type { Found } from './found.ts'

type Details = Readonly<Record<string, unknown>>

/**
 * @param body the payload as text, where it was not in the message
 * @throws {Problem} where the letter does not have enough
 */
export function eventOf({ letter, message }: Found, queueArn: string, body: string = letter.body): unknown {
  switch (letter.format) {
    case 'sqs-redrive':
    case 'unknown':
      return sqs(letter, letter.origin?.sourceArn ?? queueArn, message.MessageId, message.Attributes ?? {}, body)
    case 'lambda-async-dlq':
    case 'lambda-destination':
    case 'eventbridge-rule':
      return jsonOf(body)
    case 'lambent':
      return lambent(letter, body)
    default:
      throw new Problem(
        `no event can be made of a dead letter of the format ${letter.format}: it only points to the records`,
      )
  }
}

function lambent(parsed: Extract<ParsedDeadLetter, { format: 'lambent' }>, body: string): unknown {
  const { letter } = parsed
  // What was in S3 is not decoded yet.
  const payload = body === parsed.body ? (parsed.payload ?? body) : decodeBody({ body, encoding: letter.encoding })
  const { source, kind, id, sourceArn, details = {}, sentAt } = letter.origin
  const eventSourceARN = sourceArn ?? ''
  const now = { now: new Date(sentAt ?? letter.at) }
  if (source === 'aws:events' || source === 'aws:scheduler') {
    const {
      source: from = source,
      detailType = 'Scheduled Event',
      account,
      region,
    } = details as Readonly<Record<string, string>>
    const rest = {
      ...(account && { account }),
      ...(region && { region }),
      ...(sourceArn && { resources: [sourceArn] }),
    }
    return eventBridgeEvent({ source: from, 'detail-type': detailType, detail: payload, id, ...rest }, now)
  }
  if (kind === 'invocation') {
    if (/^aws:(apigateway|lambda-url|elasticloadbalancing)/.test(source))
      throw new Problem('of an HTTP request a dead letter has the body only: no event can be made of it')
    return payload
  }
  switch (source) {
    case 'aws:sqs':
      return sqs(parsed, eventSourceARN, id, (details.attributes ?? {}) as Details, body)
    case 'aws:sns': {
      const MessageAttributes = Object.fromEntries(
        Object.entries(parsed.attributes).map(([name, { dataType, stringValue, binaryValue }]) => [
          name,
          { Type: dataType, Value: stringValue ?? base64(binaryValue) },
        ]),
      )
      const { subject: Subject } = details as { readonly subject?: string }
      const Sns = {
        MessageId: id,
        TopicArn: eventSourceARN,
        Message: typeof payload === 'string' ? payload : body,
        Subject,
        MessageAttributes,
      }
      return snsEvent([{ Sns }], now)
    }
    case 'aws:kinesis': {
      const { eventID, partitionKey } = details as { readonly eventID?: string; readonly partitionKey?: string }
      const data = payload instanceof Uint8Array ? payload : Buffer.from(`${body}`)
      const sequenceNumber = eventID?.split(':')[1] ?? id
      const kinesis = { sequenceNumber, ...(partitionKey !== undefined && { partitionKey }) }
      const record = kinesisStreamEvent([{ eventSourceARN, kinesis, ...(eventID && { eventID }) }], now)
      const [first] = record.Records
      return { Records: [{ ...first, kinesis: { ...first?.kinesis, data: base64(data) } }] }
    }
    case 'aws:dynamodb': {
      const [record] = dynamoDbStreamEvent([{ eventSourceARN }], now).Records
      const { tableName: _, ...fields } = details
      return { Records: [{ ...record, ...fields, dynamodb: payload }] }
    }
    case 'aws:s3':
      return { Records: [payload] }
    default:
      throw new Problem(
        `of a record of ${source} no event can be made here: its dead letter has the payload (lambent dlq peek --body)`,
      )
  }
}

function sqs(
  letter: ParsedDeadLetter,
  eventSourceARN: string,
  messageId: string | undefined,
  attributes: Details,
  body: string,
): unknown {
  const messageAttributes = Object.fromEntries(
    Object.entries(letter.attributes).map(([name, { dataType, stringValue, binaryValue }]) => [
      name,
      {
        dataType: dataType as 'String',
        ...(stringValue !== undefined && { stringValue }),
        ...(binaryValue && { binaryValue: base64(binaryValue) }),
        stringListValues: [],
        binaryListValues: [],
      },
    ]),
  )
  const texts = Object.fromEntries(Object.entries(attributes).map(([name, value]) => [name, `${value}`]))
  return sqsEvent([{ ...(messageId && { messageId }), eventSourceARN, body, attributes: texts, messageAttributes }])
}

function base64(bytes: Uint8Array = new Uint8Array()): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')
}

function jsonOf(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    throw new Problem('its body is no JSON, and so no event')
  }
}
