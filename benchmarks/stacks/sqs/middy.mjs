import middy from '@middy/core'
import sqsPartialBatchFailure from '@middy/sqs-partial-batch-failure'
import { validate } from '#order'
import { units } from '../order/units.ts'

export const handler = middy()
  .use(sqsPartialBatchFailure({ logger: false }))
  .handler(({ Records }) =>
    Promise.allSettled(
      Records.map(async ({ body }) => {
        const order = validate(JSON.parse(body))
        console.info(`took ${order.orderId} ${units(order)}`)
      }),
    ),
  )
