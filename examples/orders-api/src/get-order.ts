// GET /orders/{orderId}
import { http, NotFoundError } from '@lambent/http'
import { logger, metrics } from '@lambent/powertools'
import { response } from '@lambent/schema'
import { db, keyOf, Order, orderOf, TableName } from './orders.ts'

export const handler = http({ headers: { 'cache-control': 'no-store' } })
  .use(metrics())
  .use(logger())
  .use(response({ 200: Order }))
  .handle(async ({ request, signal }) => {
    const { Item } = await db.getItem({ TableName, Key: keyOf(request.params.orderId ?? '-') }, { abortSignal: signal })
    if (!Item) throw new NotFoundError('no such order')
    return { status: 200, body: orderOf(Item) }
  })
