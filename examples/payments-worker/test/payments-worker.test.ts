// The built function behind a FIFO queue, by SQS's protocol, Lambda's event source mapping and Runtime API.
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { SQS } from '@aws-sdk/client-sqs'
import { parseDeadLetter } from '@lambent/dead-letter'
import { type EventSourceMapping, type LambdaFunction, startEventSourceMapping, startFunction } from '@lambent/local'
import { type FauxqsServer, startFauxqs } from 'fauxqs'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { credentials, type Dynamo, type Stub, startDynamo, startStub } from './emulators.ts'

const root = join(import.meta.dirname, '..')
const region = 'eu-west-1'

let server: FauxqsServer
let endpoint: string
let sqs: SQS
let queueUrl: string
let dlqUrl: string
let dynamo: Dynamo
let provider: Stub
let take: LambdaFunction
let mapping: EventSourceMapping

/** What the provider was asked, in order, and what it charged: a repeat of a key is no other charge. */
const asked: string[] = []
const charged = new Set<string>()
let answers = (_key: string): number => 200

beforeAll(async () => {
  server = await startFauxqs({ port: 0, host: '127.0.0.1', logger: false })
  endpoint = `http://127.0.0.1:${server.port}`
  sqs = new SQS({ endpoint, region, credentials: { accessKeyId: 'local', secretAccessKey: 'local' } })
  const fifo = { FifoQueue: 'true', ContentBasedDeduplication: 'false' }
  const dlq = server.createQueue('payments-dlq.fifo', { region, attributes: fifo })
  dlqUrl = dlq.queueUrl
  const policy = { deadLetterTargetArn: dlq.queueArn, maxReceiveCount: 6 }
  const attributes = { ...fifo, VisibilityTimeout: '10', RedrivePolicy: JSON.stringify(policy) }
  queueUrl = server.createQueue('payments.fifo', { region, attributes }).queueUrl
  dynamo = await startDynamo({ idempotency: ['id'] })
  provider = await startStub(({ headers }) => {
    const key = `${headers['idempotency-key']}`
    asked.push(key)
    const status = answers(key)
    if (status === 200) charged.add(key)
    return [status, status === 200 ? { chargeId: `ch-${key}` } : {}]
  })
  take = await startFunction({
    handler: join(root, 'dist/take-payments.handler'),
    timeout: 8000, // the message of a killed process comes again after 10 s, when its lock has ended
    region,
    environment: {
      ...credentials,
      AWS_ENDPOINT_URL_SQS: endpoint,
      AWS_ENDPOINT_URL_DYNAMODB: dynamo.url,
      PROVIDER_URL: provider.url,
      DLQ_URL: dlqUrl,
      IDEMPOTENCY_TABLE: 'idempotency',
      POWERTOOLS_SERVICE_NAME: 'payments-worker',
      POWERTOOLS_METRICS_NAMESPACE: 'Shop',
    },
  })
  const functionResponseTypes = ['ReportBatchItemFailures'] as const
  mapping = await startEventSourceMapping({ queueUrl, sqs, function: take, functionResponseTypes })
})
afterAll(async () => {
  await mapping.stop()
  await take.stop()
  await provider[Symbol.asyncDispose]()
  await dynamo[Symbol.asyncDispose]()
  sqs.destroy()
  await server.stop()
})

const payment = (paymentId: string, customerId: string) =>
  JSON.stringify({ paymentId, customerId, cents: 1999, currency: 'EUR' })

const send = (MessageGroupId: string, MessageBody: string) =>
  sqs.sendMessage({
    QueueUrl: queueUrl,
    MessageBody,
    MessageGroupId,
    MessageDeduplicationId: `${Math.random()}`,
  })

/** Until nothing waits, and nothing is under way. */
async function done(): Promise<void> {
  const options = { timeout: 45_000, interval: 50 }
  await vi.waitFor(async () => {
    const { Attributes: of } = await sqs.getQueueAttributes({ QueueUrl: queueUrl, AttributeNames: ['All'] })
    expect([of?.ApproximateNumberOfMessages, of?.ApproximateNumberOfMessagesNotVisible]).toEqual(['0', '0'])
  }, options)
}

it('charges each payment once, in the order of its customer, retries what may pass, and keeps what can’t', async () => {
  let down = true
  answers = key => {
    if (key === 'declined') return 402
    if (key !== 'a-2' || !down) return 200
    down = false // comes back by itself: the retry is enough
    return 503
  }
  for (const id of ['a-1', 'a-2', 'a-3', 'a-1']) await send('a', payment(id, 'a')) // the last one is a repeat
  await send('b', payment('declined', 'b'))
  await send('b', payment('b-1', 'b'))
  await send('c', '{"paymentId":"cut off')
  await done()

  expect(asked.filter(id => id.startsWith('a'))).toEqual(['a-1', 'a-2', 'a-2', 'a-3'])
  expect([...charged]).toContain('b-1')
  const letters = await sqs.receiveMessage({
    QueueUrl: dlqUrl,
    MaxNumberOfMessages: 10,
    VisibilityTimeout: 0,
    MessageAttributeNames: ['All'],
    MessageSystemAttributeNames: ['All'],
  })
  const given = letters.Messages?.map(message => parseDeadLetter(message)) ?? []
  expect(given.map(({ error, body }) => [error?.code, body]).sort()).toEqual([
    ['Declined', payment('declined', 'b')],
    ['MalformedJson', '{"paymentId":"cut off'],
  ])
})

it('a process that is killed when the provider has charged charges nobody twice', async () => {
  let killed = false
  answers = key => {
    if (key === 'k-1' && !killed && take.pid) {
      killed = true
      process.kill(take.pid, 'SIGKILL')
    }
    return 200
  }
  for (const id of ['k-1', 'k-2']) await send('k', payment(id, 'k'))
  await done()
  // Asked again, with the key that the provider knows; and the next payment of the customer waited for it.
  expect(asked.filter(id => id.startsWith('k'))).toEqual(['k-1', 'k-1', 'k-2'])
})

it('dead letters are explained and redriven by lambent dlq, as README.md says', async () => {
  const env = { ...process.env, ...credentials, AWS_REGION: region, AWS_ENDPOINT_URL: endpoint }
  const lambent = async (...args: string[]) =>
    (await promisify(execFile)('npx', ['--no-install', 'lambent', 'dlq', ...args], { cwd: root, env })).stdout
  const { causes } = JSON.parse(await lambent('explain', 'payments-dlq.fifo', '--json'))
  const declined = causes.find(({ error }: { error?: { code?: string } }) => error?.code === 'Declined')
  expect([...charged]).not.toContain('declined')
  answers = () => 200 // the customer has a card that works
  await lambent('redrive', 'payments-dlq.fifo', '--cause', declined.cause)
  await done()
  expect([...charged]).toContain('declined')
  const { Attributes: left } = await sqs.getQueueAttributes({ QueueUrl: dlqUrl, AttributeNames: ['All'] })
  const { ApproximateNumberOfMessages: visible, ApproximateNumberOfMessagesNotVisible: hidden } = left ?? {}
  expect(Number(visible) + Number(hidden)).toBe(causes.length - 1)
})

it('events/payments.json is a batch as SQS sends it: two payments, and one that is cut off, a dead letter', async () => {
  const event = JSON.parse(readFileSync(join(root, 'events/payments.json'), 'utf8'))
  expect((await take.invoke(event)).payload).toEqual({ batchItemFailures: [] })
  expect([...charged]).toEqual(expect.arrayContaining(['p-1', 'p-2']))
})
