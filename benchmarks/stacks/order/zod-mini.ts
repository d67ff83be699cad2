// An order, by zod/mini.
import * as z from 'zod/mini'

export const Order = z.object({
  orderId: z.string().check(z.minLength(1)),
  items: z
    .array(z.object({ sku: z.string().check(z.minLength(1)), quantity: z.int().check(z.positive()) }))
    .check(z.minLength(1)),
})
export const validate = (value: unknown): z.output<typeof Order> => z.parse(Order, value)
