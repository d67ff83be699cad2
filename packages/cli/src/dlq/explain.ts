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

export async function explain(options: ReadOptions): Promise<number> {
  const { output, queue } = options
  const reading = await readAll(options)
  const causes = causesOf(reading.found)
  const note = unreadNote(queue, reading)
  output.result({ queue: queue.url, read: reading.read, complete: note === undefined, causes })
  show(queue.name, reading, causes, output)
  if (note) output.note(note)
  return 0
}

export function causesOf(all: readonly Found[]): Cause[] {
  const groups = new Map<string, Found[]>()
  for (const found of all) {
    const group = groups.get(found.cause)
    if (group) group.push(found)
    else groups.set(found.cause, [found])
  }
  return [...groups.values()].map(causeOf).sort((a, b) => b.count - a.count)
}

function causeOf(group: readonly Found[]): Cause {
  const [first] = group as [Found]
  const { letter, cause } = first
  const { error, origin, format } = letter
  const root = rootOf(error)
  const messages = new Set(group.map(({ letter }) => letter.error?.message))
  const counts = group.map(({ letter }) => letter.receiveCount).filter(count => count !== undefined)
  return defined({
    cause,
    count: group.length,
    format,
    error: error && {
      name: error.name,
      code: error.code,
      // Where they differ, what they have in common.
      message: messages.size > 1 && error.message ? shapeOf(error.message) : error.message,
    },
    root: root && { name: root.name, message: root.message },
    classification: letter.format === 'lambent' ? letter.letter.classification : undefined,
    origin: origin && { source: origin.source, sourceArn: origin.sourceArn },
    function: functionOf(letter),
    firstAt: iso(least(group.map(({ letter, deadAt }) => letter.firstAt ?? deadAt))),
    lastAt: iso(most(group.map(({ deadAt }) => deadAt))),
    receiveCount: counts.length > 0 ? { least: Math.min(...counts), most: Math.max(...counts) } : undefined,
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

function show(name: string, { read, found }: Reading, causes: readonly Cause[], output: Output): void {
  const of = found.length < read ? ` of ${read}` : ''
  output.line(
    read === 0
      ? `${name}: empty`
      : `${name}: ${countText(found.length, 'dead letter')}${of}, ${countText(causes.length, 'cause')}`,
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

function least(times: readonly (number | undefined)[]): number | undefined {
  return times.reduce((a, b) => (a === undefined || (b !== undefined && b < a) ? b : a), undefined)
}

function most(times: readonly (number | undefined)[]): number | undefined {
  return times.reduce((a, b) => (a === undefined || (b !== undefined && b > a) ? b : a), undefined)
}

function defined<T extends object>(value: T): Partial<T> {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as Partial<T>
}
