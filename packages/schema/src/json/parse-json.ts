// Text as JSON: no prototypes polluted, and errors that say where.
import { ParseError } from '../parse-error.ts'
import { clean, suspicious } from '../pollution.ts'
import { empty } from '../raw.ts'
import { offsetOfDefect } from './defect.ts'

/** @throws {ParseError} `EmptyBody`, `MalformedJson` */
export function parseJson(text: string, name: string): unknown {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    // Not even as cause: V8's message quotes the payload.
    throw text.trim() === '' ? empty(name) : malformed(text, name)
  }
  return suspicious(text) ? clean(value) : value
}

function malformed(text: string, name: string): ParseError {
  const offset = offsetOfDefect(text)
  const lines = text.slice(0, offset).split('\n')
  const column = `${lines.at(-1)}`.length + 1
  const what =
    offset === text.length
      ? 'it ends too early'
      : text[0] === '\ufeff'
        ? 'a byte order mark'
        : 'an unexpected character'
  const where = `line ${lines.length}, column ${column} (offset ${offset})`
  return new ParseError('MalformedJson', name, `malformed JSON: ${what} at ${where}`)
}
