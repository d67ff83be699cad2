// Amazon CloudWatch Logs: what a subscription filter sends, compressed and in base64.
import { gzipSync } from 'node:zlib'
import type { CloudWatchLogsDecodedData, CloudWatchLogsEvent, CloudWatchLogsLogEvent } from 'aws-lambda'
import { asText, encodedField, type TextBody } from './body.ts'
import { type EventOptions, epochMillis } from './clock.ts'
import { account, sequenceNumber } from './ids.ts'
import { toJson } from './json.ts'
import { merge, type Overrides } from './merge.ts'

/** What may be laid over one log event. */
export type LogEventOverrides = Omit<Overrides<CloudWatchLogsLogEvent>, 'message'> & {
  /** Text as it is, anything else as its JSON. */
  readonly message?: TextBody | undefined
}

/** What may be laid over the payload before it is compressed. */
export type CloudWatchLogsOverrides = Omit<Overrides<CloudWatchLogsDecodedData>, 'logEvents'> & {
  /** A text is the message of a log event. */
  readonly logEvents?: readonly (string | LogEventOverrides)[] | undefined
}

/**
 * The event of a CloudWatch Logs subscription: `awslogs.data` is the payload's JSON, gzip, base64.
 *
 * Defaults: one log event, of the log group `/aws/lambda/orders`; each further one 1 ms later, its id ascending.
 *
 * @throws TypeError for a payload that JSON cannot carry.
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html#LambdaFunctionExample
 */
export function cloudWatchLogsEvent(
  overrides: CloudWatchLogsOverrides = {},
  options: EventOptions = {},
): CloudWatchLogsEvent {
  const { logEvents = [{}], ...rest } = overrides
  const millis = epochMillis(options)
  const payload: CloudWatchLogsDecodedData = {
    messageType: 'DATA_MESSAGE',
    owner: account,
    logGroup: '/aws/lambda/orders',
    logStream: '2026/01/15/[$LATEST]a0b1c2d3e4f5a0b1c2d3e4f5a0b1c2d3',
    subscriptionFilters: ['orders-to-lambda'],
    logEvents: logEvents.map((given, index) =>
      logEvent(typeof given === 'string' ? { message: given } : given, millis, index),
    ),
  }
  const text = toJson(merge(payload, rest), 'payload')
  return { awslogs: { data: gzipSync(text).toString('base64') } }
}

function logEvent(overrides: LogEventOverrides, millis: number, index: number): CloudWatchLogsLogEvent {
  const { message: _message, ...rest } = overrides
  const event: CloudWatchLogsLogEvent = {
    id: sequenceNumber('39187583214567812345678901234567890123456789012345678901', index),
    timestamp: millis + index,
    message: '{"level":"INFO","message":"order placed","orderId":"o-1"}',
  }
  return merge(event, { ...rest, ...encodedField(overrides, 'message', asText) })
}
