import {
  albEvent,
  apiGatewayProxyEvent,
  apiGatewayProxyEventV2,
  cloudWatchLogsEvent,
  dynamoDbStreamEvent,
  eventBridgeEvent,
  firehoseTransformationEvent,
  kinesisStreamEvent,
  lambdaContext,
  lambdaFunctionUrlEvent,
  mskEvent,
  s3Event,
  s3TestEvent,
  scheduledEvent,
  snsEvent,
  sqsEvent,
} from '@lambent/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { dynamoDbStream, eventBridge, firehose, kafka, s3, schedule, sns, sqs } from './index.ts'

type Loose = (event: unknown, lambda: ReturnType<typeof lambdaContext>) => Promise<unknown>
const never = () => {
  throw new Error('the handler was called')
}
const sources: Record<string, { handler: Loose; own: string }> = {
  sqs: { handler: sqs().each().handle(never) as Loose, own: 'an SQS event' },
  s3: { handler: s3().each().handle(never) as Loose, own: 'an S3 event' },
  dynamoDbStream: { handler: dynamoDbStream().each().handle(never) as Loose, own: 'a DynamoDB Streams event' },
  sns: { handler: sns().each().handle(never) as Loose, own: 'an SNS event' },
  kafka: { handler: kafka().each().handle(never) as Loose, own: 'a Kafka (MSK) event' },
  firehose: { handler: firehose().each().handle(never) as Loose, own: 'a Firehose event' },
  eventBridge: { handler: eventBridge().handle(never) as Loose, own: 'an EventBridge event' },
  schedule: { handler: schedule().handle(never) as Loose, own: 'an EventBridge scheduled event' },
}

const kinds: [string, unknown][] = [
  ['an SQS event', sqsEvent()],
  ['an S3 event', s3Event()],
  ['the test event of S3', s3TestEvent()],
  ['an SNS event', snsEvent()],
  ['a DynamoDB Streams event', dynamoDbStreamEvent()],
  ['a Kinesis event', kinesisStreamEvent()],
  ['a Kafka (MSK) event', mskEvent()],
  ['a Firehose event', firehoseTransformationEvent()],
  ['a CloudWatch Logs event', cloudWatchLogsEvent()],
  ['an EventBridge event', eventBridgeEvent({ source: 'shop', 'detail-type': 'OrderPlaced', detail: {} })],
  ['an EventBridge scheduled event', scheduledEvent()],
  ['a load balancer (ALB) event', albEvent()],
  ['an API Gateway HTTP API or function URL event', apiGatewayProxyEventV2()],
  ['an API Gateway HTTP API or function URL event', lambdaFunctionUrlEvent()],
  ['an API Gateway REST API event', apiGatewayProxyEvent()],
  ['an object with the keys "key1", "key2", "key3"', { key1: 'value1', key2: 'value2', key3: 'value3' }],
  ['an object with the keys "a", "b", "c", "d", "e", …', { a: 1, b: 1, c: 1, d: 1, e: 1, f: 1 }],
  ['an empty object', {}],
  ['an empty Records array', { Records: [] }],
  ['Records of an unknown source', { Records: [{ eventSource: 'constructor' }] }],
  ['Records of an unknown source', { Records: [null] }],
  ['an object with the keys "Records"', { Records: {} }],
  ['an array', []],
  ['null', null],
  ['undefined', undefined],
  ['a string', 'secret'],
  ['a number', 1],
]

describe.each(Object.entries(sources))('%s', (name, { handler, own }) => {
  const others = kinds.filter(
    ([kind]) =>
      kind !== own &&
      !(name === 's3' && kind === 'the test event of S3') &&
      !(name === 'eventBridge' && kind === 'an EventBridge scheduled event'),
  )
  it.each(others)('says what it expected when it gets %s', async (kind, event) => {
    await expect(handler(event, lambdaContext())).rejects.toMatchObject({
      name: 'UnexpectedEventError',
      retryable: false,
      message: expect.stringMatching(/^expected an? /),
    })
    await expect(handler(event, lambdaContext())).rejects.toThrow(`, got ${kind}: check what triggers this function`)
  })

  it('answers any JSON at all with an UnexpectedEventError', async () => {
    await fc.assert(
      fc.asyncProperty(fc.jsonValue(), async event => {
        await expect(handler(event, lambdaContext())).rejects.toMatchObject({ name: 'UnexpectedEventError' })
      }),
    )
  })
})

it('never shows a value of the event, and long keys cut', async () => {
  const event = { ['k'.repeat(100)]: 'secret' }
  const error: Error = await sqs()
    .handle(never)(event as never, lambdaContext())
    .catch(error => error)
  expect(error.message).not.toContain('secret')
  expect(error.message).toContain(`"${'k'.repeat(40)}"`)
})

describe('a batch with a record that cannot be reported fails as a whole', () => {
  it.each<[string, unknown, string]>([
    ['no messageId', sqsEvent([{}, { messageId: undefined }]), 'Records[1] has no messageId'],
    ['an empty messageId', sqsEvent([{}, { messageId: '' }]), 'Records[1] has no messageId'],
    ['no eventSourceARN', sqsEvent([{ eventSourceARN: undefined }]), 'Records[0] has no eventSourceARN'],
    ['no body', { Records: [{ ...sqsEvent().Records[0], body: undefined }] }, 'Records[0] has no body'],
    [
      'another eventSource',
      { Records: [...sqsEvent().Records, ...s3Event().Records] },
      'Records[1] has another eventSource',
    ],
    ['null', { Records: [...sqsEvent().Records, null] }, 'Records[1] has another eventSource'],
  ])('SQS: %s', async (_, event, message) => {
    await expect(sources.sqs?.handler(event, lambdaContext())).rejects.toThrow(message)
  })

  it.each<[string, unknown, string]>([
    ['no bucket', s3Event([{ s3: { bucket: undefined } }]), 'Records[0] has no s3.bucket.name'],
    ['no key', s3Event([{ s3: { object: { key: undefined } } }]), 'Records[0] has no s3.object.key'],
    ['no s3', s3Event([{ s3: undefined }]), 'Records[0] has no s3.bucket.name'],
    ['no eventName', s3Event([{ eventName: undefined }]), 'Records[0] has no eventName'],
  ])('S3: %s', async (_, event, message) => {
    await expect(sources.s3?.handler(event, lambdaContext())).rejects.toThrow(message)
  })

  // Powertools drops such a record in silence when it fails.
  it.each<[string, unknown]>([
    ['no SequenceNumber', dynamoDbStreamEvent([{}, { dynamodb: { SequenceNumber: undefined } }])],
    ['an empty SequenceNumber', dynamoDbStreamEvent([{}, { dynamodb: { SequenceNumber: '' } }])],
    ['no dynamodb', dynamoDbStreamEvent([{}, { dynamodb: undefined }])],
  ])('DynamoDB Streams: %s', async (_, event) => {
    await expect(sources.dynamoDbStream?.handler(event, lambdaContext())).rejects.toThrow(
      'Records[1] has no dynamodb.SequenceNumber',
    )
  })
})
