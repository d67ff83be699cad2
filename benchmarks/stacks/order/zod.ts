// An order, by zod, imported as its manual shows: all of zod is in the bundle.
import { z } from 'zod'

export const Order = z.object({
  orderId: z.string().min(1),
  items: z.array(z.object({ sku: z.string().min(1), quantity: z.int().positive() })).min(1),
})
export const validate = (value: unknown): z.output<typeof Order> => Order.parse(value)
