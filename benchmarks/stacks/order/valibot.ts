// An order, by valibot.
import * as v from 'valibot'

export const Order = v.object({
  orderId: v.pipe(v.string(), v.minLength(1)),
  items: v.pipe(
    v.array(
      v.object({
        sku: v.pipe(v.string(), v.minLength(1)),
        quantity: v.pipe(v.number(), v.integer(), v.minValue(1)),
      }),
    ),
    v.minLength(1),
  ),
})
export const validate = (value: unknown): v.InferOutput<typeof Order> => v.parse(Order, value)
