// The document client, as most manuals show it.
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb'

const db = DynamoDBDocumentClient.from(new DynamoDBClient({}))

export const handler = async ({ orderId }) => {
  await db.send(new PutCommand({ TableName: process.env.ORDERS_TABLE ?? 'orders', Item: { id: orderId } }))
  return { put: orderId }
}
