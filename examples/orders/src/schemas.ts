// What the service accepts. `import * as z` keeps the bundle small: of zod only what is used goes into it.
import * as z from 'zod'

export const Order = z.object({
  orderId: z.uuid(),
  customerId: z.string().min(1),
  items: z
    .array(z.object({ sku: z.string().min(1), quantity: z.int().positive(), price: z.int().nonnegative() }))
    .min(1),
  currency: z.enum(['EUR', 'USD', 'GBP']),
})
export type Order = z.output<typeof Order>

export const Payment = z.object({
  paymentId: z.string().min(1),
  orderId: z.uuid(),
  /** In cents. */
  amount: z.int().positive(),
  currency: z.enum(['EUR', 'USD', 'GBP']),
})

/** An order as the table holds it: the total is a number, whatever precision DynamoDB gives it. */
export const StoredOrder = z.object({
  orderId: z.uuid(),
  customerId: z.string().min(1),
  status: z.string(),
  total: z.number(),
})

/** In cents. */
export const total = ({ items }: Order): number => items.reduce((sum, { quantity, price }) => sum + quantity * price, 0)
