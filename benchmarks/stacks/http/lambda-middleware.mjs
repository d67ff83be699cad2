import { compose } from '@lambda-middleware/compose'
import { errorHandler } from '@lambda-middleware/http-error-handler'
import { validate } from '#order'
import { units } from '../order/units.ts'

const validated = () => handler => async (event, context) => {
  try {
    event = { ...event, body: validate(JSON.parse(event.body)) }
  } catch {
    throw Object.assign(new Error('Unprocessable Content'), { statusCode: 422 })
  }
  return handler(event, context)
}
const wrapped = compose(
  errorHandler(),
  validated(),
)(async ({ body }) => ({
  statusCode: 201,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ orderId: body.orderId, units: units(body) }),
}))

export const handler = async (event, context) => wrapped(event, context)
