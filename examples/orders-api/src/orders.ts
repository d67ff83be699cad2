// What an order is, and the table that keeps them.
import { DynamoDB } from '@lambent/aws/dynamodb'
import { unmarshall } from '@lambent/core/dynamodb'
import * as z from 'zod'
import { variable } from './environment.ts'

export const NewOrder = z.strictObject({
  customerId: z.string().min(1).max(64),
  currency: z.enum(['EUR', 'USD']),
  items: z
    .array(
      z.strictObject({ sku: z.string().min(1).max(64), quantity: z.int().min(1).max(1000), cents: z.int().min(1) }),
    )
    .min(1)
    .max(100),
})

export const Order = NewOrder.extend({
  orderId: z.uuid(),
  status: z.enum(['placed', 'cancelled']),
  cents: z.int(),
  placedAt: z.iso.datetime(),
})

export type Order = z.infer<typeof Order>

export const db: DynamoDB = new DynamoDB()
export const TableName: string = variable('ORDERS_TABLE')

export const keyOf = (orderId: string) => ({ orderId: { S: orderId } })

/** The document is one attribute: the API reads and writes it as a whole. */
export function itemOf(order: Order) {
  const { orderId, status, ...document } = order
  return { ...keyOf(orderId), status: { S: status }, document: { S: JSON.stringify(document) } }
}

export function orderOf(item: Parameters<typeof unmarshall>[0]): Order {
  const { orderId, status, document } = unmarshall(item) as Record<string, string>
  return Order.parse({ ...JSON.parse(document ?? '{}'), orderId, status })
}
