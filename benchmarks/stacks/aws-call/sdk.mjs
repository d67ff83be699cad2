import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb'

const db = new DynamoDBClient({})

export const handler = async ({ orderId }) => {
  await db.send(new PutItemCommand({ TableName: 'orders', Item: { id: { S: orderId } } }))
  return { put: orderId }
}
