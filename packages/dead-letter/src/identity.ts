// Which unit it is: the same text whenever it comes again, another one for any other unit.
import type { Context } from '@lambent/core'
import { object, text } from './json.ts'

/**
 * 64 hexadecimal digits of a unit and the function that handles it: two functions on one stream may have one queue for
 * their dead letters. Sequence numbers are of a shard, which the id of the record names.
 */
export function identityOf({ unit, lambda }: Context): string {
  const { kind, source, sourceArn, id, groupId, origin } = unit
  return sha256([lambda?.functionName, kind, source, sourceArn, groupId, object(origin)?.eventID, id])
}

/** A message group as SQS and SNS take it: what has other characters, or too many, by its digest. */
export function messageGroup(groupId: string | undefined, identity: string): string {
  if (!text(groupId)) return identity // a group of its own: there is no order to keep
  return /^[!-~]{1,128}$/.test(groupId as string) ? (groupId as string) : sha256([groupId])
}

function sha256(parts: readonly unknown[]): string {
  const json = JSON.stringify(parts.map(part => part ?? null))
  return process.getBuiltinModule('node:crypto').hash('sha256', json, 'hex')
}
