// Dead letters of Spring for Apache Kafka: headers that its DeadLetterPublishingRecoverer adds.
import { isObject } from '@lambent/core/event-kind'
import { count, defined, millis, text } from './json.ts'
import type { SpringKafka } from './parsed.ts'

const PREFIX = 'kafka_dlt-'

/**
 * A record as Lambda has it (`value` in base64, `headers` as arrays of bytes), or as a client of Kafka does (bytes or
 * text, headers by name). Undefined without headers of Spring's.
 * @see https://docs.spring.io/spring-kafka/reference/kafka/annotation-error-handling.html
 */
export function parseSpringKafka(input: unknown): SpringKafka | undefined {
  if (!isObject(input) || typeof input.headers !== 'object' || input.headers === null) return undefined
  const headers = headersOf(input.headers)
  if (![...headers.keys()].some(name => name.startsWith(PREFIX))) return undefined
  const of = (name: string) => text(headers.get(PREFIX + name)?.toString())
  const topic = of('original-topic')
  const partition = bigEndian(headers.get(`${PREFIX}original-partition`))
  const offset = bigEndian(headers.get(`${PREFIX}original-offset`))
  const cause = of('exception-cause-fqcn')
  return defined({
    format: 'spring-kafka' as const,
    body: payloadOf(input.value, Array.isArray(input.headers)),
    attributes: {},
    error: defined({
      name: of('exception-fqcn'),
      message: of('exception-message'),
      stack: of('exception-stacktrace'),
      cause: cause && { name: cause },
    }),
    origin: defined({
      source: 'kafka',
      id: topic && partition !== undefined && offset !== undefined ? `${topic}-${partition}-${offset}` : undefined,
      groupId: topic && partition !== undefined ? `${topic}-${partition}` : undefined,
    }),
    firstAt: timeOf(bigEndian(headers.get(`${PREFIX}original-timestamp`))),
    lastAt: millis(input.timestamp),
    topic,
    partition: partition === undefined ? undefined : Number(partition),
    offset: offset?.toString(),
    consumerGroup: of('original-consumer-group'),
  }) as SpringKafka
}

/** A list of objects with one name each, as Lambda has them, or an object of all names. The last of a name counts. */
function headersOf(given: object): ReadonlyMap<string, Buffer> {
  const headers = new Map<string, Buffer>()
  for (const each of Array.isArray(given) ? given : [given])
    for (const [name, value] of Object.entries(isObject(each) ? each : {})) {
      const bytes = bytesOf(value)
      if (bytes) headers.set(name, bytes)
    }
  return headers
}

function bytesOf(value: unknown): Buffer | undefined {
  if (typeof value === 'string') return Buffer.from(value)
  if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.byteLength)
  if (!Array.isArray(value) || value.length === 0) return undefined
  if (value.every(byte => Number.isInteger(byte) && byte >= -128 && byte <= 255)) return Buffer.from(value)
  return bytesOf(value.at(-1)) // a header that is repeated
}

/** Integers are bytes: four of an int, eight of a long. */
function bigEndian(bytes: Buffer | undefined): bigint | undefined {
  if (bytes?.length === 4) return BigInt(bytes.readInt32BE())
  return bytes?.length === 8 ? bytes.readBigInt64BE() : undefined
}

function timeOf(time: bigint | undefined): number | undefined {
  return time === undefined ? undefined : millis(count(Number(time)))
}

/** Lambda's values are base64, those of clients bytes or text. A tombstone is empty. */
function payloadOf(value: unknown, ofLambda: boolean): string {
  if (value instanceof Uint8Array) return Buffer.from(value).toString()
  if (typeof value !== 'string') return ''
  return ofLambda ? Buffer.from(value, 'base64').toString() : value
}
