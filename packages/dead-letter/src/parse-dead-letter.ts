// `parseDeadLetter(message)`: whatever lies in a dead-letter queue, told apart and read.
import { eventKind } from '@lambent/core/event-kind'
import { type Carried, carriedBy } from './carrier.ts'
import { defined, millis } from './json.ts'
import { parseLambent } from './parse-lambent.ts'
import { parseDestination, parseEventBridgeRule, parseLambdaAsyncDlq, parseSqsRedrive } from './parse-native.ts'
import { parseSpringKafka } from './parse-spring.ts'
import type { ParsedDeadLetter, Unknown } from './parsed.ts'

/**
 * Reads a dead letter of any of the formats in `ParsedDeadLetter`. Takes a message as `receiveMessage` gives it (with
 * `MessageAttributeNames: ['All']` and `MessageSystemAttributeNames: ['All']`), a record of SQS or SNS as Lambda does, an
 * event of EventBridge, a record of Kafka, or the text or bytes of an object in S3.
 *
 * Never throws: what cannot be read is `unknown`, with the `problem` in one sentence.
 */
export function parseDeadLetter(message: unknown): ParsedDeadLetter {
  try {
    return parse(message)
  } catch {
    return unknown(undefined, 'it cannot be looked into') // a getter that throws, a revoked proxy
  }
}

function parse(message: unknown): ParsedDeadLetter {
  const spring = parseSpringKafka(message)
  if (spring) return spring
  const carried = carriedBy(message)
  if (!carried) return unknown(carried, `expected a message, a record, an event or text, got ${eventKind(message)}`)
  const ours = parseLambent(carried)
  if (typeof ours === 'string') return unknown(carried, ours)
  return (
    ours ??
    parseEventBridgeRule(carried) ??
    parseLambdaAsyncDlq(carried) ??
    parseSqsRedrive(carried) ?? // before the body is looked at: it is the sender's
    parseDestination(carried) ??
    unknown(carried, 'neither its attributes nor its body are of a known format')
  )
}

function unknown(carried: Carried | undefined, problem: string): Unknown {
  const { body = '', attributes = {}, messageId, system } = carried ?? {}
  const firstAt = millis(system?.SentTimestamp)
  return defined({ format: 'unknown' as const, body, attributes, messageId, firstAt, problem }) as Unknown
}
