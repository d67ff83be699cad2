import { DynamoDB } from '@lambent/aws/dynamodb'

const db = new DynamoDB()

export const handler = async ({ orderId }: { readonly orderId: string }): Promise<object> => {
  await db.putItem({ TableName: process.env.ORDERS_TABLE ?? 'orders', Item: { id: { S: orderId } } })
  return { put: orderId }
}
