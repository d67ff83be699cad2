// @effect-aws/lambda, with the schemas of effect itself.
import { LambdaHandler } from '@effect-aws/lambda'
import { Effect, Schema } from 'effect'
import { units } from '../order/units.ts'

const Order = Schema.parseJson(
  Schema.Struct({
    orderId: Schema.NonEmptyString,
    items: Schema.NonEmptyArray(
      Schema.Struct({ sku: Schema.NonEmptyString, quantity: Schema.Int.pipe(Schema.positive()) }),
    ),
  }),
)
const answer = (statusCode, body) => ({
  statusCode,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
})

export const handler = LambdaHandler.make(event =>
  Schema.decodeUnknown(Order)(event.body).pipe(
    Effect.map(order => answer(201, { orderId: order.orderId, units: units(order) })),
    Effect.catchAll(() => Effect.succeed(answer(422, { title: 'Unprocessable Content' }))),
  ),
)
