// The least that parses and validates: what the schema library costs.
import { validate } from '#order'
import { units } from '../order/units.ts'

const answer = (statusCode, body) => ({
  statusCode,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
})

export const handler = async event => {
  let order
  try {
    order = validate(JSON.parse(event.body))
  } catch {
    return answer(400, { title: 'Bad Request' })
  }
  return answer(201, { orderId: order.orderId, units: units(order) })
}
