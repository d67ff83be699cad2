// `deadLetter()` in front of a real queue protocol, with the sources that functions have.
import { HttpError, PermanentError, RetryableError } from '@lambent/core'
import { dynamoDbStream } from '@lambent/events/dynamodb-streams'
import { eventBridge } from '@lambent/events/eventbridge'
import { firehose } from '@lambent/events/firehose'
import { kafka } from '@lambent/events/kafka'
import { kinesis } from '@lambent/events/kinesis'
import { s3 } from '@lambent/events/s3'
import { sns } from '@lambent/events/sns'
import { fail, sqs } from '@lambent/events/sqs'
import { http } from '@lambent/http'
import { json, parse } from '@lambent/schema'
import {
  apiGatewayProxyEventV2,
  dynamoDbStreamEvent,
  eventBridgeEvent,
  firehoseTransformationEvent,
  kinesisStreamEvent,
  lambdaContext,
  mskEvent,
  s3Event,
  snsEvent,
  sqsEvent,
} from '@lambent/testing'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import * as z from 'zod'
import { deadLetter, type Letter, parseDeadLetter, type Sink, sqsQueue } from '../src/index.ts'
import { violations } from './schema.ts'
import { startWire, type Wire } from './wire.ts'

let wire: Wire
let dlq: string
let number = 0
beforeAll(async () => {
  wire = await startWire()
})
afterAll(() => wire[Symbol.asyncDispose]())
beforeEach(() => {
  dlq = wire.queue(`dlq-${++number}`)
  wire.fault = undefined
  wire.requests.length = 0
  vi.spyOn(console, 'warn').mockImplementation(() => {})
  vi.spyOn(console, 'error').mockImplementation(process.env.SHOW ? console.log : () => {})
})

const queue = () => sqsQueue({ url: dlq, client: wire.sqs })
const poison = (): never => {
  throw new PermanentError('no such customer', { code: 'NoCustomer' })
}
const context = lambdaContext()

async function letters() {
  const messages = await wire.drain(dlq)
  return messages.map(message => {
    const letter: Letter = JSON.parse(message.MessageAttributes?.['lambent.deadLetter']?.StringValue ?? '')
    expect(violations(letter)).toEqual([])
    const parsed = parseDeadLetter(message)
    if (parsed.format !== 'lambent') throw new Error(parsed.format)
    return { message, letter, parsed }
  })
}

describe('what becomes a dead letter', () => {
  const handler = (error: unknown, options = {}) =>
    sqs()
      .each()
      .use(deadLetter({ to: queue(), ...options }))
      .handle(() => {
        throw error
      })
  const received = (times: number) => sqsEvent([{ attributes: { ApproximateReceiveCount: `${times}` } }])
  const reported = async (handled: ReturnType<typeof handler>, times = 1) =>
    (await handled(received(times), context)).batchItemFailures.length

  it.each([
    ['a permanent error, at once', new PermanentError('x'), {}, 1, 1],
    ['no retryable error', new RetryableError('x'), {}, 9, 0],
    ['no unknown error', new Error('x'), {}, 9, 0],
    ['an unknown error received `after` times', new Error('x'), { after: 3 }, 3, 1],
    ['no unknown error received less often', new Error('x'), { after: 3 }, 2, 0],
    ['a retryable error received `after` times', new RetryableError('x'), { after: 3 }, 3, 1],
    ['what `when` says', new RetryableError('x'), { when: () => true }, 1, 1],
    ['not what `when` spares', new PermanentError('x'), { when: () => false }, 1, 0],
    ['the usual where `when` does not say', new PermanentError('x'), { when: () => undefined }, 1, 1],
    ['thrown undefined, received `after` times', undefined, { after: 1 }, 1, 1],
  ])('%s', async (_, error, options, times, stored) => {
    expect(await reported(handler(error, options), times)).toBe(1 - stored)
    expect(await letters()).toHaveLength(stored)
  })

  it('a verdict fail() too, and nothing when the handler succeeds', async () => {
    const verdict = sqs()
      .each()
      .use(deadLetter({ to: queue() }))
      .handle(({ message }) => (message.body === 'bad' ? fail(new PermanentError('judged')) : undefined))
    const result = await verdict(sqsEvent([{ body: 'bad' }, { body: 'good' }]), context)
    expect(result.batchItemFailures).toEqual([])
    expect((await letters()).map(({ message }) => message.Body)).toEqual(['bad'])
  })

  it('says why, and how often it was received', async () => {
    await handler(new Error('x'), { after: 3 })(received(4), context)
    const [{ letter } = expect.unreachable()] = await letters()
    expect(letter).toMatchObject({
      reason: 'attempts',
      classification: 'unknown',
      times: 1,
      origin: { receiveCount: 4, source: 'aws:sqs', kind: 'record' },
    })
  })
})

describe('the body is the payload, of', () => {
  it('SQS, byte for byte, with the attributes and what a person needs', async () => {
    const body = '{"orderId":"ö",\t"total": 1.50}\r\n'
    const event = sqsEvent([
      {
        body,
        messageAttributes: {
          tenant: { dataType: 'String', stringValue: 'acme' },
          price: { dataType: 'Number.float', stringValue: '1.50' },
          bytes: { dataType: 'Binary', binaryValue: 'AAEC/w==' },
          traceparent: { dataType: 'String', stringValue: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' },
        },
      },
    ])
    const handler = sqs()
      .each()
      .use(deadLetter({ to: queue() }))
      .use(parse(json(z.object({ orderId: z.number() }))))
      .handle(() => {})
    await handler(event, context)
    const [{ message, letter, parsed } = expect.unreachable()] = await letters()
    expect(message.Body).toBe(body)
    expect(parsed.payload).toBe(body)
    expect(message.MessageAttributes).toMatchObject({
      tenant: { DataType: 'String', StringValue: 'acme' },
      price: { DataType: 'Number.float', StringValue: '1.50' },
      bytes: { DataType: 'Binary', BinaryValue: new Uint8Array([0, 1, 2, 255]) },
    })
    expect(letter).toMatchObject({
      reason: 'permanent',
      classification: 'permanent',
      error: { name: 'ParseError', code: 'SchemaMismatch' },
      function: { name: context.functionName, version: context.functionVersion, requestId: context.awsRequestId },
      origin: { id: event.Records[0]?.messageId, sourceArn: event.Records[0]?.eventSourceARN },
      trace: { traceId: '0af7651916cd43dd8448eb211c80319c' },
    })
    expect(letter.error.stack).toContain('parse')
    expect(JSON.stringify(letter)).not.toContain('1.50')
  })

  it('Kinesis: text where the bytes are text, else base64', async () => {
    const handler = kinesis()
      .each()
      .use(deadLetter({ to: queue() }))
      .handle(poison)
    const bytes = new Uint8Array([0xff, 0, 1])
    const event = kinesisStreamEvent([
      { kinesis: { data: new TextEncoder().encode('{"a":1}') } },
      { kinesis: { data: bytes } },
    ])
    expect(await handler(event, context)).toEqual({ batchItemFailures: [] })
    const [text, binary] = await letters()
    expect(text?.message.Body).toBe('{"a":1}')
    expect(text?.parsed.payload).toEqual(new TextEncoder().encode('{"a":1}'))
    expect(text?.letter.encoding).toBe('utf-8')
    expect(binary?.parsed.payload).toEqual(bytes)
    expect(binary?.letter.origin.details).toMatchObject({ partitionKey: event.Records[1]?.kinesis.partitionKey })
  })

  it('DynamoDB Streams: the full change, and the shard goes on past it', async () => {
    const seen: string[] = []
    const handler = dynamoDbStream()
      .each()
      .use(deadLetter({ to: queue() }))
      .handle(({ change }) => {
        seen.push(change.sequenceNumber)
        if (seen.length === 1) poison()
      })
    const event = dynamoDbStreamEvent([{}, {}])
    expect(await handler(event, context)).toEqual({ batchItemFailures: [] })
    expect(seen).toHaveLength(2)
    const [{ parsed, letter } = expect.unreachable()] = await letters()
    expect(parsed.payload).toEqual(event.Records[0]?.dynamodb)
    const { eventID, eventName, awsRegion } = event.Records[0] ?? {}
    expect(letter.origin.details).toMatchObject({ eventID, eventName, awsRegion })
  })

  it('SNS, S3, Kafka and EventBridge', async () => {
    const to = queue()
    const topic = snsEvent([{ Sns: { Message: 'hello', Subject: 'greeting' } }])
    await sns().each().use(deadLetter({ to })).handle(poison)(topic, context)
    const bucket = s3Event()
    await s3().each().use(deadLetter({ to })).handle(poison)(bucket, context)
    const records = mskEvent()
    await kafka({ reportBatchItemFailures: true }).each().use(deadLetter({ to })).handle(poison)(records, context)
    const bus = eventBridgeEvent({ 'detail-type': 'OrderPlaced', source: 'shop', detail: { orderId: 'o-1' } })
    expect(await eventBridge().use(deadLetter({ to })).handle(poison)(bus, context)).toBeUndefined()
    const found = await letters()
    expect(found.map(({ letter }) => letter.origin.source).sort()).toEqual([
      'aws:events',
      'aws:kafka',
      'aws:s3',
      'aws:sns',
    ])
    const of = (source: string) => found.find(({ letter }) => letter.origin.source === source)
    expect(of('aws:sns')?.parsed.payload).toBe('hello')
    expect(of('aws:sns')?.letter.origin.details).toMatchObject({ subject: 'greeting' })
    expect(of('aws:s3')?.parsed.payload).toEqual(bucket.Records[0])
    expect(of('aws:events')?.parsed.payload).toEqual({ orderId: 'o-1' })
    expect(of('aws:events')?.letter.origin.details).toMatchObject({ detailType: bus['detail-type'] })
    const [[record] = []] = Object.values(records.records)
    expect(of('aws:kafka')?.parsed.payload).toEqual(new Uint8Array(Buffer.from(record?.value ?? '', 'base64')))
  })

  it('a whole batch, before .each()', async () => {
    const event = sqsEvent([{ body: 'a' }, { body: 'b' }])
    const handler = sqs()
      .use(deadLetter({ to: queue() }))
      .handle(poison)
    expect(await handler(event, context)).toEqual({ batchItemFailures: [] })
    const [{ parsed, letter } = expect.unreachable()] = await letters()
    expect(parsed.payload).toEqual(event)
    expect(letter.origin.kind).toBe('invocation')
  })
})

describe('the answer of an acknowledged unit fits its source', () => {
  it('a Firehose record is Dropped, and not delivered untransformed', async () => {
    const handler = firehose()
      .each()
      .use(deadLetter({ to: queue() }))
      .handle(poison)
    const result = await handler(firehoseTransformationEvent(), context)
    expect(result.records.map(({ result }) => result)).toEqual(['Dropped'])
    expect(await letters()).toHaveLength(1)
  })

  it('a window keeps the state that it had', async () => {
    const handler = kinesis({ window: { initial: () => ({ total: 7 }) } })
      .each()
      .use(deadLetter({ to: queue() }))
      .handle(poison)
    const window = { start: '2026-01-01T00:00:00Z', end: '2026-01-01T00:01:00Z' }
    const event = { ...kinesisStreamEvent(), window, state: {}, shardId: 's', eventSourceARN: 'a' }
    const flags = { isFinalInvokeForWindow: false, isWindowTerminatedEarly: false }
    expect(await handler({ ...event, ...flags }, context)).toEqual({ batchItemFailures: [], state: { total: 7 } })
  })

  it('an HTTP request gets what `respond` says, after the letter is stored', async () => {
    const respond = () => ({ status: 202, body: { stored: true } })
    const handler = http()
      .use(deadLetter({ to: queue(), respond }))
      .handle(poison)
    const result = await handler(apiGatewayProxyEventV2({ body: 'hook' }), context)
    expect(result.statusCode).toBe(202)
    expect((await letters())[0]?.message.Body).toBe('hook')
  })

  it('without `respond`, where types do not hold it back, the error goes on and nothing is stored', async () => {
    const handler = http()
      .use(deadLetter({ to: queue() }) as never)
      .handle(poison)
    expect((await handler(apiGatewayProxyEventV2(), context)).statusCode).toBe(500)
    expect(await letters()).toEqual([])
    expect(console.error).toHaveBeenCalledWith(expect.stringContaining('set respond of deadLetter()'))
  })
})

describe('nothing is acknowledged that was not stored', () => {
  const handler = (to: Sink | readonly Sink[]) => sqs().each().use(deadLetter({ to })).handle(poison)

  it('a queue that does not exist: the record is reported, and telemetry has both causes', async () => {
    const url = dlq.replace(/dlq-\d+$/, 'gone')
    const result = await handler(sqsQueue({ url, client: wire.sqs }))(sqsEvent(), context)
    expect(result.batchItemFailures).toHaveLength(1)
    const told = vi.mocked(console.error).mock.calls.map(([line]) => JSON.parse(line))
    const failed = told.find(({ name }) => name === 'deadLetter.failed')
    expect(failed.error.name).toBe('DeadLetterError')
    expect(failed.error.errors.map(({ name }: Error) => name)).toEqual([
      'PermanentError',
      expect.stringMatching(/QueueDoesNotExist/),
    ])
  })

  it('several sinks: all of them, or it is not done', async () => {
    const good: string[] = []
    const memory: Sink = { name: 'memory', send: async ({ body }) => good.push(body) }
    const broken: Sink = { name: 'broken', send: async () => Promise.reject(new Error('down')) }
    expect((await handler([memory, broken])(sqsEvent([{ body: 'a' }]), context)).batchItemFailures).toHaveLength(1)
    expect((await handler([memory, queue()])(sqsEvent([{ body: 'b' }]), context)).batchItemFailures).toEqual([])
    expect(good).toEqual(['a', 'b'])
    expect((await letters()).map(({ message }) => message.Body)).toEqual(['b'])
  })

  it('a sink that never answers ends with the reserve', async () => {
    const silent: Sink = { name: 'silent', send: () => new Promise(() => {}) }
    const short = lambdaContext({ getRemainingTimeInMillis: () => 300 })
    const result = await handler(silent)(sqsEvent(), short)
    expect(result.batchItemFailures).toHaveLength(1)
  })

  it('a sink that throws at once, redact that throws, a payload that JSON cannot carry', async () => {
    const throwing: Sink = {
      name: 'throwing',
      send() {
        throw new Error('defect')
      },
    }
    expect((await handler(throwing)(sqsEvent(), context)).batchItemFailures).toHaveLength(1)
    const redacting = sqs()
      .each()
      .use(deadLetter({ to: queue(), redact: poison }))
      .handle(poison)
    expect((await redacting(sqsEvent(), context)).batchItemFailures).toHaveLength(1)
    expect(await letters()).toEqual([])
  })
})

it('tells of each letter as a warning, with short words and no payload', async () => {
  const handler = sqs()
    .each()
    .use(deadLetter({ to: queue() }))
    .handle(poison)
  await handler(sqsEvent([{ body: 'secret-payload' }]), context)
  const lines = vi.mocked(console.warn).mock.calls.map(([line]) => JSON.parse(line))
  const sent = lines.find(({ name }) => name === 'deadLetter.sent')
  expect(sent).toMatchObject({ level: 'warn', fields: { reason: 'permanent', classification: 'permanent', sinks: 1 } })
  expect(JSON.stringify(lines)).not.toContain('secret-payload')
})

it('keeps count of a message that came back from the dead letters and died again', async () => {
  const handler = sqs()
    .each()
    .use(deadLetter({ to: queue() }))
    .handle(poison)
  await handler(sqsEvent(), context)
  const [first = expect.unreachable()] = await letters()
  const stringValue = first.message.MessageAttributes?.['lambent.deadLetter']?.StringValue ?? ''
  const back = sqsEvent([{ messageAttributes: { 'lambent.deadLetter': { dataType: 'String', stringValue } } }])
  await handler(back, context)
  const [again = expect.unreachable()] = await letters()
  expect(again.letter).toMatchObject({ times: 2, firstAt: first.letter.at })
  expect(Object.keys(again.message.MessageAttributes ?? {})).toEqual(['lambent.deadLetter'])
})

it('redacts what the function says, and says that it did', async () => {
  const handler = sqs()
    .each()
    .use(
      deadLetter({
        to: queue(),
        redact: letter => ({ ...letter, body: `${letter.body}`.replace(/\d{16}/, '[card]') }),
      }),
    )
    .handle(poison)
  await handler(sqsEvent([{ body: 'card 4111111111111111' }]), context)
  const [{ message, letter } = expect.unreachable()] = await letters()
  expect(message.Body).toBe('card [card]')
  expect(letter.redacted).toBe(true)
})

it('gives the original message back: sent again, as the README has it, it is handled as ever', async () => {
  const source = wire.queue(`orders-${number}`)
  let fixed = false
  const seen: unknown[] = []
  const handler = sqs()
    .each()
    .use(deadLetter({ to: queue() }))
    .handle(({ message }) => {
      if (!fixed) poison()
      seen.push([message.body, message.attributes.price, message.attributes.bytes])
    })
  const price = { dataType: 'Number', stringValue: '1.5' }
  const bytes = { dataType: 'Binary', binaryValue: 'AP8=' }
  await handler(sqsEvent([{ body: '{"a": "ö"}', messageAttributes: { price, bytes } }]), context)
  const [{ parsed } = expect.unreachable()] = await letters()
  const MessageAttributes = Object.fromEntries(
    Object.entries(parsed.attributes).map(([name, { dataType, stringValue, binaryValue }]) => [
      name,
      { DataType: dataType, StringValue: stringValue, BinaryValue: binaryValue },
    ]),
  )
  await wire.sqs.sendMessage({ QueueUrl: source, MessageBody: parsed.body, MessageAttributes })
  fixed = true
  const [again] = await wire.drain(source)
  expect(Object.keys(again?.MessageAttributes ?? {}).sort()).toEqual(['bytes', 'price'])
  const binaryValue = Buffer.from(again?.MessageAttributes?.bytes?.BinaryValue ?? []).toString('base64')
  await handler(
    sqsEvent([{ body: again?.Body, messageAttributes: { price, bytes: { dataType: 'Binary', binaryValue } } }]),
    context,
  )
  expect(seen).toEqual([['{"a": "ö"}', 1.5, new Uint8Array([0, 255])]])
})

it('spares HTTP errors below 500, as the README has it', async () => {
  const when = (error: unknown) => !(error instanceof HttpError && error.status < 500) && undefined
  const statuses: number[] = []
  for (const error of [new HttpError(400, 'bad'), new PermanentError('x')]) {
    const handler = http()
      .use(deadLetter({ to: queue(), when, respond: () => ({ status: 202 }) }))
      .handle(() => {
        throw error
      })
    statuses.push((await handler(apiGatewayProxyEventV2({ body: 'b' }), context)).statusCode)
  }
  expect(statuses).toEqual([400, 202])
  expect(await letters()).toHaveLength(1)
})

describe('definition', () => {
  it.each([
    [
      () => sqsQueue(undefined),
      'the URL of sqsQueue() must be a text, got undefined: is the environment variable set?',
    ],
    [() => sqsQueue(''), 'empty'],
    [() => deadLetter({ to: [] }), 'takes a sink'],
    [() => deadLetter({ to: undefined as never }), 'takes a sink'],
    [() => deadLetter({ to: queue(), after: 0 }), 'whole number from 1 on, not 0'],
    [() => deadLetter({ to: queue(), when: true as never }), 'deadLetter({ when }) takes a function'],
    [() => sqsQueue({ url: dlq, client: {} as never }), 'sqsQueue({ client }) takes a client with sendMessageBatch()'],
  ])('refuses a wrong option: %s', (define, message) => {
    expect(define).toThrow(message)
  })

  it('knows its permissions by the URL', () => {
    const url = 'https://sqs.cn-north-1.amazonaws.com.cn/123456789012/orders-dlq.fifo'
    expect(deadLetter({ to: sqsQueue({ url, client: wire.sqs }) }).permissions).toEqual([
      { actions: ['sqs:SendMessage'], resources: ['arn:aws-cn:sqs:cn-north-1:123456789012:orders-dlq.fifo'] },
    ])
  })
})
