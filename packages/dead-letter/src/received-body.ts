// The payload as the source gave it, where `largeMessages()` has put the one from S3 in its place.
import type { Raw, Unit } from '@lambent/core'
import { object } from './json.ts'
import type { S3Pointer } from './pointer.ts'

/** What `largeMessages()` leaves in `unit.origin.payload`. */
export interface FetchedPayload extends S3Pointer {
  /** The body of the message, which points to the payload. */
  readonly body: string
}

/** A dead letter keeps the pointer, and the payload stays where it is. */
export function receivedBody(unit: Unit): Raw {
  const { body } = object(object(unit.origin)?.payload) ?? {}
  return typeof body === 'string' ? body : unit.raw
}
