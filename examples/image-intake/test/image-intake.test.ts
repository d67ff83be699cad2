// The built function under Lambda's Runtime API, with a bucket, a table and a queue.
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
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

/** What has become dead letters since the last time. */
async function letters() {
  const sqs = new SQS({ endpoint, region, credentials: { accessKeyId: 'local', secretAccessKey: 'local' } })
  const { Messages = [] } = await sqs.receiveMessage({ QueueUrl: dlqUrl, MessageAttributeNames: ['All'] })
  sqs.destroy()
  return Messages.map(message => parseDeadLetter(message))
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

/** An S3 whose objects are a PNG, or zeros, of any size: it writes as fast as they are read. */
async function startLargeObjects(): Promise<{ readonly s3: S3; readonly sent: () => number } & AsyncDisposable> {
  let sent = 0
  const zeros = Buffer.alloc(64 * 1024)
  function* object(head: Uint8Array, bytes: number): Generator<Uint8Array> {
    yield head
    for (let left = bytes - head.byteLength; left > 0; left -= zeros.byteLength) {
      sent += zeros.byteLength
      yield left < zeros.byteLength ? zeros.subarray(0, left) : zeros
    }
  }
  const objects = createServer((request, response) => {
    const bytes = Number(/\d+/.exec(request.url ?? ''))
    response.setHeader('content-length', bytes)
    const head = request.url?.endsWith('.png') ? PNG : Buffer.alloc(0)
    pipeline(Readable.from(object(head, bytes)), response).catch(() => {}) // the reader has seen enough
  })
  await once(objects.listen(0, '127.0.0.1'), 'listening')
  const { port } = objects.address() as AddressInfo
  return {
    s3: new S3({
      endpoint: `http://127.0.0.1:${port}`,
      region,
      credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    }),
    sent: () => sent,
    async [Symbol.asyncDispose]() {
      objects.close()
      objects.closeAllConnections()
    },
  }
}

const MB = 1024 * 1024
const { signal } = new AbortController()

it('reads an object of 400 MB to its end, and takes no memory for it', async () => {
  await using objects = await startLargeObjects()
  const bytes = 400 * MB
  const before = process.resourceUsage().maxRSS
  const image = await inspect(objects.s3, { Bucket: 'uploads', Key: `${bytes}.png` }, signal)
  const grown = (process.resourceUsage().maxRSS - before) * 1024
  expect(image).toMatchObject({ type: 'png', width: 1, bytes })
  const hash = createHash('sha256').update(PNG)
  for (let left = bytes - PNG.byteLength; left > 0; left -= MB) hash.update(Buffer.alloc(Math.min(left, MB)))
  expect(image.sha256).toBe(hash.digest('hex'))
  expect(grown).toBeLessThan(150 * MB)
})

it('reads of what is no image no more than the beginning', async () => {
  await using objects = await startLargeObjects()
  const reading = inspect(objects.s3, { Bucket: 'uploads', Key: `${400 * MB}.txt` }, signal)
  await expect(reading).rejects.toMatchObject({ code: 'NoImage' })
  expect(objects.sent()).toBeLessThan(20 * MB) // what sockets hold
})

it('an older notification does not replace what is newer', async () => {
  await upload('twice.png', PNG, '0B')
  await upload('twice.png', Buffer.concat([PNG, Buffer.alloc(1)]), '0A')
  expect(await item('twice.png')).toMatchObject({ sequencer: { S: '0B' }, bytes: { N: `${PNG.byteLength}` } })
})

it('events/uploaded.json: its object is catalogued; where it is gone by now, the invocation fails, for the queue', async () => {
  const event = JSON.parse(readFileSync(join(import.meta.dirname, '../events/uploaded.json'), 'utf8'))
  expect(await intake.invoke(event)).toMatchObject({ functionError: 'Unhandled', errorType: 'NoSuchKey' })
  await s3.putObject({ Bucket: 'uploads', Key: 'holiday/beach at noon.png', Body: PNG })
  expect((await intake.invoke(event)).functionError).toBeUndefined()
  expect(await item('holiday/beach at noon.png')).toMatchObject({ type: { S: 'png' } })
})

it('what is no image is a dead letter that says so', async () => {
  await upload('notes.txt', Buffer.from('no image'))
  expect(await item('notes.txt')).toBeUndefined()
  expect(await letters()).toMatchObject([
    { error: { code: 'NoImage' }, origin: { source: 'aws:s3', sourceArn: 'arn:aws:s3:::uploads' } },
  ])
})
