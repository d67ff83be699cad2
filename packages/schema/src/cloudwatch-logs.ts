// `cloudWatchLogs(inner)`: log events of a subscription filter, by Lambda directly or through Kinesis.
import { decodeBase64 } from './base64.ts'
import { after, type Codec, codecOf, together, type Where } from './codec.ts'
import { isObject, type Loose, objectOf, otherwise } from './envelope.ts'
import { type GzipOptions, inflate } from './gzip.ts'
import { textOf } from './raw.ts'
import { text } from './text.ts'

/** One log event. */
export interface CloudWatchLogEvent<Message = string> {
  readonly id: string
  /** Epoch milliseconds. */
  readonly timestamp: number
  readonly message: Message
  /** What the filter pattern named. */
  readonly extractedFields?: Readonly<Record<string, string>>
}

/** Log events of one stream. */
export interface CloudWatchLogsData<Message = string> {
  /** A control message only checks that the destination can be reached: its `logEvents` are empty. */
  readonly messageType: 'DATA_MESSAGE' | 'CONTROL_MESSAGE'
  /** Account id. */
  readonly owner: string
  readonly logGroup: string
  readonly logStream: string
  readonly subscriptionFilters: readonly string[]
  readonly logEvents: readonly CloudWatchLogEvent<Message>[]
}

const NAME = 'log events of a CloudWatch subscription'

/**
 * The event `{ awslogs: { data } }` or its data: base64 of gzip of JSON; or a Kinesis record's data, bytes of gzip of
 * JSON. `inner` decodes the `message` of each log event.
 *
 * @throws {ParseError} `EmptyBody`, `MalformedBase64`, `MalformedGzip`, `MalformedJson`, `MalformedEnvelope`: 400;
 *   `ContentTooLarge`: 413; those of `inner`
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html
 */
export function cloudWatchLogs(inner?: undefined, options?: GzipOptions): Codec<CloudWatchLogsData>
export function cloudWatchLogs<Message>(
  inner: Codec<Message>,
  options?: GzipOptions,
): Codec<CloudWatchLogsData<Message>>
export function cloudWatchLogs(
  inner: Codec = text,
  { maxBytes }: GzipOptions = {},
): Codec<CloudWatchLogsData<unknown>> {
  const codec = codecOf(inner)
  return {
    decode(raw, where) {
      const data = objectOf(inflate(gzipOf(raw, where), where, maxBytes), where, NAME)
      const { messageType, owner, logGroup, logStream, subscriptionFilters, logEvents } = data
      if (
        ![messageType, owner, logGroup, logStream].every(each => typeof each === 'string') ||
        !Array.isArray(logEvents)
      )
        throw otherwise(where, NAME, 'it lacks messageType, owner, logGroup, logStream or logEvents')
      const wanted: unknown[] = messageType === 'CONTROL_MESSAGE' ? [] : logEvents
      const decoded = together(wanted, (event, index) => logEvent(event, codec, `${where.name}.logEvents[${index}]`))
      return after(decoded, events => ({
        messageType: messageType as 'DATA_MESSAGE',
        owner: owner as string,
        logGroup: logGroup as string,
        logStream: logStream as string,
        subscriptionFilters: Array.isArray(subscriptionFilters) ? subscriptionFilters.map(String) : [],
        logEvents: events,
      }))
    },
  }
}

function gzipOf(raw: unknown, where: Where): Uint8Array {
  const data = isObject(raw) && isObject(raw.awslogs) ? raw.awslogs.data : raw
  // A Kinesis record is the gzip itself, unless somebody has put it into base64 on the way.
  if (data instanceof Uint8Array && data[0] === 0x1f && data[1] === 0x8b) return data
  return decodeBase64(textOf(data, where), where)
}

function logEvent(
  event: unknown,
  codec: Codec,
  name: string,
): CloudWatchLogEvent<unknown> | Promise<CloudWatchLogEvent<unknown>> {
  const { id, timestamp, message, extractedFields }: Loose = isObject(event) ? event : {}
  if (typeof id !== 'string' || typeof timestamp !== 'number' || typeof message !== 'string')
    throw otherwise({ name }, 'a log event', 'it lacks id, timestamp or message')
  return after(codec.decode(message, { name: `${name}.message` }), message => ({
    id,
    timestamp,
    message,
    ...(isObject(extractedFields) && { extractedFields: extractedFields as Record<string, string> }),
  }))
}
