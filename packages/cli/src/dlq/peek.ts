// `lambent dlq peek`: dead letters, one by one.
import { countText, type Output, oneLine, printable, shortArn, timeText } from '../output.ts'
import { type Found, functionOf } from './found.ts'
import { type ReadOptions, readAll, unreadNote } from './read.ts'

export interface PeekOptions extends ReadOptions {
  readonly output: Output
  /** Whole bodies, instead of their first line. */
  readonly body: boolean
}

/** 0, or 130: interrupted. */
export async function peek(options: PeekOptions): Promise<number> {
  const { output, queue, signal } = options
  const reading = await readAll(options, found => {
    if (output.json) output.result(asJson(found))
    else show(found, options.body, output)
  })
  const { read, matching, stopped } = reading
  if (matching === 0)
    output.line(`${queue.name}: ${read === 0 ? 'empty' : `none of ${countText(read, 'message')} matches`}`)
  const note = stopped && matching === options.max ? undefined : unreadNote(queue, reading)
  if (note) output.note(note)
  return signal.aborted ? 130 : 0
}

function show({ letter, id, cause, deadAt }: Found, whole: boolean, output: Output): void {
  const { error, origin, body } = letter
  output.line(`${output.style('bold', errorLine(error))}`)
  output.line(`  ${id}  cause ${cause}  ${timeText(deadAt)} UTC`)
  output.line(`  ${[whereLine(letter), `${letter.format}`].filter(Boolean).join(' · ')}`)
  if (letter.format === 'unknown' || (letter.format === 'lambent' && letter.problem))
    output.line(`  ${output.style('yellow', letter.problem ?? '')}`)
  if (whole) output.line(printable(body))
  else output.line(`  ${output.style('dim', oneLine(body, 160))}`)
  if (origin?.id && origin.id !== id) output.line(`  original ${oneLine(origin.id, 120)}`)
  output.line()
}

/** `ParseError (MalformedJson): the body is no JSON`. */
export function errorLine(error: Found['letter']['error']): string {
  if (!error) return 'no error is told'
  const { name, code, message } = error
  const who = name && code && code !== name ? `${name} (${code})` : (name ?? code ?? 'Error')
  return message ? `${oneLine(who, 80)}: ${oneLine(message, 200)}` : oneLine(who, 80)
}

/** `aws:sqs orders → take-orders · received 3 times`. */
export function whereLine(letter: Found['letter']): string {
  const { origin, receiveCount } = letter
  const from = [origin?.source, origin?.sourceArn && shortArn(origin.sourceArn)].filter(Boolean).join(' ')
  const to = functionOf(letter)
  return [
    [from, to].filter(Boolean).join(' → '),
    receiveCount !== undefined && `received ${countText(receiveCount, 'time')}`,
  ]
    .filter(Boolean)
    .map(part => oneLine(`${part}`, 200))
    .join(' · ')
}

function asJson({ id, cause, deadAt, letter }: Found): unknown {
  const { attributes, ...rest } = letter
  const { payload: _, ...shown } = { payload: undefined, ...rest }
  const attributeValues = Object.fromEntries(
    Object.entries(attributes).map(([name, { dataType, stringValue, binaryValue }]) => [
      name,
      { dataType, stringValue, binaryValue: binaryValue && Buffer.from(binaryValue).toString('base64') },
    ]),
  )
  return { ...shown, messageId: id, cause, deadAt, attributes: attributeValues }
}
