// An SQS to test against: fauxqs, which speaks its protocol.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Message, SQS } from '@aws-sdk/client-sqs'
import { type FauxqsServer, startFauxqs } from 'fauxqs'
import { lambent } from '../src/index.ts'

export interface Queues {
  readonly server: FauxqsServer
  readonly sqs: SQS
  readonly endpoint: string
  /** A queue of its own, by its URL. */
  create(name: string, attributes?: Record<string, string>): string
  /** All that can be received, deleted. */
  drain(url: string): Promise<Message[]>
  /** Visible and in flight. */
  count(url: string): Promise<readonly [number, number]>
  /** Runs the command against it. */
  lambent(...argv: string[]): Promise<{ readonly code: number; readonly out: string; readonly err: string }>
  /** The same, until the signal fires. */
  interruptible(signal: AbortSignal, ...argv: string[]): ReturnType<Queues['lambent']>
  /** Receives twice what is there: a redrive policy with maxReceiveCount 1 then moves it. */
  drainOnce(url: string): Promise<void>
  /** Between a client and the queues: `change` may give another answer than the one that came, `refuse` one without asking. */
  proxy(change: Change, refuse?: Change): Promise<{ readonly url: string; stop(): void }>
  stop(): Promise<void>
}

/** By the operation (`AmazonSQS.SendMessage`) and the body of its answer, or of its request. */
export type Change = (target: string, body: string) => object | undefined

export async function startQueues(): Promise<Queues> {
  const server = await startFauxqs({ port: 0, host: '127.0.0.1', logger: false })
  const endpoint = `http://127.0.0.1:${server.port}`
  const credentials = { accessKeyId: 'key', secretAccessKey: 'secret' }
  const sqs = new SQS({ endpoint, region: 'eu-west-1', credentials })
  return {
    server,
    sqs,
    endpoint,
    create: (name, attributes = {}) => server.createQueue(name, { region: 'eu-west-1', attributes }).queueUrl,
    async drain(QueueUrl) {
      const all: Message[] = []
      for (;;) {
        const { Messages = [] } = await sqs.receiveMessage({
          QueueUrl,
          MaxNumberOfMessages: 10,
          MessageAttributeNames: ['All'],
          MessageSystemAttributeNames: ['All'],
        })
        if (Messages.length === 0) return all
        all.push(...Messages)
        for (const { ReceiptHandle } of Messages) await sqs.deleteMessage({ QueueUrl, ReceiptHandle })
      }
    },
    async count(QueueUrl) {
      const { Attributes } = await sqs.getQueueAttributes({ QueueUrl, AttributeNames: ['All'] })
      return [
        Number(Attributes?.ApproximateNumberOfMessages),
        Number(Attributes?.ApproximateNumberOfMessagesNotVisible),
      ]
    },
    lambent: (...argv) => collected(argv, endpoint),
    interruptible: (signal, ...argv) => collected(argv, endpoint, signal),
    async drainOnce(QueueUrl) {
      for (let i = 0; i < 2; i++) await sqs.receiveMessage({ QueueUrl })
    },
    async proxy(change, refuse) {
      const between = createServer(async (request, response) => {
        const chunks: Buffer[] = []
        for await (const chunk of request) chunks.push(chunk)
        const headers = Object.entries(request.headers).flatMap(([name, value]) =>
          typeof value === 'string' && !/^(host|connection|content-length|expect)$/.test(name)
            ? [[name, value] as [string, string]]
            : [],
        )
        const target = `${request.headers['x-amz-target']}`
        const { status: refusal, ...refused } = Object(refuse?.(target, Buffer.concat(chunks).toString()))
        if (refusal) return void response.writeHead(refusal).end(JSON.stringify(refused))
        const answer = await fetch(endpoint + request.url, { method: 'POST', headers, body: Buffer.concat(chunks) })
        const body = await answer.text()
        const { status = answer.status, ...changed } = Object(change(target, body))
        const text = Object.keys(changed).length > 0 ? JSON.stringify(changed) : body
        response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' }).end(text)
      })
      await new Promise<void>(resolve => between.listen(0, '127.0.0.1', resolve))
      const { port } = between.address() as AddressInfo
      return {
        url: `http://127.0.0.1:${port}`,
        stop() {
          between.close()
          between.closeAllConnections()
        },
      }
    },
    async stop() {
      sqs.destroy()
      await server.stop()
    },
  }
}

async function collected(
  argv: readonly string[],
  endpoint: string,
  signal: AbortSignal = new AbortController().signal,
) {
  const { PassThrough } = await import('node:stream')
  const [stdout, stderr] = [new PassThrough(), new PassThrough()]
  const text = { out: '', err: '' }
  stdout.on('data', chunk => {
    text.out += chunk
  })
  stderr.on('data', chunk => {
    text.err += chunk
  })
  const flags = ['--region', 'eu-west-1', ...(argv.includes('--endpoint-url') ? [] : ['--endpoint-url', endpoint])]
  const code = await lambent(argv.length > 2 ? [...argv, ...flags] : argv, { stdout, stderr, signal })
  await new Promise(resolve => setImmediate(resolve))
  return { code, ...text }
}
