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
  if (text.startsWith('\ufeff'))
    return new ParseError(
      'MalformedJson',
      name,
      'it begins with a byte order mark, which JSON must not (RFC 8259, 8.1)',
    )
  const offset = offsetOfDefect(text)
  const before = text.slice(0, offset).split('\n')
  const what = offset === text.length ? 'the JSON ends too early' : 'malformed JSON'
  const column = (before.at(-1) ?? '').length + 1
  return new ParseError('MalformedJson', name, `${what}, at line ${before.length}, column ${column} (offset ${offset})`)
}
