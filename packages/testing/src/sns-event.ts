// Amazon SNS: a notification of a topic.
import type { SNSEvent, SNSEventRecord, SNSMessage } from 'aws-lambda'
import { asText, encodedField, type TextBody } from './body.ts'
import { type EventOptions, epochMillis, type RecordOptions } from './clock.ts'
import { account, base64Id, region, regionOf, uuid, withoutIds } from './ids.ts'
import { merge, type Overrides } from './merge.ts'

/** What may be laid over an SNS record. */
export type SnsRecordOverrides = Omit<Overrides<SNSEventRecord>, 'Sns'> & {
  readonly Sns?:
    | (Omit<Overrides<SNSMessage>, 'Message'> & {
        /** Text as it is, anything else as its JSON. */
        readonly Message?: TextBody | undefined
      })
    | undefined
}

/**
 * One SNS notification, as Lambda hands it over. The subscription's ARN and the URLs follow from `Sns.TopicArn`.
 *
 * Defaults: topic `orders` in eu-west-1, message `{"orderId":"o-1"}`, no attributes.
 *
 * @throws TypeError for a message that JSON cannot carry.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html
 */
export function snsRecord(overrides: SnsRecordOverrides = {}, options: RecordOptions = {}): SNSEventRecord {
  const { Sns: sns, ...rest } = overrides
  const { Message: _message, ...fields } = sns ?? {}
  const message = encodedField(sns ?? {}, 'Message', asText)
  const topicArn = fields.TopicArn ?? `arn:aws:sns:${region}:${account}:orders`
  const subscriptionArn = rest.EventSubscriptionArn ?? `${topicArn}:${uuid('sns-subscription', 0)}`
  const endpoint = `https://sns.${regionOf(topicArn)}.amazonaws.com`
  const record: SNSEventRecord = {
    EventVersion: '1.0',
    EventSubscriptionArn: subscriptionArn,
    EventSource: 'aws:sns',
    Sns: {
      Type: 'Notification',
      MessageId: snsIds(options.index ?? 0).Sns.MessageId,
      TopicArn: topicArn,
      Subject: 'Order',
      Message: message.Message ?? '{"orderId":"o-1"}',
      Timestamp: new Date(epochMillis(options)).toISOString(),
      SignatureVersion: '1',
      Signature: base64Id('sns-signature', 0, 64),
      SigningCertUrl: `${endpoint}/SimpleNotificationService-0123456789abcdef0123456789abcdef.pem`,
      UnsubscribeUrl: `${endpoint}/?Action=Unsubscribe&SubscriptionArn=${subscriptionArn}`,
      MessageAttributes: {},
    },
  }
  if ('Sns' in overrides && sns === undefined) return merge(record, { ...rest, Sns: undefined })
  return merge(record, { ...rest, Sns: { ...fields, ...message } })
}

/**
 * An SNS event. SNS sends one record a time; more may be given. Ids that were not given are numbered by the place in
 * the event, also those of records made with {@link snsRecord}.
 *
 * @throws TypeError for a message that JSON cannot carry.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html
 */
export function snsEvent(records: readonly SnsRecordOverrides[] = [{}], options: EventOptions = {}): SNSEvent {
  return { Records: records.map((record, index) => snsRecord(withoutIds(record, snsIds(0)), { ...options, index })) }
}

function snsIds(index: number): { Sns: { MessageId: string } } {
  return { Sns: { MessageId: uuid('sns', index) } }
}
