// The same without middy, in the style of Powertools' manual for those who use none.
import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch'
import { IdempotencyConfig, makeIdempotent } from '@aws-lambda-powertools/idempotency'
import { DynamoDBPersistenceLayer } from '@aws-lambda-powertools/idempotency/dynamodb'
import { Logger } from '@aws-lambda-powertools/logger'
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics'
import { getSecret } from '@aws-lambda-powertools/parameters/secrets'
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { validate } from '#order'
import { charge } from '../order/charge.ts'

const logger = new Logger({ serviceName: 'orders' })
const metrics = new Metrics({ namespace: 'bench', serviceName: 'orders' })
const queue = new SQSClient({})
const config = new IdempotencyConfig({ eventKeyJmesPath: 'orderId' })
const processor = new BatchProcessor(EventType.SQS, { logger: { debug() {}, error() {}, warn() {} } })

const chargeOnce = makeIdempotent(
  async order => {
    const key = await getSecret(process.env.SECRET_ID ?? 'prod/psp', { maxAge: 300 })
    const charged = charge(order, key)
    logger.info('charged', charged)
    metrics.addMetric('Charged', MetricUnit.Count, 1)
    return charged
  },
  {
    persistenceStore: new DynamoDBPersistenceLayer({ tableName: process.env.IDEMPOTENCY_TABLE ?? 'idempotency' }),
    config,
  },
)

const take = async ({ body }) => {
  let order
  try {
    order = validate(JSON.parse(body))
  } catch (error) {
    const MessageAttributes = { error: { DataType: 'String', StringValue: error.name } }
    await queue.send(new SendMessageCommand({ QueueUrl: process.env.DLQ_URL, MessageBody: body, MessageAttributes }))
    return
  }
  await chargeOnce(order)
}

export const handler = async (event, context) => {
  logger.addContext(context)
  config.registerLambdaContext(context)
  try {
    return await processPartialResponse(event, take, processor, { context, throwOnFullBatchFailure: false })
  } finally {
    metrics.publishStoredMetrics()
  }
}
