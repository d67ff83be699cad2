// `lambent dlq explain`: what went wrong, how often, since when; the most frequent cause first.
import type { ParsedError } from '@lambent/dead-letter'
import { countText, type Output, oneLine, timeText } from '../output.ts'
import { type Found, functionOf, rootOf, shapeOf } from './found.ts'
import { errorLine } from './peek.ts'
import { type Reading, type ReadOptions, readAll, unreadNote } from './read.ts'

/** All that failed in the same way at the same place. Times are ISO 8601. */
export interface Cause {
  /** For `--cause` of the other commands. */
  readonly cause: string
  readonly count: number
  /** Who put them there: see `parseDeadLetter()`. */
  readonly format: string
  readonly error?: {
    readonly name?: string | undefined
    readonly code?: string | undefined
    readonly message?: string | undefined
  }
  /** The innermost cause of the error. */
  readonly root?: { readonly name?: string | undefined; readonly message?: string | undefined }
  readonly classification?: string
  readonly origin?: { readonly source?: string | undefined; readonly sourceArn?: string | undefined }
  readonly function?: string
  readonly firstAt?: string
  readonly lastAt?: string
  readonly receiveCount?: { readonly least: number; readonly most: number }
  /** Where it was thrown: the first lines of the stack of one of them. */
  readonly stack?: readonly string[]
  readonly sample: { readonly messageId: string; readonly body: string }
}

/** 0, or 130: interrupted, and so not all is explained. */
export async function explain(options: ReadOptions & { readonly output: Output }): Promise<number> {
  const { output, queue, signal } = options
  const groups = new Map<string, Group>()
  const reading = await readAll(options, found => addTo(groups, found), output.bar(queue.visible))
  const causes = [...groups.values()].map(causeOf).sort((a, b) => b.count - a.count)
  const note = unreadNote(queue, reading)
  output.result({ queue: queue.url, read: reading.read, complete: note === undefined, causes })
  show(queue.name, reading, causes, output)
  if (note) output.note(note)
  return signal.aborted ? 130 : 0
}

/** What is kept of dead letters with one cause: the first of them, and what they have in common. */
interface Group {
  readonly first: Found
  count: number
  /** Their messages are not all the same. */
  differ: boolean
  firstAt: number | undefined
  lastAt: number | undefined
  receives: { readonly least: number; readonly most: number } | undefined
}

function addTo(groups: Map<string, Group>, found: Found): void {
  const { letter, cause, deadAt } = found
  const { error, firstAt = deadAt, receiveCount } = letter
  const group: Group = groups.get(cause) ?? {
    first: found,
    count: 0,
    differ: false,
    firstAt: undefined,
    lastAt: undefined,
    receives: undefined,
  }
  groups.set(cause, group)
  group.count++
  group.differ ||= error?.message !== group.first.letter.error?.message
  group.firstAt = extreme(Math.min, group.firstAt, firstAt)
  group.lastAt = extreme(Math.max, group.lastAt, deadAt)
  const { least = Infinity, most = 0 } = group.receives ?? {}
  if (receiveCount !== undefined)
    group.receives = { least: Math.min(least, receiveCount), most: Math.max(most, receiveCount) }
}

function causeOf({ first, count, differ, firstAt, lastAt, receives }: Group): Cause {
  const { letter, cause } = first
  const { error, origin, format } = letter
  const root = rootOf(error)
  return defined({
    cause,
    count,
    format,
    error: error && {
      name: error.name,
      code: error.code,
      // Where they differ, what they have in common.
      message: differ && error.message ? shapeOf(error.message) : error.message,
    },
    root: root && { name: root.name, message: root.message },
    classification: letter.format === 'lambent' ? letter.letter.classification : undefined,
    origin: origin && { source: origin.source, sourceArn: origin.sourceArn },
    function: functionOf(letter),
    firstAt: iso(firstAt),
    lastAt: iso(lastAt),
    receiveCount: receives,
    stack: framesOf(error),
    sample: { messageId: first.id, body: letter.body.slice(0, 1000) },
  }) as Cause
}

/** The frames of one's own code: those of Node.js say nothing. */
function framesOf(error: ParsedError | undefined): string[] | undefined {
  const frames = error?.stack
    ?.split('\n')
    .map(line => line.trim())
    .filter(line => line.startsWith('at ') && !line.includes('node:internal'))
  return frames && frames.length > 0 ? frames.slice(0, 3) : undefined
}

function show(name: string, { read, matching }: Reading, causes: readonly Cause[], output: Output): void {
  const of = matching < read ? ` of ${read}` : ''
  output.line(
    read === 0
      ? `${name}: empty`
      : `${name}: ${countText(matching, 'dead letter')}${of}, ${countText(causes.length, 'cause')}`,
  )
  for (const cause of causes) {
    const { error, origin, root, receiveCount, sample } = cause
    output.line()
    output.line(`${`${cause.count}`.padStart(6)}  ${output.style('bold', errorLine(error as ParsedError | undefined))}`)
    const detail = (text: string | undefined) => text && output.line(`        ${text}`)
    detail(root && `caused by ${errorLine(root as ParsedError)}`)
    detail(
      [
        `cause ${output.style('cyan', cause.cause)}`,
        origin?.source,
        origin?.sourceArn,
        cause.function,
        cause.classification ?? cause.format,
      ]
        .filter(Boolean)
        .join(' · '),
    )
    detail(
      `from ${timeText(time(cause.firstAt))} to ${timeText(time(cause.lastAt))} UTC${receiveCount ? `, received ${range(receiveCount)}` : ''}`,
    )
    for (const frame of cause.stack ?? []) detail(output.style('dim', oneLine(frame, 160)))
    detail(`sample ${sample.messageId}: ${output.style('dim', oneLine(sample.body, 120))}`)
  }
}

const range = ({ least, most }: { readonly least: number; readonly most: number }) =>
  least === most ? countText(least, 'time') : `${least} to ${most} times`

const time = (iso: string | undefined) => (iso === undefined ? undefined : Date.parse(iso))
const iso = (epochMillis: number | undefined) =>
  epochMillis === undefined ? undefined : new Date(epochMillis).toISOString()

function extreme(of: typeof Math.min, one: number | undefined, other: number | undefined): number | undefined {
  if (one === undefined) return other
  return other === undefined ? one : of(one, other)
}

function defined<T extends object>(value: T): Partial<T> {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as Partial<T>
}
