// `sqsQueue(url)`: dead letters in a queue, standard or FIFO.
import { wireAttributes } from './attributes.ts'
import { batcher } from './batcher.ts'
import { mustBeBytes, mustBeText } from './checks.ts'
import { sqsClient } from './clients.ts'
import { entryId, outcomesOf } from './entries.ts'
import type { SqsPort } from './port.ts'
import { type DeadLetterMessage, MAX_BYTES, messageBytes, type Sink } from './sink.ts'

export interface SqsQueueOptions {
  /** `https://sqs.<region>.amazonaws.com/<account>/<name>`. FIFO if it ends with `.fifo`. */
  readonly url: string | undefined
  /** `new SQS()` of @lambent/aws or of the AWS SDK, or anything with this method. @default that of @lambent/aws */
  readonly client?: SqsPort | undefined
  /** What a message may have. @default 1,048,576, or what the queue's MaximumMessageSize says if you give it here */
  readonly maxBytes?: number | undefined
}

/**
 * A queue for dead letters. Those that come together are sent together, up to 10 and 1 MiB a call; each has its own
 * outcome. In a FIFO queue the message group stays what it was, and a unit that comes again within 5 minutes is stored
 * once.
 * @throws {TypeError} without a URL
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html
 */
export function sqsQueue(options: string | undefined | SqsQueueOptions): Sink {
  const {
    url,
    client,
    maxBytes = MAX_BYTES,
  }: SqsQueueOptions = typeof options === 'object' ? options : { url: options }
  const queueUrl = mustBeText(url, 'the URL of sqsQueue()')
  const name = `queue ${queueUrl.slice(queueUrl.lastIndexOf('/') + 1)}`
  const fifo = queueUrl.endsWith('.fifo')
  const sqs = sqsClient(client, queueUrl)
  const send = batcher<DeadLetterMessage>({
    name,
    maxBytes: MAX_BYTES,
    async call(messages, abortSignal) {
      const input = { QueueUrl: queueUrl, Entries: messages.map((message, index) => entry(message, index, fifo)) }
      return outcomesOf(messages.length, await sqs.sendMessageBatch(input, { abortSignal }))
    },
  })
  return {
    name,
    maxBytes: mustBeBytes(maxBytes, 'maxBytes of sqsQueue()'),
    send: (message, { signal }) => send(message, messageBytes(message), signal),
    permissions: [{ actions: ['sqs:SendMessage'], resources: [arnOf(queueUrl)] }],
  }
}

type Entry = Parameters<SqsPort['sendMessageBatch']>[0]['Entries'][number]

function entry(message: DeadLetterMessage, index: number, fifo: boolean): Entry {
  const xray = message.letter.trace?.xray
  return {
    Id: entryId(index),
    MessageBody: message.body,
    MessageAttributes: wireAttributes(message.attributes),
    // Counts neither among the ten attributes nor towards the size.
    ...(xray && { MessageSystemAttributes: { AWSTraceHeader: { DataType: 'String', StringValue: xray } } }),
    ...(fifo && { MessageGroupId: message.groupId, MessageDeduplicationId: message.deduplicationId }),
  }
}

/** `*` where the URL is no one of AWS. */
function arnOf(url: string): string {
  const [, region, china, account, name] =
    /^https:\/\/sqs\.([\w-]+)\.amazonaws\.com(\.cn)?\/(\d+)\/([\w.-]+)$/.exec(url) ?? []
  if (!region) return '*'
  const partition = china ? 'aws-cn' : region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws'
  return `arn:${partition}:sqs:${region}:${account}:${name}`
}
