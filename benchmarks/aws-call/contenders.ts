// One PutItem, by what a user may pick: each is a module that exports a handler.

const item = `{ id: { S: 'order-1' }, total: { N: '1999' }, note: { S: 'é' } }`

export const contenders: Readonly<Record<string, string>> = {
  bare: `export const handler = async event => ({ ok: event.id })`,
  'floor: one unsigned POST': `
    const { protocol, hostname, port } = new URL(process.env.AWS_ENDPOINT_URL)
    const http = process.getBuiltinModule(protocol === 'https:' ? 'node:https' : 'node:http')
    const agent = new http.Agent({ keepAlive: true })
    export const handler = event => new Promise((resolve, reject) => {
      const body = JSON.stringify({ TableName: 'orders', Item: ${item} })
      const headers = { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': 'DynamoDB_20120810.PutItem', 'content-length': Buffer.byteLength(body) }
      http.request({ agent, hostname, port, method: 'POST', path: '/', headers }, response => {
        let text = ''
        response.setEncoding('utf8').on('data', chunk => { text += chunk }).on('end', () => { JSON.parse(text); resolve({ ok: event.id }) })
      }).on('error', reject).end(body)
    })`,
  '@lambent/aws': `
    import { DynamoDB } from '@lambent/aws/dynamodb'
    const db = new DynamoDB()
    export const handler = async event => {
      await db.putItem({ TableName: 'orders', Item: ${item} })
      return { ok: event.id }
    }`,
  'AWS SDK v3': `
    import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb'
    const db = new DynamoDBClient({})
    export const handler = async event => {
      await db.send(new PutItemCommand({ TableName: 'orders', Item: ${item} }))
      return { ok: event.id }
    }`,
}
