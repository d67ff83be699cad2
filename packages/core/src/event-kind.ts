// What kind of event came, in words for a person: shapes and names of keys, never values. An entry of its own,
// `@lambent/core/event-kind`, for the sources, which say it when another kind was expected.

/** The kinds of events with records, by their `eventSource`. */
export const BY_EVENT_SOURCE: Readonly<Record<string, string>> = {
  'aws:sqs': 'an SQS event',
  'aws:s3': 'an S3 event',
  'aws:sns': 'an SNS event',
  'aws:dynamodb': 'a DynamoDB Streams event',
  'aws:kinesis': 'a Kinesis event',
  'aws:kafka': 'a Kafka (MSK) event',
  SelfManagedKafka: 'a Kafka event',
  'aws:ses': 'an SES event',
}

/** Any JSON, to be looked into: a key of anything but an object is undefined. */
export type Loose = { readonly [key: string]: unknown }

export function isObject(value: unknown): value is Loose {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The name of an event that AWS sends, or undefined for any other value. */
export function knownKind(event: unknown): string | undefined {
  if (!isObject(event)) return undefined
  const { Records, requestContext } = event
  const record: unknown = Array.isArray(Records) ? Records[0] : event
  const eventSource = isObject(record) ? (record.eventSource ?? record.EventSource) : undefined
  if (typeof eventSource === 'string' && Object.hasOwn(BY_EVENT_SOURCE, eventSource))
    return BY_EVENT_SOURCE[eventSource]
  if (isS3TestEvent(event)) return 'the test event of S3'
  if (typeof event['detail-type'] === 'string' && 'detail' in event)
    return event['detail-type'] === 'Scheduled Event' ? 'an EventBridge scheduled event' : 'an EventBridge event'
  if ((event.type === 'REQUEST' || event.type === 'TOKEN') && (event.methodArn || event.routeArn))
    return 'a Lambda authorizer request'
  if (isObject(requestContext)) {
    if ('elb' in requestContext) return 'a load balancer (ALB) event'
    if ('http' in requestContext) return 'an API Gateway HTTP API or function URL event'
    if ('httpMethod' in event) return 'an API Gateway REST API event'
    if ('connectionId' in requestContext) return 'an API Gateway WebSocket event'
  }
  if (isObject(event.awslogs)) return 'a CloudWatch Logs event'
  if ('deliveryStreamArn' in event) return 'a Firehose event'
  return undefined
}

/** What S3 sends once, when a notification is configured. It has no records. */
export function isS3TestEvent(event: unknown): boolean {
  return isObject(event) && event.Service === 'Amazon S3' && event.Event === 's3:TestEvent'
}

/** Such as `an SQS event`, `an object with the keys "key1", "key2"`, `null`: what came, for the message of an error. */
export function eventKind(event: unknown): string {
  const known = knownKind(event)
  if (known) return known
  if (event === undefined || event === null) return `${event}`
  if (Array.isArray(event)) return 'an array'
  if (typeof event !== 'object') return `a ${typeof event}`
  const { Records } = event as Loose
  if (Array.isArray(Records)) return Records.length === 0 ? 'an empty Records array' : 'Records of an unknown source'
  const keys = Object.keys(event)
  if (keys.length === 0) return 'an empty object'
  const names = keys.slice(0, 5).map(key => JSON.stringify(key.slice(0, 40)))
  return `an object with the keys ${names.join(', ')}${keys.length > 5 ? ', …' : ''}`
}
