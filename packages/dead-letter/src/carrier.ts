// What carries a dead letter, taken off: a message of SQS or SNS, an event of EventBridge, a record of Kafka, text.
import { isObject } from '@lambent/core/event-kind'
import { attributesOf, type MessageAttributes } from './attributes.ts'
import { jsonObject, type Loose, object, text } from './json.ts'
import { FORMAT } from './letter.ts'

/** A body and what came beside it. */
export interface Carried {
  readonly body: string
  /** The object that the body is the JSON of. */
  readonly json: Loose | undefined
  readonly attributes: MessageAttributes
  /** System attributes of SQS: `SentTimestamp`, … */
  readonly system: Loose
  readonly messageId: string | undefined
}

/** Messages of SQS, as the SDK and as Lambda spell them, notifications of SNS, and text; undefined for anything else. */
export function carriedBy(input: unknown): Carried | undefined {
  if (input instanceof Uint8Array) return ofText(Buffer.from(input).toString())
  if (typeof input === 'string') return ofText(input)
  if (!isObject(input)) return undefined
  const notification = isObject(input.Sns) ? input.Sns : input
  if (typeof notification.Message === 'string' && (notification !== input || isNotification(input)))
    return ofNotification(notification)
  const body = input.Body ?? input.body
  if (typeof body !== 'string' || input.format === FORMAT) return ofText(jsonOf(input))
  const attributes = attributesOf(input.MessageAttributes ?? input.messageAttributes)
  const system = object(input.Attributes) ?? object(input.attributes) ?? {}
  const messageId = text(input.MessageId) ?? text(input.messageId)
  const json = jsonObject(body)
  // A queue that is subscribed to a topic without raw message delivery.
  if (json && isNotification(json) && Object.keys(attributes).length === 0) {
    const inner = ofNotification(json)
    if (Object.hasOwn(inner.attributes, FORMAT)) return { ...inner, system, messageId: messageId ?? inner.messageId }
  }
  return { body, json, attributes, system, messageId }
}

function ofText(body: string): Carried {
  const json = jsonObject(body)
  if (json && isNotification(json)) return ofNotification(json)
  return { body, json, attributes: {}, system: {}, messageId: undefined }
}

function isNotification({ Type, Message, TopicArn }: Loose): boolean {
  return Type === 'Notification' && typeof Message === 'string' && typeof TopicArn === 'string'
}

function ofNotification({ Message, MessageAttributes, MessageId }: Loose): Carried {
  const body = `${Message}`
  const attributes = attributesOf(MessageAttributes)
  return { body, json: jsonObject(body), attributes, system: {}, messageId: text(MessageId) }
}

/** JSON of what came parsed already, as EventBridge and S3 events do. */
function jsonOf(value: Loose): string {
  try {
    return `${JSON.stringify(value)}`
  } catch {
    return '' // circular, or with what JSON cannot carry
  }
}
