// EventBridge: OrderPlaced of the shop.
import { eventBridge } from '@lambent/events/eventbridge'
import { parse } from '@lambent/schema'
import { Order, total } from './schemas.ts'

export const handler = eventBridge({ source: 'com.example.shop', detailType: 'OrderPlaced' })
  .use(parse(Order))
  .handle(({ body, detailType }) => {
    console.info(JSON.stringify({ told: body.customerId, of: detailType, cents: total(body) }))
  })
