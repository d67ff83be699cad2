import middy from '@middy/core'
import httpErrorHandler from '@middy/http-error-handler'
import httpJsonBodyParser from '@middy/http-json-body-parser'
import { validate } from '#order'
import { units } from '../order/units.ts'

const validated = {
  before(request) {
    try {
      request.event.body = validate(request.event.body)
    } catch (cause) {
      throw Object.assign(new Error('Unprocessable Content', { cause }), { statusCode: 422, expose: true })
    }
  },
}

export const handler = middy()
  .use(httpErrorHandler({ logger: false }))
  .use(httpJsonBodyParser())
  .use(validated)
  .handler(async ({ body }) => ({
    statusCode: 201,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ orderId: body.orderId, units: units(body) }),
  }))
