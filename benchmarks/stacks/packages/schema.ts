import { sqs } from '@lambent/events/sqs'
import { json, parse } from '@lambent/schema'
import { Order } from '../order/by-hand.ts'

export const handler = sqs()
  .each()
  .use(parse(json(Order)))
  .handle(() => {})
