import {
  apiGatewayProxyEvent,
  dynamoDbStreamEvent,
  eventBridgeEvent,
  kinesisStreamEvent,
  mskEvent,
  s3Event,
  s3TestEvent,
  snsEvent,
  sqsEvent,
} from '@lambent/testing'
import { expect, test } from 'vitest'
import { eventKind } from './event-kind.ts'

test.each([
  [sqsEvent(), 'an event of aws:sqs'],
  [snsEvent(), 'an event of aws:sns'],
  [s3Event(), 'an event of aws:s3'],
  [dynamoDbStreamEvent(), 'an event of aws:dynamodb'],
  [kinesisStreamEvent(), 'an event of aws:kinesis'],
  [mskEvent(), 'an event of aws:kafka'],
  [s3TestEvent(), 's3:TestEvent, which S3 sends when notifications are set up'],
  [
    eventBridgeEvent({ source: 'shop.orders', 'detail-type': 'OrderPlaced', detail: {} }),
    'an EventBridge event of shop.orders',
  ],
  [{ source: 'has blanks in it', 'detail-type': 'x' }, 'an EventBridge event'],
  [{ type: 'REQUEST', methodArn: 'arn:aws:…', requestContext: {} }, 'a Lambda authorizer request'],
  [{ requestContext: { connectionId: 'abc', routeKey: '$connect' } }, 'an event of an API Gateway WebSocket API'],
  [{ key1: 'value1', key2: 'value2', key3: 'value3' }, 'an object with the keys key1, key2, key3'],
  [{ a: 1, b: 1, c: 1, d: 1, e: 1, f: 1 }, 'an object with the keys a, b, c, d, e, …'],
  [{}, 'an empty object'],
  [{ Records: [] }, 'an object with the keys Records'],
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
  expect(kind).toContain(`${'x'.repeat(40)}…`)
  expect(eventKind(apiGatewayProxyEvent())).not.toContain('execute-api')
})
