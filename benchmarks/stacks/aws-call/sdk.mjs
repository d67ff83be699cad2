import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb'

const db = new DynamoDBClient({})

export const handler = async ({ orderId }) => {
  await db.send(new PutItemCommand({ TableName: process.env.ORDERS_TABLE ?? 'orders', Item: { id: { S: orderId } } }))
  return { put: orderId }
}
