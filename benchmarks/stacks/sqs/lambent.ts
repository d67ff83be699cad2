import { sqs } from '@lambent/events/sqs'
import { json, parse } from '@lambent/schema'
import { Order } from '#order'
import { units } from '../order/units.ts'

export const handler = sqs()
  .each()
  .use(parse(json(Order)))
  .handle(({ body }) => console.info(`took ${body.orderId} ${units(body)}`))
