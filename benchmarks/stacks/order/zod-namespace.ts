// An order, by zod, imported so that a bundler can leave out what is not used.
import * as z from 'zod'

export const Order = z.object({
  orderId: z.string().min(1),
  items: z.array(z.object({ sku: z.string().min(1), quantity: z.int().positive() })).min(1),
})
export const validate = (value: unknown): z.output<typeof Order> => Order.parse(value)
