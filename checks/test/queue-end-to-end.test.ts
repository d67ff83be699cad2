// The example's own handler, as it is deployed, behind a queue: a real queue protocol (fauxqs), the event source mapping
// and the Runtime API of @lambent/local, a process of its own. Nothing between is mocked.
import { join } from 'node:path'
import { SQS } from '@aws-sdk/client-sqs'
import { retryLater, sqs as source } from '@lambent/events/sqs'
import { type InvocationResult, type LambdaFunction, startEventSourceMapping, startFunction } from '@lambent/local'
import { invoke } from '@lambent/testing'
import { type FauxqsServer, startFauxqs } from 'fauxqs'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'

const handler = join(import.meta.dirname, '../../examples/orders/dist/take-payments.handler')
const region = 'eu-central-1'
const ORDER = '6f1c2b1e-8d4a-4c37-9a51-0d2f7c9be410'

let server: FauxqsServer
let sqs: SQS
beforeAll(async () => {
  server = await startFauxqs({ port: 0, host: '127.0.0.1', logger: false })
  const credentials = { accessKeyId: 'key', secretAccessKey: 'secret' }
  sqs = new SQS({ endpoint: `http://127.0.0.1:${server.port}`, region, credentials })
})
afterAll(async () => {
  sqs.destroy()
  await server.stop()
})

const payment = (id: string): string => JSON.stringify({ paymentId: id, orderId: ORDER, amount: 1999, currency: 'EUR' })

function createQueue(name: string, fifo = false) {
  const attributes: Record<string, string> = fifo ? { FifoQueue: 'true', ContentBasedDeduplication: 'true' } : {}
  const suffix = fifo ? '.fifo' : ''
  const { queueArn: deadLetterTargetArn, queueUrl: dlqUrl } = server.createQueue(`${name}-dlq${suffix}`, {
    region,
    attributes,
  })
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn, maxReceiveCount: 2 })
  const { queueUrl } = server.createQueue(`${name}${suffix}`, {
    region,
    attributes: { ...attributes, VisibilityTimeout: '2', RedrivePolicy },
  })
  return { queueUrl, dlqUrl }
}

const send = (queueUrl: string, bodies: readonly string[], group?: (index: number) => string) =>
  sqs.sendMessageBatch({
    QueueUrl: queueUrl,
    Entries: bodies.map((MessageBody, i) => ({
      Id: `${i}`,
      MessageBody,
      ...(group && { MessageGroupId: group(i) }),
    })),
  })

const mapping = (queueUrl: string, lambda: LambdaFunction) =>
  startEventSourceMapping({ queueUrl, sqs, function: lambda, functionResponseTypes: ['ReportBatchItemFailures'] })

/** What the handler has taken, and at which delivery, in the order of its log. */
const taken = (lambda: LambdaFunction): { taken: string; delivery: number }[] =>
  lambda.logs.flatMap(({ message }) => {
    const [, line] = /(\{"taken".*\})/.exec(message) ?? []
    return line ? [JSON.parse(line)] : []
  })

const left = async (queueUrl: string): Promise<number> => {
  const { Attributes } = await sqs.getQueueAttributes({ QueueUrl: queueUrl, AttributeNames: ['All'] })
  const { ApproximateNumberOfMessages, ApproximateNumberOfMessagesNotVisible, ApproximateNumberOfMessagesDelayed } =
    Attributes ?? {}
  return [ApproximateNumberOfMessages, ApproximateNumberOfMessagesNotVisible, ApproximateNumberOfMessagesDelayed]
    .map(Number)
    .reduce((sum, count) => sum + count)
}

it('takes good payments once, gives a poison message its two tries, and its body to the dead-letter queue', async () => {
  const { queueUrl, dlqUrl } = createQueue('payments')
  await send(queueUrl, [payment('p-1'), '{"paymentId":"poison', payment('p-2'), payment('p-3')])
  await using lambda = await startFunction({ handler, timeout: 2000 })
  await using _running = await mapping(queueUrl, lambda)
  await vi.waitFor(async () => expect(await left(dlqUrl)).toBe(1), { timeout: 60_000, interval: 100 })
  expect(await left(queueUrl)).toBe(0)
  expect(taken(lambda).map(each => each.taken)).toEqual(['p-1', 'p-2', 'p-3'])
  const { Messages } = await sqs.receiveMessage({ QueueUrl: dlqUrl })
  expect(Messages?.[0]?.Body).toBe('{"paymentId":"poison')
})

it('keeps the order of each group of a FIFO queue, whatever fails in another', async () => {
  const { queueUrl, dlqUrl } = createQueue('ordered', true)
  const bodies = ['a-1', 'b-1', 'a-2', 'b-2', 'a-3'].map(payment)
  await send(queueUrl, ['not JSON', ...bodies], i => (i === 0 ? 'b' : (bodies[i - 1]?.slice(14, 15) ?? '')))
  await using lambda = await startFunction({ handler, timeout: 2000 })
  await using _running = await mapping(queueUrl, lambda)
  await vi.waitFor(async () => expect(await left(queueUrl)).toBe(0), { timeout: 60_000, interval: 100 })
  const order = taken(lambda).map(each => each.taken)
  expect(order.filter(id => id.startsWith('a'))).toEqual(['a-1', 'a-2', 'a-3'])
  expect(order.filter(id => id.startsWith('b'))).toEqual(['b-1', 'b-2'])
  expect(await left(dlqUrl)).toBe(1)
})

it('loses nothing when the process is killed again and again', async () => {
  const { queueUrl, dlqUrl } = createQueue('killed')
  const ids = Array.from({ length: 30 }, (_, i) => `k-${i}`)
  for (let i = 0; i < ids.length; i += 10) await send(queueUrl, ids.slice(i, i + 10).map(payment))
  await using lambda = await startFunction({ handler, timeout: 2000 })
  await using _running = await mapping(queueUrl, lambda)
  const killed = new Set<number>()
  await vi.waitFor(
    async () => {
      const { pid } = lambda
      if (pid !== undefined && killed.size < 2 && taken(lambda).length >= killed.size * 10) {
        process.kill(pid, 'SIGKILL')
        killed.add(pid)
      }
      expect((await left(queueUrl)) + (await left(dlqUrl))).toBe(await left(dlqUrl))
    },
    { timeout: 60_000, interval: 30 },
  )
  expect(killed.size).toBe(2)
  const dead = await left(dlqUrl) // a message whose two deliveries were both killed is there, not lost
  expect(new Set(taken(lambda).map(each => each.taken)).size + dead).toBeGreaterThanOrEqual(ids.length)
})

it('retryLater() has a message come again when it says, by the AWS SDK’s own client', async () => {
  const { queueUrl } = server.createQueue('later', { region, attributes: { VisibilityTimeout: '60' } })
  await send(queueUrl, [payment('p-1'), payment('p-2')])
  const deliveries: [string, number, number][] = []
  const started = Date.now()
  const handler = source({ client: sqs, queueUrl })
    .each()
    .handle(({ message }) => {
      deliveries.push([message.body, message.receiveCount, Date.now() - started])
      if (message.body === payment('p-1') && message.receiveCount === 1) return retryLater({ delaySeconds: 2 })
    })
  await using _running = await startEventSourceMapping({
    queueUrl,
    sqs,
    functionResponseTypes: ['ReportBatchItemFailures'],
    function: {
      functionName: 'later',
      timeout: 3000,
      invoke: async event => answer(await invoke(handler, event as never)),
    },
  })
  await vi.waitFor(() => expect(deliveries).toHaveLength(3), { timeout: 60_000, interval: 100 })
  await vi.waitFor(async () => expect(await left(queueUrl)).toBe(0), { timeout: 60_000, interval: 100 })
  expect(deliveries.map(([body, count]) => [JSON.parse(body).paymentId, count]).sort()).toEqual([
    ['p-1', 1],
    ['p-1', 2],
    ['p-2', 1],
  ])
  // After the delay that it asked for, and long before the queue's own visibility timeout.
  expect(deliveries.at(-1)?.[2]).toBeGreaterThan(1500)
})

/** The result of an invocation in this process. */
function answer(payload: unknown): InvocationResult {
  const payloadBytes = new TextEncoder().encode(JSON.stringify(payload))
  return { statusCode: 200, requestId: 'r', payload, payloadBytes, durationMs: 0, logs: [], functionError: undefined }
}
