import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch'
import { validate } from '#order'
import { units } from '../order/units.ts'

const processor = new BatchProcessor(EventType.SQS)
const take = async ({ body }) => {
  const order = validate(JSON.parse(body))
  console.info(`took ${order.orderId} ${units(order)}`)
}

export const handler = async (event, context) => processPartialResponse(event, take, processor, { context })
