// What kind of event came where another was expected, in words for a person: shapes and names of keys, never values.
import { UnexpectedEventError } from '@lambent/core'

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

/** Any JSON, to be looked into: a key of anything but an object is undefined. */
type Loose = { readonly [key: string]: unknown }

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

function describeEvent(event: unknown): string {
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

/** The error of a source that got an event of another kind. `expected` is what it handles, in words. */
export function unexpected(expected: string, event: unknown): UnexpectedEventError {
  return new UnexpectedEventError(
    `expected ${expected}, got ${describeEvent(event)}: check what triggers this function, or the test event`,
  )
}

/** The records of an event, each of which has this `eventSource` and `id`: the rest of it is not looked at. */
export function recordsOf<R extends object>(
  event: unknown,
  eventSource: string,
  has: (record: R) => string | undefined,
): readonly R[] {
  const expected = `${BY_EVENT_SOURCE[eventSource]} with records`
  const records = isObject(event) ? event.Records : undefined
  if (!Array.isArray(records) || records.length === 0) throw unexpected(expected, event)
  for (let index = 0; index < records.length; index++) {
    const record: unknown = records[index]
    // One of another kind in the first place says what the event is.
    if (!isObject(record) || (record.eventSource ?? record.EventSource) !== eventSource) {
      if (index === 0) throw unexpected(expected, event)
      throw new UnexpectedEventError(
        `expected ${expected}: Records[${index}] has another eventSource than ${eventSource}`,
      )
    }
    const lack = has(record as R)
    if (lack) throw new UnexpectedEventError(`expected ${expected}: Records[${index}] has no ${lack}`)
  }
  return records
}
