import { sqs } from '@lambent/events/sqs'
import { metrics } from '@lambent/powertools/metrics'

export const handler = sqs()
  .use(metrics({ namespace: 'bench', serviceName: 'orders' }))
  .each()
  .handle(({ metrics }) => {
    metrics.addMetric('Taken', 'Count', 1)
  })
