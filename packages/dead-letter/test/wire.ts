// SQS, SNS and S3 in this process, over HTTP, and what a test does to the calls on their way.
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { S3 } from '@aws-sdk/client-s3'
import { SNS } from '@aws-sdk/client-sns'
import { type Message, SQS } from '@aws-sdk/client-sqs'
import * as own from '@lambent/aws'
import { type FauxqsServer, startFauxqs } from 'fauxqs'

export const region = 'eu-central-1'
export const credentials = { accessKeyId: 'key', secretAccessKey: 'secret' }

/** What becomes of a request: undefined lets it pass. */
export type Fault = (
  request: { readonly target: string; readonly body: string },
  response: ServerResponse,
) => 'answered' | 'lose the answer' | 'slow' | undefined

export interface Wire extends AsyncDisposable {
  readonly server: FauxqsServer
  /** By way of the faults. */
  readonly endpoint: string
  readonly sqs: SQS
  readonly sns: SNS
  readonly s3: S3
  /** The requests so far, by `x-amz-target` or method and path. */
  readonly requests: { readonly target: string; readonly body: string }[]
  fault: Fault | undefined
  queue(name: string, attributes?: Record<string, string>): string
  /** All messages of a queue, which are deleted. */
  drain(queueUrl: string): Promise<Message[]>
}

export async function startWire(): Promise<Wire> {
  const server = await startFauxqs({ port: 0, host: '127.0.0.1', logger: false })
  const requests: Wire['requests'] = []
  const wire = { fault: undefined as Fault | undefined }
  const proxy = createServer((incoming, response) => void pass(incoming, response))

  async function pass(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of incoming) chunks.push(chunk as Buffer)
    const bytes = Buffer.concat(chunks)
    const target = `${incoming.headers['x-amz-target'] ?? `${incoming.method} ${incoming.url}`}`
    const seen = { target, body: bytes.toString() }
    requests.push(seen)
    const fate = wire.fault?.(seen, response)
    if (fate === 'answered') return
    const { port } = server
    const options = { host: '127.0.0.1', port, path: incoming.url, method: incoming.method, headers: incoming.headers }
    const onward = request(options, answer => {
      if (fate === 'lose the answer') {
        answer.resume()
        answer.on('end', () => response.destroy())
        return
      }
      const answered = () => answer.pipe(response.writeHead(answer.statusCode ?? 500, answer.headers))
      if (fate === 'slow') setTimeout(answered, 60)
      else answered()
    })
    onward.on('error', () => response.destroy())
    onward.end(bytes)
  }

  await new Promise<void>(resolve => proxy.listen(0, '127.0.0.1', resolve))
  const endpoint = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`
  const config = { endpoint, region, credentials, maxAttempts: 1 }
  const sqs = new SQS(config)
  const sns = new SNS(config)
  const s3 = new S3({ ...config, forcePathStyle: true })
  // The same tests pass with the small clients, which have the methods that are called.
  const small = process.env.LAMBENT_TEST_CLIENTS === 'lambent'
  return {
    server,
    endpoint,
    sqs: small ? over(sqs, new own.SQS(config)) : sqs,
    sns: small ? over(sns, new own.SNS(config)) : sns,
    s3: small ? over(s3, new own.S3(config)) : s3,
    requests,
    get fault() {
      return wire.fault
    },
    set fault(fault) {
      wire.fault = fault
    },
    queue: (name, attributes = {}) => server.createQueue(name, { region, attributes }).queueUrl,
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
        const Entries = Messages.map(({ ReceiptHandle = '' }, i) => ({ Id: `${i}`, ReceiptHandle }))
        await sqs.deleteMessageBatch({ QueueUrl, Entries })
      }
    },
    async [Symbol.asyncDispose]() {
      for (const client of [sqs, sns, s3]) client.destroy()
      proxy.closeAllConnections()
      await new Promise(resolve => proxy.close(resolve))
      await server.stop()
    },
  }
}

/** An answer in AWS JSON. */
export function answerJson(response: ServerResponse, status: number, body: object): 'answered' {
  response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' })
  response.end(JSON.stringify(body))
  return 'answered'
}

/** The methods of the small client, and of the other those that it lacks: to create queues and the like. */
function over<Client extends object>(other: Client, small: object): Client {
  return new Proxy(other, {
    get(target, name) {
      const from = name in small ? small : target
      const value: unknown = Reflect.get(from, name)
      return typeof value === 'function' ? value.bind(from) : value
    },
  })
}
