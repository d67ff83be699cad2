// `snsTopic(arn)`: dead letters to a topic, standard or FIFO.
import { type MessageAttributes, wireAttributes } from './attributes.ts'
import { batcher } from './batcher.ts'
import { mustBeText } from './checks.ts'
import { snsClient } from './clients.ts'
import { entryId, outcomesOf } from './entries.ts'
import type { SnsPort } from './port.ts'
import { type DeadLetterMessage, messageBytes, type Sink } from './sink.ts'

export interface SnsTopicOptions {
  readonly arn: string | undefined
  /** `new SNS()` of @lambent/aws or of the AWS SDK, or anything with this method. @default that of @lambent/aws */
  readonly client?: SnsPort | undefined
}

/** 256 KiB, of a message and of a call: https://docs.aws.amazon.com/general/latest/gr/sns.html */
const MAX_BYTES = 262_144

/**
 * A topic for dead letters. Subscribe queues with raw message delivery, so that body and attributes stay what they are.
 * Labels of attribute types (`Number.float`), which SNS does not have, are cut off.
 * @throws {TypeError} without an ARN
 * @see https://docs.aws.amazon.com/sns/latest/api/API_PublishBatch.html
 */
export function snsTopic(options: string | undefined | SnsTopicOptions): Sink {
  const { arn, client }: SnsTopicOptions = typeof options === 'object' ? options : { arn: options }
  const topicArn = mustBeText(arn, 'the ARN of snsTopic()')
  if (!/^arn:[\w-]+:sns:[\w-]+:\d+:[\w.-]+$/.test(topicArn))
    throw new TypeError('snsTopic() takes the ARN of a topic: arn:aws:sns:<region>:<account>:<name>')
  const name = `topic ${topicArn.slice(topicArn.lastIndexOf(':') + 1)}`
  const fifo = topicArn.endsWith('.fifo')
  const sns = snsClient(client, topicArn)
  const send = batcher<DeadLetterMessage>({
    name,
    maxBytes: MAX_BYTES,
    async call(messages, abortSignal) {
      const PublishBatchRequestEntries = messages.map((message, index) => ({
        Id: entryId(index),
        Message: message.body,
        MessageAttributes: wireAttributes(unlabelled(message.attributes)),
        ...(fifo && { MessageGroupId: message.groupId, MessageDeduplicationId: message.deduplicationId }),
      }))
      const answer = await sns.publishBatch({ TopicArn: topicArn, PublishBatchRequestEntries }, { abortSignal })
      return outcomesOf(messages.length, answer)
    },
  })
  return {
    name,
    maxBytes: MAX_BYTES,
    send: (message, { signal }) => send(message, messageBytes(message), signal),
    permissions: [{ actions: ['sns:Publish'], resources: [topicArn] }],
  }
}

function unlabelled(attributes: MessageAttributes): MessageAttributes {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, { dataType, ...value }]) => {
      const [type = 'String'] = dataType.split('.')
      return [name, { ...value, dataType: dataType.startsWith('String.Array') ? 'String.Array' : type }]
    }),
  )
}
