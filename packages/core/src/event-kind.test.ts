import {
  apiGatewayProxyEvent,
  cloudWatchLogsEvent,
  dynamoDbStreamEvent,
  eventBridgeEvent,
  firehoseTransformationEvent,
  kinesisStreamEvent,
  mskEvent,
  s3Event,
  s3TestEvent,
  scheduledEvent,
  snsEvent,
  sqsEvent,
} from '@lambent/testing'
import { expect, test } from 'vitest'
import { eventKind } from './event-kind.ts'

test.each([
  [sqsEvent(), 'an SQS event'],
  [snsEvent(), 'an SNS event'],
  [s3Event(), 'an S3 event'],
  [dynamoDbStreamEvent(), 'a DynamoDB Streams event'],
  [kinesisStreamEvent(), 'a Kinesis event'],
  [mskEvent(), 'a Kafka (MSK) event'],
  [s3TestEvent(), 'the test event of S3'],
  [eventBridgeEvent({ source: 'shop.orders', 'detail-type': 'OrderPlaced', detail: {} }), 'an EventBridge event'],
  [scheduledEvent(), 'an EventBridge scheduled event'],
  [cloudWatchLogsEvent(), 'a CloudWatch Logs event'],
  [firehoseTransformationEvent(), 'a Firehose event'],
  [{ type: 'REQUEST', methodArn: 'arn:aws:…', requestContext: {} }, 'a Lambda authorizer request'],
  [{ requestContext: { connectionId: 'abc', routeKey: '$connect' } }, 'an API Gateway WebSocket event'],
  [{ key1: 'value1', key2: 'value2', key3: 'value3' }, 'an object with the keys "key1", "key2", "key3"'],
  [{ a: 1, b: 1, c: 1, d: 1, e: 1, f: 1 }, 'an object with the keys "a", "b", "c", "d", "e", …'],
  [{}, 'an empty object'],
  [{ Records: [] }, 'an empty Records array'],
  [{ Records: [{ eventSource: 'constructor' }] }, 'Records of an unknown source'],
  [{ Records: [{ eventSource: { toString: 1 } }] }, 'Records of an unknown source'],
  [{ Records: {} }, 'an object with the keys "Records"'],
  [[], 'an array'],
  ['text', 'a string'],
  [7, 'a number'],
  [null, 'null'],
  [undefined, 'undefined'],
])('%j', (event, kind) => {
  expect(eventKind(event)).toBe(kind)
})

test('values never show, and long names are cut', () => {
  const kind = eventKind({ password: 'hunter2', ['x'.repeat(200)]: 1, eventSource: 'not a name: hunter2' })
  expect(kind).not.toContain('hunter2')
  expect(kind).toContain(`"${'x'.repeat(40)}"`)
  expect(eventKind(apiGatewayProxyEvent())).not.toContain('execute-api')
})
