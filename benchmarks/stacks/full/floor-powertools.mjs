// The calls of calls.mjs, and Powertools' logger and metrics: less than this no stack with them can cost.
import { Logger } from '@aws-lambda-powertools/logger'
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics'
import { charge } from '../order/charge.ts'
import { eachMessage } from './calls.mjs'

const logger = new Logger({ serviceName: 'orders' })
const metrics = new Metrics({ namespace: 'bench', serviceName: 'orders' })
const each = eachMessage((order, key) => {
  logger.info('charged', charge(order, key))
  metrics.addMetric('Charged', MetricUnit.Count, 1)
})

export const handler = async (event, context) => {
  logger.addContext(context)
  try {
    return await each(event)
  } finally {
    metrics.publishStoredMetrics()
  }
}
