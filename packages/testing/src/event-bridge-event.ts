// Amazon EventBridge: one event that a rule matched.
import type { EventBridgeEvent } from 'aws-lambda'
import { type EventOptions, epochMillis } from './clock.ts'
import { account, region, uuid } from './ids.ts'
import { merge, type Overrides } from './merge.ts'

/** What an event of EventBridge is made from: its own three fields, and what to lay over the rest. */
export type EventBridgeOverrides<DetailType extends string, Detail> = Omit<
  Overrides<EventBridgeEvent<DetailType, Detail>>,
  'source' | 'detail-type' | 'detail'
> & {
  readonly source: string
  readonly 'detail-type': DetailType
  readonly detail: Detail
}

/**
 * An event of EventBridge, typed by its `detail-type` and `detail`.
 *
 * Defaults: version `0`, eu-west-1, no resources. The time is in whole seconds, as EventBridge writes it.
 *
 * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-events-structure.html
 */
export function eventBridgeEvent<const DetailType extends string, Detail>(
  event: EventBridgeOverrides<DetailType, Detail>,
  options: EventOptions = {},
): EventBridgeEvent<DetailType, Detail> {
  const { detail, source, 'detail-type': detailType, ...rest } = event
  const base: EventBridgeEvent<string, null> = {
    version: '0',
    id: uuid('eventbridge', 0),
    'detail-type': detailType,
    source,
    account,
    time: new Date(epochMillis(options)).toISOString().replace(/\.\d+Z$/, 'Z'),
    region,
    resources: [],
    detail: null,
  }
  const merged = merge(base, rest)
  return { ...merged, 'detail-type': detailType, detail: merge(detail, detail as Overrides<Detail>) }
}
