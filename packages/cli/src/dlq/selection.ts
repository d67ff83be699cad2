// Which of the dead letters are meant: by error, origin, function, cause, id and age.
import { Problem } from '../problem.ts'
import { type Found, functionOf, rootOf } from './found.ts'

export interface Selection {
  readonly error?: string | undefined
  readonly origin?: string | undefined
  readonly function?: string | undefined
  readonly cause?: readonly string[] | undefined
  readonly messageId?: readonly string[] | undefined
  /** ms */
  readonly olderThan?: number | undefined
  /** ms */
  readonly newerThan?: number | undefined
}

export function selector(selection: Selection, now: number = Date.now()): (found: Found) => boolean {
  const { error, origin, function: name, cause, messageId, olderThan, newerThan } = selection
  return found => {
    const { letter, deadAt } = found
    if (error !== undefined && ![letter.error, rootOf(letter.error)].some(each => each && saysError(each, error)))
      return false
    if (origin !== undefined && !isOrigin(letter.origin, origin)) return false
    if (name !== undefined && functionOf(letter) !== name) return false
    if (cause && !cause.includes(found.cause)) return false
    if (messageId && !messageId.includes(found.id) && !messageId.includes(letter.origin?.id ?? '')) return false
    // Of what has no time nobody can say that it is old or new.
    if (olderThan !== undefined && !(deadAt !== undefined && now - deadAt > olderThan)) return false
    return newerThan === undefined || (deadAt !== undefined && now - deadAt < newerThan)
  }
}

/** Its name or code, or a part of its message, upper and lower case alike. */
function saysError({ name, code, message = '' }: NonNullable<Found['letter']['error']>, wanted: string): boolean {
  return name === wanted || code === wanted || message.toLowerCase().includes(wanted.toLowerCase())
}

/** The source (`aws:sqs`), the ARN, or the name at its end. */
function isOrigin(origin: Found['letter']['origin'], wanted: string): boolean {
  const { source, sourceArn } = origin ?? {}
  return source === wanted || sourceArn === wanted || sourceArn?.split(/[:/]/).includes(wanted) === true
}

const UNITS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/**
 * ms of `90s`, `15m`, `2h`, `7d`.
 * @throws {Problem} for anything else
 */
export function durationOf(text: string): number {
  const [, digits, unit = ''] = /^(\d{1,6})([smhd])$/.exec(text) ?? []
  if (!digits) throw new Problem(`${JSON.stringify(text)} is no duration: write 90s, 15m, 2h or 7d`, 2)
  return Number(digits) * (UNITS[unit] ?? 0)
}
