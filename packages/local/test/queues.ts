// An SQS on the loopback interface, the AWS SDK's client for it, and queues with dead-letter queues.
import { SQS } from '@aws-sdk/client-sqs'
import { type FauxqsServer, startFauxqs } from 'fauxqs'

export interface Queues extends AsyncDisposable {
  readonly sqs: SQS
  readonly server: FauxqsServer
  create(options?: QueueOptions): TestQueue
}

export interface QueueOptions {
  readonly fifo?: boolean
  /** In s, 3 by default. */
  readonly visibilityTimeout?: number
  readonly maxReceiveCount?: number
}

export interface TestQueue {
  readonly url: string
  readonly arn: string
  /** Sends messages in one go, ten a request: a body, or an object that becomes JSON with an `id` and maybe a `group`. */
  send(messages: readonly (string | { readonly id: string; readonly group?: string })[]): Promise<string[]>
  /** How many messages there are, hidden ones too. */
  size(): number
  /** How many were received and are hidden. */
  received(): number
  /** The bodies in the dead-letter queue. */
  deadLetters(): string[]
}

export function clientOf(port: number): SQS {
  return new SQS({
    endpoint: `http://127.0.0.1:${port}`,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'key', secretAccessKey: 'secret' },
  })
}

export async function startQueues(port = 0): Promise<Queues> {
  const server = await startFauxqs({ port, host: '127.0.0.1', logger: false })
  const sqs = clientOf(server.port)
  let created = 0

  function count(name: string): number {
    const messages = server.inspectQueue(name)?.messages
    return messages === undefined ? 0 : messages.ready.length + messages.delayed.length + messages.inflight.length
  }

  return {
    sqs,
    server,
    create({ fifo = false, visibilityTimeout = 3, maxReceiveCount } = {}) {
      created++
      const suffix = fifo ? '.fifo' : ''
      const fifoAttributes: Record<string, string> = fifo
        ? { FifoQueue: 'true', ContentBasedDeduplication: 'true' }
        : {}
      const dlq = `queue-${created}-dlq${suffix}`
      const name = `queue-${created}${suffix}`
      const region = 'eu-central-1'
      const { queueArn: deadLetterTargetArn } = server.createQueue(dlq, { region, attributes: fifoAttributes })
      const { queueUrl, queueArn } = server.createQueue(name, {
        region,
        attributes: {
          ...fifoAttributes,
          VisibilityTimeout: String(visibilityTimeout),
          ...(maxReceiveCount !== undefined && {
            RedrivePolicy: JSON.stringify({ deadLetterTargetArn, maxReceiveCount }),
          }),
        },
      })
      return {
        url: queueUrl,
        arn: queueArn,
        async send(messages) {
          const ids: string[] = []
          for (let start = 0; start < messages.length; start += 10) {
            const Entries = messages.slice(start, start + 10).map((message, index) => ({
              Id: String(index),
              MessageBody: typeof message === 'string' ? message : JSON.stringify(message),
              ...(typeof message !== 'string' && message.group !== undefined && { MessageGroupId: message.group }),
            }))
            const { Successful = [], Failed = [] } = await sqs.sendMessageBatch({ QueueUrl: queueUrl, Entries })
            if (Failed.length > 0) throw new Error(`not sent: ${Failed[0]?.Message}`)
            ids.push(...Successful.map(({ MessageId = '' }) => MessageId))
          }
          return ids
        },
        size: () => count(name),
        received: () => server.inspectQueue(name)?.messages.inflight.length ?? 0,
        deadLetters: () => server.inspectQueue(dlq)?.messages.ready.map(({ body }) => body) ?? [],
      }
    },
    async [Symbol.asyncDispose]() {
      sqs.destroy()
      await server.stop()
    },
  }
}
