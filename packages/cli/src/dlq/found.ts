// A dead letter as it was found in its queue, and the cause that it shares with others.
import { createHash } from 'node:crypto'
import type { Message } from '@aws-sdk/client-sqs'
import { type ParsedDeadLetter, type ParsedError, parseDeadLetter } from '@lambent/dead-letter'

export interface Found {
  readonly message: Message
  readonly id: string
  readonly letter: ParsedDeadLetter
  /** Of all that failed in the same way, at the same place: 6 hexadecimal digits. */
  readonly cause: string
  /** When it became a dead letter, in epoch ms. */
  readonly deadAt: number | undefined
}

export function found(message: Message): Found {
  const letter = parseDeadLetter(message)
  const sent = Number(message.Attributes?.SentTimestamp)
  return {
    message,
    id: message.MessageId ?? '',
    letter,
    cause: causeOf(letter),
    deadAt: letter.lastAt ?? (Number.isFinite(sent) ? sent : undefined),
  }
}

/** What differs from one message to the next (numbers, ids, quoted values) makes no other cause. */
function causeOf(letter: ParsedDeadLetter): string {
  const { format, error, origin } = letter
  const parts = [
    format,
    ...errorParts(error),
    rootOf(error)?.name,
    origin?.source,
    origin?.sourceArn,
    functionOf(letter),
  ]
  return createHash('sha256')
    .update(JSON.stringify(parts.map(part => part ?? null)))
    .digest('hex')
    .slice(0, 6)
}

function errorParts(error: ParsedError | undefined): (string | undefined)[] {
  return [error?.name, error?.code, error?.message && shapeOf(error.message)]
}

const QUOTED = /"[^"\n]*"|'[^'\n]*'|“[^”\n]*”|`[^`\n]*`/g
const UUID = /\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/gi
/** Digits, and what is joined to them: `o-17`, `0x7f`, `2026-03-01T02:47:11Z`. */
const NUMBERED = /[\w.:+-]*\d[\w.:+-]*/g

/** A message without what is of one occurrence alone. */
export function shapeOf(message: string): string {
  const line = message.split('\n')[0] ?? ''
  return line.replace(UUID, '#').replace(QUOTED, '#').replace(NUMBERED, '#').slice(0, 200)
}

/** The innermost cause, where the error has one. */
export function rootOf(error: ParsedError | undefined): ParsedError | undefined {
  let inner = error?.cause
  while (inner?.cause) inner = inner.cause
  return inner
}

export function functionOf({ origin, ...letter }: ParsedDeadLetter): string | undefined {
  if (letter.format === 'lambent' && letter.letter.function) return letter.letter.function.name
  return origin?.functionArn?.split(':')[6]
}
