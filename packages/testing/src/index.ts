// @lambent/testing: typed AWS events, a Lambda context, and an invoke that behaves as Lambda does.
export { type AlbEventOptions, albEvent } from './alb-event.ts'
export { apiGatewayProxyEvent } from './api-gateway-proxy-event.ts'
export { apiGatewayProxyEventV2 } from './api-gateway-proxy-event-v2.ts'
export type { Base64Body, TextBody } from './body.ts'
export type { EventOptions, RecordOptions } from './clock.ts'
export { type CloudWatchLogsOverrides, cloudWatchLogsEvent, type LogEventOverrides } from './cloudwatch-logs-event.ts'
export {
  type DynamoDbImage,
  type DynamoDbRecordOverrides,
  dynamoDbRecord,
  dynamoDbStreamEvent,
} from './dynamodb-stream-event.ts'
export { type EventBridgeOverrides, eventBridgeEvent } from './event-bridge-event.ts'
export {
  type FirehoseRecordOverrides,
  firehoseTransformationEvent,
  firehoseTransformationRecord,
} from './firehose-transformation-event.ts'
export type { HttpOverrides, HttpRequest } from './http.ts'
export { type InvokableHandler, invoke } from './invoke.ts'
export type { Json, JsonOf } from './json.ts'
export { type KinesisRecordOverrides, kinesisRecord, kinesisStreamEvent } from './kinesis-stream-event.ts'
export { type LambdaContextOptions, lambdaContext } from './lambda-context.ts'
export { lambdaFunctionUrlEvent } from './lambda-function-url-event.ts'
export type { Overrides } from './merge.ts'
export { type MskRecordOverrides, mskEvent, mskRecord } from './msk-event.ts'
export { type S3RecordOverrides, type S3TestEvent, s3Event, s3Record, s3TestEvent } from './s3-event.ts'
export { type ScheduledRuleEvent, scheduledEvent } from './scheduled-event.ts'
export { type SnsRecordOverrides, snsEvent, snsRecord } from './sns-event.ts'
export { type SqsRecordOverrides, sqsEvent, sqsRecord } from './sqs-event.ts'
