// middy with the parser of Powertools.

import { ApiGatewayV2Envelope } from '@aws-lambda-powertools/parser/envelopes/api-gatewayv2'
import { JSONStringified } from '@aws-lambda-powertools/parser/helpers'
import { parser } from '@aws-lambda-powertools/parser/middleware'
import middy from '@middy/core'
import httpErrorHandler from '@middy/http-error-handler'
import { Order } from '#order'
import { units } from '../order/units.ts'

const badRequest = {
  onError(request) {
    if (request.error?.name === 'ParseError') Object.assign(request.error, { statusCode: 422, expose: true })
  },
}

export const handler = middy()
  .use(httpErrorHandler({ logger: false }))
  .use(badRequest)
  .use(parser({ schema: JSONStringified(Order), envelope: ApiGatewayV2Envelope }))
  .handler(async order => ({
    statusCode: 201,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ orderId: order.orderId, units: units(order) }),
  }))
