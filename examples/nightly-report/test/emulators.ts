// AWS for the tests, on this machine: what the function is told to use by its environment variables.
import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import dynalite from 'dynalite'

/** Credentials that no emulator looks at. */
export const credentials = { AWS_ACCESS_KEY_ID: 'local', AWS_SECRET_ACCESS_KEY: 'local' }

const urlOf = (server: { address(): unknown }): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`

export interface Dynamo extends AsyncDisposable {
  readonly url: string
  /** The answer of an operation, such as `Scan`. */
  call(operation: string, input: object): Promise<Record<string, unknown>>
}

/** A DynamoDB with tables, each by its keys: `{ orders: ['orderId'] }`. */
export async function startDynamo(tables: Readonly<Record<string, readonly string[]>>): Promise<Dynamo> {
  const server: Server = dynalite({ createTableMs: 0 })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const url = urlOf(server)
  const headers = (operation: string): Record<string, string> => ({
    'content-type': 'application/x-amz-json-1.0',
    'x-amz-target': `DynamoDB_20120810.${operation}`,
    'x-amz-date': '20260101T000000Z',
    authorization:
      'AWS4-HMAC-SHA256 Credential=local/20260101/eu-west-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0',
  })
  const call: Dynamo['call'] = async (operation, input) => {
    const answer = await fetch(url, { method: 'POST', headers: headers(operation), body: JSON.stringify(input) })
    const body = (await answer.json()) as Record<string, unknown>
    if (!answer.ok) throw new Error(JSON.stringify(body))
    return body
  }
  for (const [TableName, keys] of Object.entries(tables))
    await call('CreateTable', {
      TableName,
      AttributeDefinitions: keys.map(AttributeName => ({ AttributeName, AttributeType: 'S' })),
      KeySchema: keys.map((AttributeName, index) => ({ AttributeName, KeyType: index === 0 ? 'HASH' : 'RANGE' })),
      BillingMode: 'PAY_PER_REQUEST',
    })
  return {
    url,
    call,
    async [Symbol.asyncDispose]() {
      server.close()
    },
  }
}
