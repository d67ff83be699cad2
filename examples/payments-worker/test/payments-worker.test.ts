// The built function behind a FIFO queue, by SQS's protocol, Lambda's event source mapping and Runtime API.
import { join } from 'node:path'
import { SQS } from '@aws-sdk/client-sqs'
import { parseDeadLetter } from '@lambent/dead-letter'
import { startEventSourceMapping, startFunction } from '@lambent/local'
import { startFauxqs } from 'fauxqs'
import { expect, it, vi } from 'vitest'
import { credentials, startDynamo, startStub } from './emulators.ts'

const region = 'eu-west-1'

it('charges each payment once, retries what may pass, and keeps what can’t as dead letters', async () => {
  const server = await startFauxqs({ port: 0, host: '127.0.0.1', logger: false })
  const endpoint = `http://127.0.0.1:${server.port}`
  const sqs = new SQS({ endpoint, region, credentials: { accessKeyId: 'local', secretAccessKey: 'local' } })
  const fifo = { FifoQueue: 'true', ContentBasedDeduplication: 'true' }
  const dlq = server.createQueue('payments-dlq.fifo', { region, attributes: fifo })
  const { queueUrl } = server.createQueue('payments.fifo', { region, attributes: { ...fifo, VisibilityTimeout: '30' } })
  await using dynamo = await startDynamo({ idempotency: ['id'] })

  const charged: string[] = []
  let down = true
  await using provider = await startStub(({ headers }) => {
    const key = `${headers['idempotency-key']}`
    if (key === 'declined') return [402, {}]
    if (key === 'a-2' && down) {
      down = false // comes back by itself: the retry is enough
      return [503, {}]
    }
    charged.push(key)
    return [200, { chargeId: `ch-${key}` }]
  })

  const send = (MessageGroupId: string, body: string) =>
    sqs.sendMessage({
      QueueUrl: queueUrl,
      MessageBody: body,
      MessageGroupId,
      MessageDeduplicationId: `${Math.random()}`,
    })
  const payment = (paymentId: string, customerId: string) =>
    JSON.stringify({ paymentId, customerId, cents: 1999, currency: 'EUR' })
  for (const id of ['a-1', 'a-2', 'a-3', 'a-1']) await send('a', payment(id, 'a')) // the last one is a repeat
  await send('b', payment('declined', 'b'))
  await send('b', payment('b-1', 'b'))
  await send('c', '{"paymentId":"cut off')

  await using take = await startFunction({
    handler: join(import.meta.dirname, '../dist/take-payments.handler'),
    timeout: 20_000,
    region,
    environment: {
      ...credentials,
      AWS_ENDPOINT_URL_SQS: endpoint,
      AWS_ENDPOINT_URL_DYNAMODB: dynamo.url,
      PROVIDER_URL: provider.url,
      DLQ_URL: dlq.queueUrl,
      IDEMPOTENCY_TABLE: 'idempotency',
      POWERTOOLS_SERVICE_NAME: 'payments-worker',
      POWERTOOLS_METRICS_NAMESPACE: 'Shop',
    },
  })
  const mapping = await startEventSourceMapping({
    queueUrl,
    sqs,
    function: take,
    functionResponseTypes: ['ReportBatchItemFailures'],
  })
  await vi.waitFor(
    async () => {
      const { Attributes } = await sqs.getQueueAttributes({ QueueUrl: queueUrl, AttributeNames: ['All'] })
      expect([Attributes?.ApproximateNumberOfMessages, Attributes?.ApproximateNumberOfMessagesNotVisible]).toEqual([
        '0',
        '0',
      ])
    },
    { timeout: 30_000, interval: 50 },
  )
  await mapping.stop()

  expect(charged.filter(id => id.startsWith('a'))).toEqual(['a-1', 'a-2', 'a-3'])
  expect(charged).toContain('b-1')
  const { Messages = [] } = await sqs.receiveMessage({
    QueueUrl: dlq.queueUrl,
    MaxNumberOfMessages: 10,
    MessageAttributeNames: ['All'],
    MessageSystemAttributeNames: ['All'],
  })
  const letters = Messages.map(message => parseDeadLetter(message))
  expect(letters.map(({ error, body }) => [error?.code, body]).sort()).toEqual([
    ['Declined', payment('declined', 'b')],
    ['MalformedJson', '{"paymentId":"cut off'],
  ])
  sqs.destroy()
  await server.stop()
})
