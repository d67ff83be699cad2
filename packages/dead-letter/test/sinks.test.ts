// Topics, buckets and buses as sinks, over the wire.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { EventBridge } from '@aws-sdk/client-eventbridge'
import { SNS } from '@aws-sdk/client-sns'
import { SQS } from '@aws-sdk/client-sqs'
import { PermanentError } from '@lambent/core'
import { correlationOf } from '@lambent/core/correlation'
import { eventBridge } from '@lambent/events/eventbridge'
import { sqs } from '@lambent/events/sqs'
import { eventBridgeEvent, lambdaContext, sqsEvent } from '@lambent/testing'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import {
  deadLetter,
  type EventBridgePort,
  eventBus,
  parseDeadLetter,
  type Sink,
  s3Prefix,
  snsTopic,
  sqsQueue,
} from '../src/index.ts'
import { violations } from './schema.ts'
import { credentials, region, startWire, type Wire } from './wire.ts'

let wire: Wire
beforeAll(async () => {
  wire = await startWire()
})
afterAll(() => wire[Symbol.asyncDispose]())
beforeEach(() => {
  wire.requests.length = 0
  vi.spyOn(console, 'warn').mockImplementation(() => {})
  vi.spyOn(console, 'error').mockImplementation(() => {})
})

const context = () => lambdaContext({ getRemainingTimeInMillis: () => 20_000 })

/** How many of the bodies come again. */
async function bury(to: Sink | readonly Sink[], bodies: readonly string[]): Promise<number> {
  const handler = sqs()
    .each({ concurrency: 100 })
    .use(deadLetter({ to }))
    .handle(() => {
      throw new PermanentError('poison')
    })
  const messageAttributes = { price: { dataType: 'Number.float', stringValue: '1.5' } }
  const event = sqsEvent(bodies.map((body, i) => ({ body, messageId: `id-${i}`, messageAttributes })))
  return (await handler(event, context())).batchItemFailures.length
}
const bodies = Array.from({ length: 12 }, (_, i) => `body-${i}`)

describe('a topic', () => {
  const subscribed = async (name: string, raw: boolean) => {
    const { TopicArn = '' } = await wire.sns.createTopic({ Name: name })
    const url = wire.queue(`${name}-queue`)
    const { Attributes } = await wire.sqs.getQueueAttributes({ QueueUrl: url, AttributeNames: ['QueueArn'] })
    await wire.sns.subscribe({
      TopicArn,
      Protocol: 'sqs',
      Endpoint: Attributes?.QueueArn,
      Attributes: { RawMessageDelivery: `${raw}` },
    })
    return { arn: TopicArn, url }
  }

  it.each([true, false])('gets body and attributes, raw delivery %s', async raw => {
    const { arn, url } = await subscribed(`dead-${raw}`, raw)
    expect(await bury(snsTopic({ arn, client: wire.sns }), bodies)).toBe(0)
    const parsed = (await wire.drain(url)).map(message => parseDeadLetter(message))
    expect(parsed.map(({ format }) => format)).toEqual(bodies.map(() => 'lambent'))
    expect(parsed.map(({ body }) => body).sort()).toEqual([...bodies].sort())
    expect(parsed[0]?.attributes).toEqual({ price: { dataType: 'Number', stringValue: '1.5' } })
    for (const each of parsed) expect(violations(each.format === 'lambent' ? each.letter : undefined)).toEqual([])
  })

  it('that does not exist takes nothing', async () => {
    const arn = `arn:aws:sns:${region}:000000000000:gone`
    expect(await bury(snsTopic({ arn, client: wire.sns }), ['a'])).toBe(1)
  })

  it('is given by its ARN', () => {
    expect(() => snsTopic(undefined)).toThrow('undefined: is the environment variable set?')
    expect(() => snsTopic({ arn: 'orders-dlq', client: wire.sns })).toThrow('takes the ARN of a topic')
  })
})

describe('a prefix of a bucket', () => {
  const all = async (Bucket: string) => {
    const { Contents = [] } = await wire.s3.listObjectsV2({ Bucket })
    return Promise.all(
      Contents.map(async ({ Key = '' }) => {
        const { Body } = await wire.s3.getObject({ Bucket, Key })
        return { key: Key, text: (await Body?.transformToString()) ?? '' }
      }),
    )
  }

  it('gets one document for each, and the same for a unit that comes again', async () => {
    await wire.s3.createBucket({ Bucket: 'letters' })
    const to = s3Prefix({ bucket: 'letters', prefix: 'dlq/', client: wire.s3 })
    for (let delivery = 0; delivery < 2; delivery++) expect(await bury(to, ['a', 'b'])).toBe(0)
    const objects = await all('letters')
    expect(objects).toHaveLength(2)
    for (const { key, text } of objects) {
      expect(key).toMatch(/^dlq\/[\w-]+\/\d{4}-\d\d-\d\d\/[\da-f]{64}\.json$/)
      expect(violations(JSON.parse(text))).toEqual([])
      expect(parseDeadLetter(text)).toMatchObject({ format: 'lambent', letter: { reason: 'permanent' } })
    }
    expect(objects.map(({ text }) => parseDeadLetter(text).body).sort()).toEqual(['a', 'b'])
  })

  it('that does not exist takes nothing', async () => {
    expect(await bury(s3Prefix({ bucket: 'gone', client: wire.s3 }), ['a'])).toBe(1)
  })
})

describe('large bodies by claim check', () => {
  it('are in S3 as they were, and a consumer of the Extended Client finds them', async () => {
    await wire.s3.createBucket({ Bucket: 'claims' })
    const url = wire.queue('claims-dlq')
    // Between what a message may have and what the whole of body and letter may.
    const body = 'x'.repeat(1_048_000)
    const handler = sqs()
      .each()
      .use(
        deadLetter({
          to: sqsQueue({ url, client: wire.sqs }),
          claimCheck: { bucket: 'claims', client: wire.s3 },
        }),
      )
      .handle(() => {
        throw new PermanentError('poison')
      })
    const result = await handler(sqsEvent([{ body }]), context())
    expect(result.batchItemFailures).toEqual([])
    const [message] = await wire.drain(url)
    const parsed = parseDeadLetter(message)
    if (parsed.format !== 'lambent' || !parsed.pointer) return expect.unreachable()
    const { bucket: Bucket, key: Key } = parsed.pointer
    const { Body } = await wire.s3.getObject({ Bucket, Key })
    expect(await Body?.transformToString()).toBe(body)
    expect(message?.MessageAttributes?.ExtendedPayloadSize).toMatchObject({
      DataType: 'Number',
      StringValue: '1048000',
    })
  })
})

describe('a bus', () => {
  const events: EventBridgePort = { putEvents: async () => ({}) }

  it('hears of each entry by its place: refused ones come again', async () => {
    let calls = 0
    const client: EventBridgePort = {
      async putEvents({ Entries }) {
        calls++
        return {
          Entries: Entries.map(({ Detail }) => {
            if (Detail.includes('"body":"body-3"')) return { ErrorCode: 'MalformedDetail', ErrorMessage: 'no' }
            if (Detail.includes('"body":"body-5"') && calls === 1) return { ErrorCode: 'ThrottlingException' }
            return { EventId: 'e' }
          }),
        }
      },
    }
    expect(await bury(eventBus({ bus: 'dead', client }), bodies.slice(0, 10))).toBe(1)
    expect(calls).toBe(2)
  })

  it('and a queue carry the trail on, to whoever handles the dead letter', async () => {
    const entries: Parameters<EventBridgePort['putEvents']>[0]['Entries'] = []
    const client: EventBridgePort = {
      async putEvents(input) {
        entries.push(...input.Entries)
        return { Entries: input.Entries.map(() => ({ EventId: 'e' })) }
      },
    }
    const url = wire.queue('trail-dlq')
    const AWSTraceHeader = 'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1'
    const handler = sqs()
      .each()
      .use(deadLetter({ to: [eventBus({ bus: 'dead', client }), sqsQueue({ url, client: wire.sqs })] }))
      .handle(() => {
        throw new PermanentError('poison')
      })
    const messageAttributes = { 'x-correlation-id': { dataType: 'String' as const, stringValue: 'c-1' } }
    await handler(sqsEvent([{ attributes: { AWSTraceHeader }, messageAttributes }]), context())
    expect(entries).toMatchObject([{ TraceHeader: AWSTraceHeader }])
    const seen: unknown[] = []
    const detail = JSON.parse(entries[0]?.Detail ?? '')
    await eventBridge().handle(ctx => seen.push(correlationOf(ctx).correlationId))(
      eventBridgeEvent({ source: 'lambent', 'detail-type': 'Dead Letter', detail }),
      context(),
    )
    const [message] = await wire.drain(url)
    const sent = wire.requests.find(({ target }) => target.endsWith('SendMessageBatch'))
    expect(JSON.parse(sent?.body ?? '').Entries[0].MessageSystemAttributes).toEqual({
      AWSTraceHeader: { DataType: 'String', StringValue: AWSTraceHeader },
    })
    const { 'lambent.deadLetter': letter } = message?.MessageAttributes ?? {}
    const attributes = { 'lambent.deadLetter': { dataType: 'String' as const, stringValue: `${letter?.StringValue}` } }
    await sqs()
      .each()
      .handle(ctx => void seen.push(correlationOf(ctx).correlationId))(
      sqsEvent([{ messageAttributes: attributes }]),
      context(),
    )
    expect(seen).toEqual(['c-1', 'c-1'])
  })

  it('that answers less than it was asked has taken nothing', async () => {
    expect(await bury(eventBus({ bus: 'dead', client: events }), ['a', 'b'])).toBe(2)
  })

  it('knows its permissions by its ARN', () => {
    const bus = 'arn:aws:events:eu-west-1:123456789012:event-bus/dead'
    expect(eventBus({ bus, client: events }).permissions).toEqual([{ actions: ['events:PutEvents'], resources: [bus] }])
  })
})

// moto, an implementation independent of the others, where it is installed.
const moto = spawnSync('moto_server', ['--help'], { stdio: 'ignore' }).status === 0
if (!moto) console.log('moto_server is not installed: EventBridge, SNS and SQS did not run against moto')

describe.runIf(moto)('with moto', () => {
  let process: ChildProcess
  let endpoint: string
  beforeAll(async () => {
    const port = await freePort()
    endpoint = `http://127.0.0.1:${port}`
    process = spawn('moto_server', ['-H', '127.0.0.1', '-p', `${port}`], { stdio: 'ignore' })
    await vi.waitFor(async () => expect((await fetch(endpoint)).status).toBe(200), { timeout: 30_000, interval: 200 })
  }, 40_000)
  afterAll(async () => {
    process.kill()
    await once(process, 'exit')
  })
  const config = () => ({ endpoint, region, credentials, maxAttempts: 1 })

  it('events, through a rule, to a queue: the letter with its body', async () => {
    const client = new EventBridge(config())
    const queues = new SQS(config())
    const { QueueUrl = '' } = await queues.createQueue({ QueueName: 'from-bus' })
    const { Attributes } = await queues.getQueueAttributes({ QueueUrl, AttributeNames: ['QueueArn'] })
    await client.createEventBus({ Name: 'dead' })
    const EventPattern = JSON.stringify({ detail: { format: ['lambent.deadLetter'] } })
    await client.putRule({ Name: 'all', EventBusName: 'dead', EventPattern })
    const Targets = [{ Id: '1', Arn: Attributes?.QueueArn }]
    await client.putTargets({ Rule: 'all', EventBusName: 'dead', Targets })
    expect(await bury(eventBus({ bus: 'dead', client }), ['a', 'b'])).toBe(0)
    const { Messages = [] } = await queues.receiveMessage({ QueueUrl, MaxNumberOfMessages: 10 })
    expect(
      Messages.map(message => parseDeadLetter(message))
        .map(({ format, body }) => [format, body])
        .sort(),
    ).toEqual([
      ['lambent', 'a'],
      ['lambent', 'b'],
    ])
    client.destroy()
    queues.destroy()
  })

  it('a topic, and a FIFO queue', async () => {
    const topics = new SNS(config())
    const queues = new SQS(config())
    const { TopicArn } = await topics.createTopic({ Name: 'dead' })
    const Attributes = { FifoQueue: 'true' }
    const { QueueUrl } = await queues.createQueue({ QueueName: 'dead.fifo', Attributes })
    const sinks = [snsTopic({ arn: TopicArn, client: topics }), sqsQueue({ url: QueueUrl, client: queues })]
    expect(await bury(sinks, ['a', 'ö\u{1f600}'])).toBe(0)
    const { Messages = [] } = await queues.receiveMessage({
      QueueUrl,
      MaxNumberOfMessages: 10,
      MessageAttributeNames: ['All'],
    })
    expect(Messages.map(({ Body }) => Body).sort()).toEqual(['a', 'ö\u{1f600}'])
    for (const message of Messages) expect(parseDeadLetter(message).format).toBe('lambent')
    topics.destroy()
    queues.destroy()
  })
})

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
