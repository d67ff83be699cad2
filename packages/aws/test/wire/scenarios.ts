// The same calls for either client of a service. What each must give is in the tests; that both give the same is, too.

import type * as Own from '../../src/index.ts'
import type * as Sdk from './sdk.ts'
import { type Outcome, outcome } from './transcript.ts'

/** The methods that both clients have. */
export type Client<Service extends keyof Own.Clients> = Omit<Own.Clients[Service], 'connect'>
export type SdkClient<Service extends keyof Own.Clients> = Sdk.SdkClients[Service]

export async function dynamoDb(client: Client<'dynamodb'>, TableName: string): Promise<Outcome[]> {
  const bytes = new Uint8Array([0, 1, 254, 255])
  const Item = {
    id: { S: 'é"\\\n\u{1f600}' },
    n: { N: '12345678901234567890.5' },
    b: { B: bytes },
    bs: { BS: [bytes, new Uint8Array([7])] },
    ns: { NS: ['1', '2'] },
    ss: { SS: ['a', 'b'] },
    m: { M: { deep: { L: [{ B: Buffer.from('buffer') }, { NULL: true }, { BOOL: false }] } } },
  }
  const key = { id: Item.id }
  const fresh = { TableName, Item, ConditionExpression: 'attribute_not_exists(id)' }
  const counted = {
    TableName,
    Key: { id: { S: 'count' } },
    UpdateExpression: 'SET #n = if_not_exists(#n, :zero) + :one',
    ExpressionAttributeNames: { '#n': 'n' },
    ExpressionAttributeValues: { ':zero': { N: '0' }, ':one': { N: '1' } },
    ReturnValues: 'ALL_NEW' as const,
  }
  return [
    await outcome(client.getItem({ TableName, Key: key, ConsistentRead: true })),
    await outcome(client.putItem({ ...fresh, ReturnConsumedCapacity: 'TOTAL' })),
    await outcome(client.putItem(fresh)),
    await outcome(client.putItem({ ...fresh, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' })),
    await outcome(client.getItem({ TableName, Key: key, ConsistentRead: true })),
    await outcome(client.updateItem(counted)),
    await outcome(client.updateItem(counted)),
    await outcome(
      client.query({
        TableName,
        KeyConditionExpression: 'id = :id',
        ExpressionAttributeValues: { ':id': Item.id },
        ConsistentRead: true,
      }),
    ),
    await outcome(client.deleteItem({ TableName, Key: key, ReturnValues: 'ALL_OLD' })),
    await outcome(client.deleteItem({ TableName, Key: key, ConditionExpression: 'attribute_exists(id)' })),
    await outcome(client.getItem({ TableName: 'there-is-none', Key: key })),
    await outcome(client.putItem({ TableName, Item: { other: { S: 'no key' } } })),
  ]
}

/** Not of dynalite, which has no transactions. */
export async function transactions(client: Client<'dynamodb'>, TableName: string): Promise<Outcome[]> {
  const put = (id: string) => ({
    Put: {
      TableName,
      Item: { id: { S: id }, b: { B: new Uint8Array([1, 2]) } },
      ConditionExpression: 'attribute_not_exists(id)',
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD' as const,
    },
  })
  return [
    await outcome(client.transactWriteItems({ TransactItems: [put('t1'), put('t2')] })),
    await outcome(client.transactWriteItems({ TransactItems: [put('t3'), put('t1')] })),
  ]
}

export async function sqs(client: Client<'sqs'>, QueueUrl: string): Promise<Outcome[]> {
  const MessageAttributes = {
    text: { DataType: 'String', StringValue: 'é' },
    bytes: { DataType: 'Binary', BinaryValue: new Uint8Array([1, 0, 255]) },
    number: { DataType: 'Number', StringValue: '7' },
  }
  const said = [
    await outcome(client.sendMessage({ QueueUrl, MessageBody: '{"é":"<&>"}', MessageAttributes })),
    await outcome(
      client.sendMessageBatch({
        QueueUrl,
        Entries: [
          { Id: 'a', MessageBody: 'one', DelaySeconds: 900 },
          { Id: 'b', MessageBody: 'two', DelaySeconds: 900 },
        ],
      }),
    ),
    await outcome(client.sendMessageBatch({ QueueUrl, Entries: [] })),
  ]
  const received = client.receiveMessage({
    QueueUrl,
    MessageAttributeNames: ['All'],
    MessageSystemAttributeNames: ['ApproximateReceiveCount'],
    VisibilityTimeout: 60,
    WaitTimeSeconds: 1,
  })
  said.push(await outcome(received))
  const [message] = (await received).Messages ?? []
  const ReceiptHandle = message?.ReceiptHandle ?? ''
  said.push(
    await outcome(client.changeMessageVisibility({ QueueUrl, ReceiptHandle, VisibilityTimeout: 120 })),
    await outcome(client.deleteMessageBatch({ QueueUrl, Entries: [{ Id: 'x', ReceiptHandle }] })),
    await outcome(client.getQueueAttributes({ QueueUrl, AttributeNames: ['DelaySeconds'] })),
    await outcome(client.getQueueUrl({ QueueName: 'there-is-none' })),
    await outcome(client.deleteMessage({ QueueUrl, ReceiptHandle })),
  )
  return said
}

export async function sns(client: Client<'sns'>, TopicArn: string): Promise<Outcome[]> {
  const MessageAttributes = {
    text: { DataType: 'String', StringValue: 'é & <x>' },
    bytes: { DataType: 'Binary', BinaryValue: new Uint8Array([1, 0, 255]) },
  }
  return [
    await outcome(client.publish({ TopicArn, Message: 'a=b&c d+é', Subject: 'S', MessageAttributes })),
    await outcome(
      client.publishBatch({
        TopicArn,
        PublishBatchRequestEntries: [
          { Id: 'a', Message: 'one', MessageAttributes },
          { Id: 'b', Message: 'two' },
        ],
      }),
    ),
    await outcome(client.publish({ TopicArn: `${TopicArn}-that-is-none`, Message: 'x' })),
  ]
}

export async function s3(client: Own.S3Port, Bucket: string): Promise<Outcome[]> {
  const Key = "a folder/it's (é) +~!*%2F.txt"
  const read = async () => {
    const { Body, ...rest } = await client.getObject({ Bucket, Key })
    return { ...rest, text: await Body?.transformToString() }
  }
  const range = async () => {
    const { Body, ...rest } = await client.getObject({ Bucket, Key, Range: 'bytes=1-2' })
    return { ...rest, bytes: await Body?.transformToByteArray() }
  }
  const Metadata = { one: '1', two: 'x y' }
  return [
    await outcome(client.putObject({ Bucket, Key, Body: 'héllo', ContentType: 'text/plain', Metadata })),
    await outcome(read()),
    await outcome(range()),
    await outcome(client.headObject({ Bucket, Key })),
    await outcome(client.putObject({ Bucket, Key: 'bytes', Body: new Uint8Array([0, 255]) })),
    await outcome(client.deleteObject({ Bucket, Key })),
    await outcome(client.getObject({ Bucket, Key })),
    await outcome(client.headObject({ Bucket, Key })),
  ]
}

export async function eventBridge(client: Client<'eventbridge'>): Promise<Outcome[]> {
  const entry = { Source: 'orders', DetailType: 'Placed', Detail: '{"é":1}', Time: new Date(1_700_000_000_123) }
  return [
    await outcome(client.putEvents({ Entries: [entry, { ...entry, Resources: ['arn:aws:x'] }] })),
    await outcome(client.putEvents({ Entries: [{ Source: 'orders', Detail: '{', DetailType: 'x' }] })),
  ]
}

export async function secretsManager(client: Client<'secrets-manager'>): Promise<Outcome[]> {
  return [
    await outcome(client.getSecretValue({ SecretId: 'text' })),
    await outcome(client.getSecretValue({ SecretId: 'bytes' })),
    await outcome(client.getSecretValue({ SecretId: 'text', VersionStage: 'AWSPREVIOUS' })),
    await outcome(client.getSecretValue({ SecretId: 'there-is-none' })),
    await outcome(client.batchGetSecretValue({ SecretIdList: ['text', 'bytes', 'there-is-none'] })),
  ]
}

export async function ssm(client: Client<'ssm'>): Promise<Outcome[]> {
  return [
    await outcome(client.getParameter({ Name: '/app/secure', WithDecryption: true })),
    await outcome(client.getParameter({ Name: '/there/is/none' })),
    await outcome(client.getParameters({ Names: ['/app/list', '/app/text', '/there/is/none'] })),
    await outcome(client.getParametersByPath({ Path: '/app', Recursive: true, WithDecryption: true, MaxResults: 2 })),
  ]
}

export async function kms(client: Client<'kms'>, CiphertextBlob: Uint8Array): Promise<Outcome[]> {
  return [
    await outcome(client.decrypt({ CiphertextBlob, EncryptionContext: { LambdaFunctionName: 'f' } })),
    await outcome(client.decrypt({ CiphertextBlob, EncryptionContext: { LambdaFunctionName: 'other' } })),
    await outcome(client.decrypt({ CiphertextBlob: new Uint8Array([1, 2, 3]) })),
  ]
}

export async function sts(client: Client<'sts'>): Promise<Outcome[]> {
  const role = { RoleArn: 'arn:aws:iam::123456789012:role/r', RoleSessionName: 'session' }
  return [
    await outcome(client.assumeRole({ ...role, DurationSeconds: 900, Tags: [{ Key: 'k', Value: 'v & w' }] })),
    await outcome(client.assumeRole({ ...role, RoleSessionName: 'x' })),
  ]
}

export async function appConfigData(client: Client<'appconfigdata'>): Promise<Outcome[]> {
  const session = client.startConfigurationSession({
    ApplicationIdentifier: 'app',
    EnvironmentIdentifier: 'prod',
    ConfigurationProfileIdentifier: 'flags',
  })
  const { InitialConfigurationToken = '' } = await session
  const latest = client.getLatestConfiguration({ ConfigurationToken: InitialConfigurationToken })
  const text = (await latest).Configuration?.transformToString()
  return [
    await outcome(session),
    await outcome(latest),
    { output: text },
    await outcome(client.getLatestConfiguration({ ConfigurationToken: 'of another session' })),
  ]
}
