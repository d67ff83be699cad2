// SQS FIFO: each payment once, and those of one customer in their order.
import { deadLetter, sqsQueue } from '@lambent/dead-letter'
import { sqs } from '@lambent/events/sqs'
import { dynamoDbStore, idempotent } from '@lambent/idempotency'
import { logger, metrics } from '@lambent/powertools'
import { retry, timeout } from '@lambent/retry'
import { json, parse } from '@lambent/schema'
import { variable } from './environment.ts'
import { Payment } from './payments.ts'
import { charge } from './provider.ts'

const providerUrl = variable('PROVIDER_URL')

export const handler = sqs()
  .use(metrics()) // once an invocation
  .use(timeout()) // names what was running, before Lambda kills it
  .each() // from here on once a payment: groups side by side, each in its order
  .use(logger())
  // What is permanent at once, all else when it was received three times: the queue's own policy is the net below.
  .use(deadLetter({ to: sqsQueue(variable('DLQ_URL')), after: 3 }))
  .use(parse(json(Payment)))
  .use(
    idempotent({
      store: dynamoDbStore({ tableName: variable('IDEMPOTENCY_TABLE') }),
      key: ({ body }) => body.paymentId,
    }),
  )
  .use(retry({ attempts: 3, backoff: { base: 100 } }))
  .use(timeout(3000)) // of each attempt
  .handle(async ({ body, log, metrics, signal }) => {
    const { chargeId } = await charge(providerUrl, body, signal)
    log.info('charged', { paymentId: body.paymentId, chargeId })
    metrics.addMetric('PaymentsTaken', 'Count', 1)
  })
