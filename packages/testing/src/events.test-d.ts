// Each factory gives exactly the type of @types/aws-lambda, so that a handler typed with it takes the event without a cast.
import type {
  ALBEvent,
  APIGatewayProxyEvent,
  APIGatewayProxyEventV2,
  CloudWatchLogsEvent,
  DynamoDBRecord,
  DynamoDBStreamEvent,
  EventBridgeEvent,
  FirehoseTransformationEvent,
  FirehoseTransformationEventRecord,
  KinesisStreamEvent,
  KinesisStreamRecord,
  LambdaFunctionURLEvent,
  MSKEvent,
  MSKRecord,
  S3Event,
  S3EventRecord,
  ScheduledEvent,
  SNSEvent,
  SNSEventRecord,
  SQSEvent,
  SQSRecord,
} from 'aws-lambda'
import { expectTypeOf, test } from 'vitest'
import {
  albEvent,
  apiGatewayProxyEvent,
  apiGatewayProxyEventV2,
  cloudWatchLogsEvent,
  dynamoDbRecord,
  dynamoDbStreamEvent,
  eventBridgeEvent,
  firehoseTransformationEvent,
  firehoseTransformationRecord,
  kinesisRecord,
  kinesisStreamEvent,
  lambdaFunctionUrlEvent,
  mskEvent,
  mskRecord,
  s3Event,
  s3Record,
  s3TestEvent,
  scheduledEvent,
  snsEvent,
  snsRecord,
  sqsEvent,
  sqsRecord,
} from './index.ts'

test("the events are those of AWS's types", () => {
  expectTypeOf(apiGatewayProxyEvent()).toEqualTypeOf<APIGatewayProxyEvent>()
  expectTypeOf(apiGatewayProxyEventV2()).toEqualTypeOf<APIGatewayProxyEventV2>()
  expectTypeOf(lambdaFunctionUrlEvent()).toEqualTypeOf<LambdaFunctionURLEvent>()
  expectTypeOf(albEvent({}, { multiValueHeaders: true })).toEqualTypeOf<ALBEvent>()
  expectTypeOf(sqsEvent()).toEqualTypeOf<SQSEvent>()
  expectTypeOf(sqsRecord()).toEqualTypeOf<SQSRecord>()
  expectTypeOf(snsEvent()).toEqualTypeOf<SNSEvent>()
  expectTypeOf(snsRecord()).toEqualTypeOf<SNSEventRecord>()
  expectTypeOf(s3Event()).toEqualTypeOf<S3Event>()
  expectTypeOf(s3Record()).toEqualTypeOf<S3EventRecord>()
  expectTypeOf(dynamoDbStreamEvent()).toEqualTypeOf<DynamoDBStreamEvent>()
  expectTypeOf(dynamoDbRecord()).toEqualTypeOf<DynamoDBRecord>()
  expectTypeOf(kinesisStreamEvent()).toEqualTypeOf<KinesisStreamEvent>()
  expectTypeOf(kinesisRecord()).toEqualTypeOf<KinesisStreamRecord>()
  expectTypeOf(firehoseTransformationEvent()).toEqualTypeOf<FirehoseTransformationEvent>()
  expectTypeOf(firehoseTransformationRecord()).toEqualTypeOf<FirehoseTransformationEventRecord>()
  expectTypeOf(mskEvent()).toEqualTypeOf<MSKEvent>()
  expectTypeOf(mskRecord()).toEqualTypeOf<MSKRecord>()
  expectTypeOf(cloudWatchLogsEvent()).toEqualTypeOf<CloudWatchLogsEvent>()
  expectTypeOf(scheduledEvent()).toExtend<ScheduledEvent>()
})

test('the S3 test event is no S3 event', () => {
  expectTypeOf(s3TestEvent().Event).toEqualTypeOf<'s3:TestEvent'>()
  expectTypeOf(s3TestEvent()).not.toExtend<S3Event>()
})

test('an EventBridge event has the detail-type and the detail it was made from', () => {
  const event = eventBridgeEvent({ source: 'shop', 'detail-type': 'OrderPlaced', detail: { orderId: 'o-1' } })
  expectTypeOf(event).toEqualTypeOf<EventBridgeEvent<'OrderPlaced', { orderId: string }>>()
  // @ts-expect-error the three fields of its own are required
  eventBridgeEvent({ source: 'shop', detail: {} })
})

test('records made by their factory go into the event', () => {
  expectTypeOf(sqsEvent).toBeCallableWith([sqsRecord(), { body: { a: 1 } }])
  expectTypeOf(dynamoDbStreamEvent).toBeCallableWith([dynamoDbRecord(), { eventName: 'REMOVE' }])
  expectTypeOf(mskEvent).toBeCallableWith([mskRecord(), { value: { a: 1 } }])
})

test('overrides are checked', () => {
  // @ts-expect-error no such event name
  dynamoDbRecord({ eventName: 'UPDATE' })
  // @ts-expect-error no such field
  sqsRecord({ attributes: { GroupId: 'A' } })
  // @ts-expect-error a number is text in SQS
  sqsRecord({ attributes: { ApproximateReceiveCount: 3 } })
  // @ts-expect-error an attribute has one type
  dynamoDbRecord({ dynamodb: { NewImage: { id: { S: 'a', N: '1' } } } })
  // @ts-expect-error no such field
  apiGatewayProxyEventV2({ paht: '/' })
})
