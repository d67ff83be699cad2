// EventBridge: OrderPaid of the shop. What is no sale fails for good, and goes to the queue of the rule's target.
import { eventBridge } from '@lambent/events/eventbridge'
import { logger, metrics } from '@lambent/powertools'
import { retry } from '@lambent/retry'
import { parse } from '@lambent/schema'
import { keep, Sale } from './sales.ts'

export const handler = eventBridge({ source: 'shop.orders', detailType: 'OrderPaid' })
  .use(metrics())
  .use(logger())
  .use(parse(Sale))
  .use(retry({ attempts: 3 }))
  .handle(async ({ body, metrics, signal }) => {
    await keep(body, signal)
    metrics.addMetric('SalesKept', 'Count', 1)
  })
