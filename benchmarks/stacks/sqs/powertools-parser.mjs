// Powertools' batch processor with its parser integration.
import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch'
import { parser } from '@aws-lambda-powertools/batch/parser'
import { Order } from '#order'
import { units } from '../order/units.ts'

const processor = new BatchProcessor(EventType.SQS, {
  parser,
  innerSchema: Order,
  transformer: 'json',
  logger: { debug() {}, error() {}, warn() {} },
})
const take = async ({ body }) => console.info(`took ${body.orderId} ${units(body)}`)

export const handler = async (event, context) => processPartialResponse(event, take, processor, { context })
