import createApi from 'lambda-api'
import { validate } from '#order'
import { units } from '../order/units.ts'

const api = createApi({ logger: false })
api.use((error, _request, response, _next) => {
  response.status(400).json({ title: error.message })
})
api.post('/orders', (request, response) => {
  let order
  try {
    order = validate(typeof request.body === 'string' ? JSON.parse(request.body) : request.body)
  } catch {
    return response.status(422).json({ title: 'Unprocessable Content' })
  }
  return response.status(201).json({ orderId: order.orderId, units: units(order) })
})

export const handler = async (event, context) => api.run(event, context)
