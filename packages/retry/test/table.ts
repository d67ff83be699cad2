// A DynamoDB of the tests, in this process, and what may go wrong on the way to it.
import { once } from 'node:events'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { DynamoDB as Sdk } from '@aws-sdk/client-dynamodb'
import { DynamoDB } from '@lambent/aws/dynamodb'
import dynalite from 'dynalite'
import { type CircuitTablePort, dynamoDbCircuitStore } from '../src/index.ts'

export type Fault = 'reset' | 'silent' | 'throttle' | 'error' | 'lose the answer' | undefined

export interface Table extends AsyncDisposable {
  readonly clients: { readonly ours: DynamoDB; readonly sdk: Sdk }
  /** The calls so far, such as `PutItem`. */
  readonly calls: string[]
  fault: Fault
  store(client?: CircuitTablePort): ReturnType<typeof dynamoDbCircuitStore>
}

export async function startTable(): Promise<Table> {
  const server = dynalite({ createTableMs: 0 })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  const calls: string[] = []
  const wire = { fault: undefined as Fault }

  async function pass(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of incoming) chunks.push(chunk as Buffer)
    const { fault } = wire
    calls.push(`${incoming.headers['x-amz-target']}`.split('.').at(-1) ?? '')
    if (fault === 'silent') return
    if (fault === 'reset') return void response.socket?.resetAndDestroy()
    if (fault === 'throttle' || fault === 'error') {
      const name = fault === 'throttle' ? 'ProvisionedThroughputExceededException' : 'InternalServerError'
      response.writeHead(fault === 'throttle' ? 400 : 500, { 'content-type': 'application/x-amz-json-1.0' })
      return void response.end(JSON.stringify({ __type: `com.amazonaws.dynamodb.v20120810#${name}`, message: 'no' }))
    }
    const { url: path, method, headers } = incoming
    const onward = request({ host: '127.0.0.1', port, path, method, headers }, answer => {
      if (fault === 'lose the answer') {
        wire.fault = undefined // the next attempt is answered
        answer.resume().on('end', () => response.socket?.resetAndDestroy())
        return
      }
      response.writeHead(answer.statusCode ?? 500, answer.headers)
      answer.pipe(response)
    })
    onward.on('error', () => response.destroy())
    onward.end(Buffer.concat(chunks))
  }
  const proxy = createServer((incoming, response) => void pass(incoming, response))
  await once(proxy.listen(0, '127.0.0.1'), 'listening')

  const endpoint = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`
  const credentials = { accessKeyId: 'key', secretAccessKey: 'secret' }
  const config = { endpoint, region: 'eu-central-1', credentials, maxAttempts: 2 }
  const clients = { ours: new DynamoDB(config), sdk: new Sdk(config) }
  await clients.sdk.createTable({
    TableName: 'circuits',
    AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
    KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    BillingMode: 'PAY_PER_REQUEST',
  })
  calls.length = 0
  return {
    clients,
    calls,
    get fault() {
      return wire.fault
    },
    set fault(fault) {
      wire.fault = fault
    },
    store: (client = clients.ours) => dynamoDbCircuitStore({ tableName: 'circuits', client }),
    async [Symbol.asyncDispose]() {
      clients.sdk.destroy()
      proxy.closeAllConnections()
      proxy.close()
      server.close()
    },
  }
}
