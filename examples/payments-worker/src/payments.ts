// What a payment is.
import * as z from 'zod'

export const Payment = z.object({
  paymentId: z.string().min(1).max(64),
  customerId: z.string().min(1).max(64),
  cents: z.int().min(1),
  currency: z.enum(['EUR', 'USD']),
})

export type Payment = z.infer<typeof Payment>
