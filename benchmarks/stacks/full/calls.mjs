// What cannot be done without: the same calls, one after the other, as unsigned POSTs, which only emulators take.
import { validate } from '#order'

const TableName = process.env.IDEMPOTENCY_TABLE ?? 'idempotency'
const clients = Object.fromEntries(
  ['DYNAMODB', 'SECRETS_MANAGER', 'SQS'].map(service => {
    const { protocol, hostname, port } = new URL(process.env[`AWS_ENDPOINT_URL_${service}`])
    const { Agent, request } = process.getBuiltinModule(protocol === 'https:' ? 'node:https' : 'node:http')
    return [service, { hostname, port, agent: new Agent({ keepAlive: true }), request }]
  }),
)

const call = (service, target, input) =>
  new Promise((resolve, reject) => {
    const { request, ...where } = clients[service]
    const body = JSON.stringify(input)
    const headers = {
      'content-type': service === 'SECRETS_MANAGER' ? 'application/x-amz-json-1.1' : 'application/x-amz-json-1.0',
      'x-amz-target': target,
      'content-length': Buffer.byteLength(body),
      authorization:
        'AWS4-HMAC-SHA256 Credential=AKID/20260101/eu-west-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0',
      'x-amz-date': '20260101T000000Z',
    }
    request({ ...where, method: 'POST', path: '/', headers }, response => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', chunk => {
        text += chunk
      })
      response.on('end', () => {
        if (response.statusCode === 200) resolve(JSON.parse(text))
        else reject(new Error(text))
      })
    })
      .on('error', reject)
      .end(body)
  })

const secret = call('SECRETS_MANAGER', 'secretsmanager.GetSecretValue', {
  SecretId: process.env.SECRET_ID ?? 'prod/psp',
})

async function once(orderId, work) {
  const id = { S: orderId }
  const names = { '#status': 'status' }
  try {
    await call('DYNAMODB', 'DynamoDB_20120810.PutItem', {
      TableName,
      Item: { id, status: { S: 'INPROGRESS' } },
      ConditionExpression: 'attribute_not_exists(id)',
    })
  } catch (error) {
    if (error.message.includes('ConditionalCheckFailed')) return
    throw error
  }
  await work()
  await call('DYNAMODB', 'DynamoDB_20120810.UpdateItem', {
    TableName,
    Key: { id },
    UpdateExpression: 'SET #status = :completed',
    ExpressionAttributeNames: names,
    ExpressionAttributeValues: { ':completed': { S: 'COMPLETED' } },
  })
}

async function take(body, effect) {
  let order
  try {
    order = validate(JSON.parse(body))
  } catch {
    return call('SQS', 'AmazonSQS.SendMessage', { QueueUrl: process.env.DLQ_URL, MessageBody: body })
  }
  const { SecretString } = await secret
  await once(order.orderId, () => effect(order, SecretString))
}

export const eachMessage =
  effect =>
  async ({ Records }) => {
    for (const { body } of Records) await take(body, effect)
    return { batchItemFailures: [] }
  }
