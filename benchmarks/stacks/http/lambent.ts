import { http } from '@lambent/http'
import { json, parse } from '@lambent/schema'
import { Order } from '#order'
import { units } from '../order/units.ts'

export const handler = http()
  .use(parse(json(Order)))
  .handle(({ body }) => ({ status: 201, body: { orderId: body.orderId, units: units(body) } }))
