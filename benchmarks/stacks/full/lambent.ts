import { deadLetter, sqsQueue } from '@lambent/dead-letter'
import { sqs } from '@lambent/events/sqs'
import { dynamoDbStore, idempotent } from '@lambent/idempotency'
import { logger, metrics } from '@lambent/powertools'
import { json, parse } from '@lambent/schema'
import { secret, secrets } from '@lambent/secrets'
import { Order } from '#order'
import { charge } from '../order/charge.ts'

export const handler = sqs()
  .use(logger({ serviceName: 'orders' }))
  .use(metrics({ namespace: 'bench', serviceName: 'orders', frameworkMetrics: false }))
  .use(secrets({ psp: secret(process.env.SECRET_ID ?? 'prod/psp') }))
  .each()
  .use(deadLetter({ to: sqsQueue(process.env.DLQ_URL) }))
  .use(parse(json(Order)))
  .use(
    idempotent({
      store: dynamoDbStore({ tableName: process.env.IDEMPOTENCY_TABLE ?? 'idempotency' }),
      key: ({ body }) => body.orderId,
    }),
  )
  .handle(({ body, secrets, log, metrics }) => {
    log.info('charged', charge(body, secrets.psp))
    metrics.addMetric('Charged', 'Count', 1)
  })
