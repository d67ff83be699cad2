// Amazon EventBridge: what a rule with a schedule sends.
import type { EventBridgeEvent } from 'aws-lambda'
import type { EventOptions } from './clock.ts'
import { eventBridgeEvent } from './event-bridge-event.ts'
import { account, region } from './ids.ts'
import { merge, type Overrides } from './merge.ts'

/** The event of a schedule: `detail` is an empty object. */
export type ScheduledRuleEvent = EventBridgeEvent<'Scheduled Event', Record<string, never>>

/**
 * The event of a scheduled rule. A schedule of EventBridge Scheduler sends the input that it was given instead.
 *
 * Defaults: rule `nightly` in eu-west-1.
 *
 * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-rule-schedule.html
 */
export function scheduledEvent(
  overrides: Overrides<ScheduledRuleEvent> = {},
  options: EventOptions = {},
): ScheduledRuleEvent {
  const event: ScheduledRuleEvent = eventBridgeEvent(
    {
      source: 'aws.events',
      'detail-type': 'Scheduled Event',
      detail: {},
      resources: [`arn:aws:events:${region}:${account}:rule/nightly`],
    },
    options,
  )
  return merge(event, overrides)
}
