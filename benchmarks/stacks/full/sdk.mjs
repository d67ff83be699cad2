// By hand, on the AWS SDK alone: what somebody writes who wants no framework.
import { createHash } from 'node:crypto'
import { DynamoDBClient, GetItemCommand, PutItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb'
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { validate } from '#order'
import { charge } from '../order/charge.ts'

const db = new DynamoDBClient({})
const queue = new SQSClient({})
const vault = new SecretsManagerClient({})
const TableName = process.env.IDEMPOTENCY_TABLE ?? 'idempotency'
let secret

const log = (context, level, message, more) =>
  console.info(
    JSON.stringify({
      level,
      message,
      service: 'orders',
      timestamp: new Date().toISOString(),
      function_request_id: context.awsRequestId,
      ...more,
    }),
  )

const metric = (name, value) =>
  console.info(
    JSON.stringify({
      _aws: {
        Timestamp: Date.now(),
        CloudWatchMetrics: [
          { Namespace: 'bench', Dimensions: [['service']], Metrics: [{ Name: name, Unit: 'Count' }] },
        ],
      },
      service: 'orders',
      [name]: value,
    }),
  )

async function once(key, work) {
  const id = { S: `${process.env.AWS_LAMBDA_FUNCTION_NAME}#${createHash('sha256').update(key).digest('base64')}` }
  const now = Date.now()
  const names = { '#status': 'status', '#expiry': 'expiration', '#lock': 'in_progress_expiration' }
  const expiration = { N: String(Math.floor(now / 1000) + 3600) }
  try {
    await db.send(
      new PutItemCommand({
        TableName,
        Item: { id, status: { S: 'INPROGRESS' }, expiration, in_progress_expiration: { N: String(now + 10_000) } },
        ConditionExpression:
          'attribute_not_exists(id) OR #expiry < :seconds OR (#status = :inprogress AND attribute_exists(#lock) AND #lock < :now)',
        ExpressionAttributeNames: names,
        ExpressionAttributeValues: {
          ':seconds': { N: String(Math.floor(now / 1000)) },
          ':now': { N: String(now) },
          ':inprogress': { S: 'INPROGRESS' },
        },
      }),
    )
  } catch (error) {
    if (error.name !== 'ConditionalCheckFailedException') throw error
    const { Item } = await db.send(new GetItemCommand({ TableName, Key: { id }, ConsistentRead: true }))
    if (Item?.status.S !== 'COMPLETED') throw error
    return JSON.parse(Item.data.S)
  }
  const result = await work()
  await db.send(
    new UpdateItemCommand({
      TableName,
      Key: { id },
      UpdateExpression: 'SET #status = :completed, #expiry = :expiry, #data = :data',
      ExpressionAttributeNames: { '#status': 'status', '#expiry': 'expiration', '#data': 'data' },
      ExpressionAttributeValues: {
        ':completed': { S: 'COMPLETED' },
        ':expiry': expiration,
        ':data': { S: JSON.stringify(result) },
      },
    }),
  )
  return result
}

async function take(body, context) {
  let order
  try {
    order = validate(JSON.parse(body))
  } catch (error) {
    const MessageAttributes = { error: { DataType: 'String', StringValue: error.name } }
    await queue.send(new SendMessageCommand({ QueueUrl: process.env.DLQ_URL, MessageBody: body, MessageAttributes }))
    return
  }
  secret ??= (await vault.send(new GetSecretValueCommand({ SecretId: process.env.SECRET_ID ?? 'prod/psp' })))
    .SecretString
  await once(order.orderId, () => {
    const charged = charge(order, secret)
    log(context, 'INFO', 'charged', charged)
    metric('Charged', 1)
    return charged
  })
}

export const handler = async ({ Records }, context) => {
  const failed = await Promise.all(
    Records.map(async ({ messageId, body }) => {
      try {
        await take(body, context)
        return []
      } catch (error) {
        log(context, 'ERROR', error.message)
        return [{ itemIdentifier: messageId }]
      }
    }),
  )
  return { batchItemFailures: failed.flat() }
}
