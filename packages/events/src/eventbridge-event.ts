// The envelope of EventBridge's events, as far as the sources here read it.

import { isObject } from '@lambent/core/event-kind'
import type { EventBridgeEvent } from 'aws-lambda'

export function isEventBridgeEvent(event: unknown): event is EventBridgeEvent<string, unknown> {
  return (
    isObject(event) &&
    typeof event['detail-type'] === 'string' &&
    typeof event.source === 'string' &&
    typeof event.id === 'string' &&
    'detail' in event
  )
}

/** The ARN of what the event is about, where it names any. */
export function resourceOf({ resources }: { readonly resources?: unknown }): string | undefined {
  const first: unknown = Array.isArray(resources) ? resources[0] : undefined
  return typeof first === 'string' ? first : undefined
}
