// POST /orders/{orderId}/cancel: of an order that is placed. The condition is DynamoDB's, so that two cancel it once.
import { ConflictError, http, NotFoundError } from '@lambent/http'
import { logger, metrics } from '@lambent/powertools'
import { db, keyOf, TableName } from './orders.ts'

export const handler = http()
  .use(metrics())
  .use(logger())
  .handle(async ({ request, log, signal }) => {
    const Key = keyOf(request.params.orderId ?? '-')
    try {
      await db.updateItem(
        {
          TableName,
          Key,
          UpdateExpression: 'SET #status = :cancelled',
          ConditionExpression: '#status = :placed',
          ExpressionAttributeNames: { '#status': 'status' },
          ExpressionAttributeValues: { ':cancelled': { S: 'cancelled' }, ':placed': { S: 'placed' } },
        },
        { abortSignal: signal },
      )
    } catch (error) {
      if (!(error instanceof Error) || error.name !== 'ConditionalCheckFailedException') throw error
      const { Item } = await db.getItem({ TableName, Key, ConsistentRead: true }, { abortSignal: signal })
      if (!Item) throw new NotFoundError('no such order')
      throw new ConflictError('the order is cancelled already')
    }
    log.info('order cancelled')
    return { status: 204 }
  })
