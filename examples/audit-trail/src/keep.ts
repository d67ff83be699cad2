// EventBridge: each change is an item of the trail. The item's key is the change, so that it is there once, however often
// its event comes.
import { DynamoDB } from '@lambent/aws/dynamodb'
import { eventBridge } from '@lambent/events/eventbridge'
import { logger, metrics } from '@lambent/powertools'
import { retry } from '@lambent/retry'
import { parse } from '@lambent/schema'
import * as z from 'zod'
import { variable } from './environment.ts'

const db = new DynamoDB()
const TableName = variable('TRAIL_TABLE')

const Change = z.object({
  changeId: z.string().min(1),
  keys: z.object({ orderId: z.string().min(1) }),
  at: z.iso.datetime(),
  changed: z.array(z.string()),
})

export const handler = eventBridge({ source: 'shop.orders' })
  .use(metrics())
  .use(logger())
  .use(parse(Change))
  .use(retry({ attempts: 3 }))
  .handle(async ({ body, detailType, log, metrics, signal }) => {
    const { changeId, keys, at, changed } = body
    try {
      await db.putItem(
        {
          TableName,
          Item: {
            orderId: { S: keys.orderId },
            change: { S: `${at}#${changeId}` }, // in the order of time
            type: { S: detailType },
            changed: { L: changed.map(name => ({ S: name })) },
          },
          ConditionExpression: 'attribute_not_exists(orderId)',
        },
        { abortSignal: signal },
      )
    } catch (error) {
      if (!(error instanceof Error) || error.name !== 'ConditionalCheckFailedException') throw error
      log.info('known already', { changeId })
      return
    }
    log.info('kept', { changeId })
    metrics.addMetric('ChangesKept', 'Count', 1)
  })
