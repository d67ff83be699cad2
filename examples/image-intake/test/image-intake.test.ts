// The built function under Lambda's Runtime API, with a bucket, a table and a queue.
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { SQS } from '@aws-sdk/client-sqs'
import { S3 } from '@lambent/aws/s3'
import { parseDeadLetter } from '@lambent/dead-letter'
import { type LambdaFunction, startFunction } from '@lambent/local'
import { s3Event } from '@lambent/testing'
import { type FauxqsServer, startFauxqs } from 'fauxqs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { inspect } from '../src/inspect.ts'
import { credentials, type Dynamo, startDynamo } from './emulators.ts'

const region = 'eu-west-1'
/** One pixel. */
const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
)

let server: FauxqsServer
let dynamo: Dynamo
let intake: LambdaFunction
let s3: S3
let dlqUrl: string
let endpoint: string
beforeAll(async () => {
  server = await startFauxqs({ port: 0, host: '127.0.0.1', logger: false })
  endpoint = `http://127.0.0.1:${server.port}`
  server.createBucket('uploads')
  dlqUrl = server.createQueue('intake-dlq', { region }).queueUrl
  dynamo = await startDynamo({ catalogue: ['key'] })
  s3 = new S3({ endpoint, region, credentials: { accessKeyId: 'local', secretAccessKey: 'local' } })
  intake = await startFunction({
    handler: join(import.meta.dirname, '../dist/intake.handler'),
    timeout: 30_000,
    region,
    environment: {
      ...credentials,
      AWS_ENDPOINT_URL_S3: endpoint,
      AWS_ENDPOINT_URL_SQS: endpoint,
      AWS_ENDPOINT_URL_DYNAMODB: dynamo.url,
      CATALOGUE_TABLE: 'catalogue',
      DLQ_URL: dlqUrl,
      POWERTOOLS_SERVICE_NAME: 'image-intake',
      POWERTOOLS_METRICS_NAMESPACE: 'Shop',
    },
  })
})
afterAll(async () => {
  await intake.stop()
  await dynamo[Symbol.asyncDispose]()
  await server.stop()
})

async function upload(Key: string, Body: Uint8Array, sequencer = '01'): Promise<void> {
  await s3.putObject({ Bucket: 'uploads', Key, Body })
  const result = await intake.invoke(s3Event([{ bucket: 'uploads', key: Key, s3: { object: { sequencer } } }]))
  expect(result.functionError).toBeUndefined()
}

async function item(Key: string): Promise<unknown> {
  const answer = await dynamo.call('GetItem', { TableName: 'catalogue', Key: { key: { S: `uploads/${Key}` } } })
  return answer.Item
}

it('catalogues an image, whatever its name', async () => {
  await upload('holiday/beach at noon ü.png', PNG)
  expect(await item('holiday/beach at noon ü.png')).toMatchObject({
    type: { S: 'png' },
    width: { N: '1' },
    bytes: { N: `${PNG.byteLength}` },
    sha256: { S: createHash('sha256').update(PNG).digest('hex') },
  })
})

it('reads a large one to its end, and of what is no image no more than the beginning', async () => {
  const large = Buffer.concat([PNG, Buffer.alloc(900 * 1024)])
  await upload('large.png', large)
  expect(await item('large.png')).toMatchObject({ bytes: { N: `${large.byteLength}` } })

  let pulled = 0
  async function* endless(): AsyncGenerator<Buffer> {
    for (;;) {
      pulled++
      yield Buffer.alloc(64 * 1024)
    }
  }
  const port = { getObject: async () => ({ Body: endless() }) }
  const place = { Bucket: 'uploads', Key: 'endless' }
  await expect(inspect(port as never, place, new AbortController().signal)).rejects.toMatchObject({ code: 'NoImage' })
  expect(pulled).toBe(4)
})

it('an older notification does not replace what is newer', async () => {
  await upload('twice.png', PNG, '0B')
  await upload('twice.png', Buffer.concat([PNG, Buffer.alloc(1)]), '0A')
  expect(await item('twice.png')).toMatchObject({ sequencer: { S: '0B' }, bytes: { N: `${PNG.byteLength}` } })
})

it('what is no image is a dead letter that says so', async () => {
  await upload('notes.txt', Buffer.from('no image'))
  expect(await item('notes.txt')).toBeUndefined()
  const sqs = new SQS({ endpoint, region, credentials: { accessKeyId: 'local', secretAccessKey: 'local' } })
  const { Messages = [] } = await sqs.receiveMessage({ QueueUrl: dlqUrl, MessageAttributeNames: ['All'] })
  sqs.destroy()
  expect(Messages.map(message => parseDeadLetter(message))).toMatchObject([
    { error: { code: 'NoImage' }, origin: { source: 'aws:s3', sourceArn: 'arn:aws:s3:::uploads' } },
  ])
})
