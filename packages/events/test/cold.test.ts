// What a first invocation of a bundled function loads, in a process of its own.
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import {
  dynamoDbStreamEvent,
  eventBridgeEvent,
  firehoseTransformationEvent,
  kinesisStreamEvent,
  mskEvent,
  s3Event,
  scheduledEvent,
  snsEvent,
  sqsEvent,
} from '@lambent/testing'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { bundle } from './bundle.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lambent-events-'))
})
afterAll(() => rm(folder, { recursive: true }))

const attribute = { dataType: 'Binary', binaryValue: 'AQID' }
const attributeOfSns = { Type: 'Binary', Value: 'AQID' }

it.each([
  ['sqs', 'sqs().each()', 'message.attributes', sqsEvent([{ messageAttributes: { a: attribute } }])],
  ['dynamodb-streams', 'dynamoDbStream().each()', 'change.newImage', dynamoDbStreamEvent()],
  ['kinesis', 'kinesis().each()', 'record.data', kinesisStreamEvent()],
  ['s3', 's3().each()', 'object.key', s3Event()],
  ['sns', 'sns().each()', 'notification.attributes', snsEvent([{ Sns: { MessageAttributes: { a: attributeOfSns } } }])],
  ['kafka', 'kafka().each()', 'record.value', mskEvent()],
  ['firehose', 'firehose().each()', 'record.data', firehoseTransformationEvent()],
  ['eventbridge', 'eventBridge()', 'detail', eventBridgeEvent({ source: 's', 'detail-type': 't', detail: {} })],
  ['schedule', 'schedule()', 'schedule', scheduledEvent()],
])('%s: a first invocation loads no undici and no http', async (file, pipeline, read, event) => {
  const [name] = pipeline.split('(')
  const code = await bundle(`
    import { ${name} } from '../src/${file}.ts'
    let read
    const handler = ${pipeline}.handle(ctx => { read = ctx.${read}; ctx.signal; throw new Error('no') })
    const lambda = { awsRequestId: 'r', getRemainingTimeInMillis: () => 3000 }
    await handler(${JSON.stringify(event)}, lambda).catch(() => {})
    if (read === undefined) throw new Error('nothing was read')
    console.log(JSON.stringify(process.moduleLoadList))
  `)
  const path = join(folder, `${file}.mjs`)
  await writeFile(path, code)
  const { stdout } = await promisify(execFile)(process.execPath, [path])
  const loaded: string[] = JSON.parse(stdout)
  expect(loaded.length).toBeGreaterThan(10)
  expect(loaded.filter(module => /undici|NativeModule _?http/.test(module))).toEqual([])
})
