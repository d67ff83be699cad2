// Amazon EventBridge: an invocation is one event that a rule matched.
import { type Pipeline, pipeline, type Raw, type Source, type SourceTypes, UnexpectedEventError } from '@lambent/core'
import type { EventBridgeEvent } from 'aws-lambda'
import { isEventBridgeEvent, resourceOf } from './eventbridge-event.ts'
import { unexpected } from './expected.ts'
import type { SourceOptions } from './options.ts'
import { epochMillis } from './units.ts'

export type { SourceOptions } from './options.ts'

export interface EventBridgeOptions<DetailType extends string = string, From extends string = string>
  extends SourceOptions {
  /** The `source`s that are handled. @default any */
  readonly source?: From | readonly From[] | undefined
  /** The `detail-type`s that are handled. @default any */
  readonly detailType?: DetailType | readonly DetailType[] | undefined
}

export interface EventBridgeTypes<Detail, DetailType extends string, From extends string> extends SourceTypes {
  readonly event: EventBridgeEvent<DetailType, Detail>
  readonly context: {
    readonly event: EventBridgeEvent<DetailType, Detail> & { readonly source: From }
    /** Typed as you say and not checked: parse it by a schema. */
    readonly detail: Detail
    readonly source: From
    readonly detailType: DetailType
  }
  readonly returns: unknown
  readonly response: unknown
}

/**
 * Events of a bus. What the handler returns is the response, which only an on-success destination gets to see. An error
 * makes Lambda send the event again, twice by default, and then to the on-failure destination.
 *
 * ```ts
 * export const handler = eventBridge({ source: 'shop', detailType: ['OrderPlaced', 'OrderPaid'] })
 *   .use(parse(Order))
 *   .handle(async ({ body, detailType }) => record(detailType, body))
 * ```
 *
 * An event with another `source` or `detail-type` than the options say fails with an UnexpectedEventError, as one of
 * another kind does: the rule matches more than the handler handles.
 * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-events-structure.html
 */
export function eventBridge<
  Detail = unknown,
  const DetailType extends string = string,
  const From extends string = string,
>(options: EventBridgeOptions<DetailType, From> = {}): Pipeline<EventBridgeTypes<Detail, DetailType, From>> {
  const { source: sources, detailType: detailTypes, reserve } = options
  const source: Source<EventBridgeTypes<Detail, DetailType, From>> = {
    name: 'aws:events',
    reserve,
    open(event) {
      if (!isEventBridgeEvent(event)) throw unexpected('an EventBridge event', event)
      const { id, source, 'detail-type': detailType, detail, account, region } = event
      mustBeOneOf('source', sources, source)
      mustBeOneOf('detail-type', detailTypes, detailType)
      const unit = {
        kind: 'invocation' as const,
        source: 'aws:events',
        id,
        sourceArn: resourceOf(event),
        raw: detail as Raw,
        sentAt: epochMillis(event.time),
        origin: { source, detailType, account, region },
      }
      const typed = event as EventBridgeTypes<Detail, DetailType, From>['context']['event']
      return { unit, event: typed, detail: typed.detail, source: typed.source, detailType: typed['detail-type'] }
    },
    respond: value => value,
  }
  return pipeline(source)
}

function mustBeOneOf(field: string, handled: string | readonly string[] | undefined, given: string): void {
  if (handled === undefined || [handled].flat().includes(given)) return
  const all = [handled].flat().map(each => JSON.stringify(each))
  throw new UnexpectedEventError(
    `expected an EventBridge event with ${field} ${all.join(' or ')}, got ${JSON.stringify(given.slice(0, 100))}: ` +
      'check the pattern of the rule that triggers this function',
  )
}
