// The HTTP router of Powertools, with its own validation.
import { Router } from '@aws-lambda-powertools/event-handler/http'
import { Order } from '#order'
import { units } from '../order/units.ts'

const quiet = { error() {}, warn() {}, debug() {} }
const app = new Router({ logger: quiet })
app.post(
  '/orders',
  ({ valid }) => ({
    statusCode: 201,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ orderId: valid.req.body.orderId, units: units(valid.req.body) }),
  }),
  { validation: { req: { body: Order } } },
)

export const handler = async (event, context) => app.resolve(event, context)
