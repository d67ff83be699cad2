// `eventBus(name)`: dead letters as events of a bus.
import { LambentError } from '@lambent/core'
import { batcher } from './batcher.ts'
import { mustBeText } from './checks.ts'
import { eventBridgeClient } from './clients.ts'
import { refused } from './entries.ts'
import { safeJson } from './json.ts'
import type { EventBridgePort } from './port.ts'
import { type DeadLetterMessage, documentOf, type Sink } from './sink.ts'

export interface EventBusOptions {
  /** Name or ARN. */
  readonly bus: string | undefined
  /** @default 'lambent' */
  readonly source?: string | undefined
  /** @default 'Dead Letter' */
  readonly detailType?: string | undefined
  /** `new EventBridge()` of @lambent/aws or of the AWS SDK, or anything with this method. @default that of @lambent/aws */
  readonly client?: EventBridgePort | undefined
}

/** 1 MB, of an entry and of a call: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html */
const MAX_BYTES = 1_000_000

const PASSING = /Throttl|Internal|Unavailable|Timeout/

/**
 * Dead letters as events, whose `detail` is the letter with its body as one JSON document. Rules match on what it says:
 * `{ "detail": { "error": { "code": ["..."] } } }`.
 * @throws {TypeError} without a bus
 * @see https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html
 */
export function eventBus(options: string | undefined | EventBusOptions): Sink {
  const given: EventBusOptions = typeof options === 'object' ? options : { bus: options }
  const bus = mustBeText(given.bus, 'the bus of eventBus()')
  const source = mustBeText(given.source ?? 'lambent', 'source of eventBus()')
  const detailType = mustBeText(given.detailType ?? 'Dead Letter', 'detailType of eventBus()')
  const name = `bus ${bus.slice(bus.lastIndexOf('/') + 1)}`
  const events = eventBridgeClient(given.client, bus)
  const send = batcher<Entry>({
    name,
    maxBytes: MAX_BYTES,
    async call(entries, abortSignal) {
      const { Entries = [] } = (await events.putEvents({ Entries: [...entries] }, { abortSignal })) ?? {}
      if (Entries.length !== entries.length)
        throw new LambentError(`${name} answered ${Entries.length} of ${entries.length} entries`, { retryable: true })
      return Entries.map(({ EventId, ErrorCode, ErrorMessage }) => {
        if (EventId && !ErrorCode) return undefined
        return refused(ErrorCode ?? 'NoAnswer', ErrorMessage, !ErrorCode || PASSING.test(ErrorCode))
      })
    },
  })
  const entryOf = (message: DeadLetterMessage): Entry => {
    const { origin, trace } = message.letter
    const { sourceArn } = origin
    return {
      EventBusName: bus,
      Source: source,
      DetailType: detailType,
      Detail: safeJson(documentOf(message)),
      ...(sourceArn && { Resources: [sourceArn] }),
      ...(trace?.xray && { TraceHeader: trace.xray }),
    }
  }
  return {
    name,
    maxBytes: MAX_BYTES,
    bytes: message => entryBytes(entryOf(message)),
    send(message, { signal }) {
      const entry = entryOf(message)
      return send(entry, entryBytes(entry), signal)
    },
    permissions: [{ actions: ['events:PutEvents'], resources: [bus.startsWith('arn:') ? bus : '*'] }],
  }
}

type Entry = Parameters<EventBridgePort['putEvents']>[0]['Entries'][number]

/** @see https://docs.aws.amazon.com/eventbridge/latest/userguide/calculate-putevents-entry-size.html */
function entryBytes({ Source, DetailType, Detail, Resources = [] }: Entry): number {
  return [Source, DetailType, Detail, ...Resources].reduce((sum, text) => sum + Buffer.byteLength(text), 0)
}
