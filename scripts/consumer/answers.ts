// Sends the handlers events, and checks what they answer.
import { strict as assert } from 'node:assert'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { startFunction } from '@lambent/local'
import { invoke, lambdaContext, sqsEvent } from '@lambent/testing'
import type { APIGatewayProxyEventV2, DynamoDBStreamEvent, EventBridgeEvent, S3Event } from 'aws-lambda'
import { api, bus, done, queue, stream, uploads } from './handlers.js'

const event = <Event>(name: string): Event => JSON.parse(readFileSync(join('events', `${name}.json`), 'utf8'))

async function main(): Promise<void> {
  assert.equal(typeof startFunction, 'function')
  console.warn = () => {} // the failures below are meant

  const created = await api(event<APIGatewayProxyEventV2>('http-create-order'), lambdaContext())
  assert.partialDeepStrictEqual(created, { statusCode: 201 })
  const refused = await api(event<APIGatewayProxyEventV2>('http-invalid-order'), lambdaContext())
  assert.partialDeepStrictEqual(refused, { statusCode: 422 })

  const answer = await invoke(queue, sqsEvent([{ body: { paymentId: 'p-1', amount: 5 } }, { body: 'not JSON' }]))
  assert.equal(answer?.batchItemFailures.length, 1)
  await uploads(event<S3Event>('s3-uploads'), lambdaContext())
  await stream(event<DynamoDBStreamEvent>('dynamodb-orders'), lambdaContext())
  await bus(event<EventBridgeEvent<string, { orderId: string }>>('eventbridge-order-placed'), lambdaContext())
  assert.equal(done[0], 'p-1 1')
  assert.equal(done[1], 'invoices/2026/café menu(1).pdf')
  assert.equal(done[3], '9007199254740993')
  assert.equal(done.length, 7)
  console.log('five sources answer good and bad events')
}

main().catch(error => {
  console.error(error)
  process.exitCode = 1
})
