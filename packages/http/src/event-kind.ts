// What an event is that should have been a request, for an error message: its kind, never its contents. The names are those
// that the sources of @lambent/events use.
import { object, text } from './loose.ts'

const BY_EVENT_SOURCE: Readonly<Record<string, string>> = {
  'aws:sqs': 'an SQS event',
  'aws:s3': 'an S3 event',
  'aws:sns': 'an SNS event',
  'aws:dynamodb': 'a DynamoDB Streams event',
  'aws:kinesis': 'a Kinesis event',
  'aws:kafka': 'a Kafka (MSK) event',
  SelfManagedKafka: 'a Kafka event',
  'aws:ses': 'an SES event',
}

/** Such as `an SQS event`, `a Lambda authorizer request`, `an object with the keys "key1", "key2"`, `null`. */
export function eventKind(event: unknown): string {
  if (event === undefined || event === null) return `${event}`
  if (Array.isArray(event)) return 'an array'
  const fields = object(event)
  if (!fields) return `a ${typeof event}`
  const { Records, requestContext, type } = fields
  const record = Array.isArray(Records) ? object(Records[0]) : fields
  const eventSource = text(record?.eventSource ?? record?.EventSource) ?? ''
  if (Object.hasOwn(BY_EVENT_SOURCE, eventSource)) return `${BY_EVENT_SOURCE[eventSource]}`
  if (fields.Service === 'Amazon S3' && fields.Event === 's3:TestEvent') return 'the test event of S3'
  if (typeof fields['detail-type'] === 'string' && 'detail' in fields)
    return `an EventBridge ${fields['detail-type'] === 'Scheduled Event' ? 'scheduled ' : ''}event`
  if (object(requestContext)?.connectionId) return 'an API Gateway WebSocket event'
  if ((type === 'REQUEST' || type === 'TOKEN') && (fields.methodArn || fields.routeArn))
    return 'a Lambda authorizer request'
  if (object(fields.awslogs)) return 'a CloudWatch Logs event'
  if ('deliveryStreamArn' in fields) return 'a Firehose event'
  if (Array.isArray(Records)) return Records.length === 0 ? 'an empty Records array' : 'Records of an unknown source'
  const keys = Object.keys(fields)
  if (keys.length === 0) return 'an empty object'
  const names = keys.slice(0, 5).map(key => JSON.stringify(key.slice(0, 40)))
  return `an object with the keys ${names.join(', ')}${keys.length > 5 ? ', …' : ''}`
}
