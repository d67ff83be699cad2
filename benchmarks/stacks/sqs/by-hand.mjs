import { validate } from '#order'
import { units } from '../order/units.ts'

export const handler = async ({ Records }) => {
  const batchItemFailures = []
  for (const { messageId, body } of Records) {
    try {
      const order = validate(JSON.parse(body))
      console.info(`took ${order.orderId} ${units(order)}`)
    } catch {
      batchItemFailures.push({ itemIdentifier: messageId })
    }
  }
  return { batchItemFailures }
}
