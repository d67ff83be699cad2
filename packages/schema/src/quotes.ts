// Whether the message of an issue quotes what it refuses. Many libraries do, each in words of its own, so that the
// message is compared with the value.
import type { StandardSchemaV1 } from '@standard-schema/spec'

/** So many characters in a row of a text are a quotation of it; a shorter text is one as a whole. */
export const RUN = 10
// What is looked at, so that this costs some milliseconds at most: texts in characters, and values in an object.
const TEXT = 100_000
const VALUES = 2000

/**
 * Compares with the texts and numbers of three characters and more at `path`, or where nothing is there, around it. What
 * is too large to compare is taken for quoted; around the path it is not.
 */
export function quotes(
  message: string,
  path: Iterable<PropertyKey | StandardSchemaV1.PathSegment>,
  root: unknown,
): boolean {
  const said = plain(message)
  let refused = root
  let found = true
  for (const segment of path) {
    const inner = typeof refused === 'object' ? Object(refused)[keyOf(segment)] : undefined
    found = inner !== undefined
    if (!found) break
    refused = inner
  }
  let long = ''
  const values = [refused]
  for (const value of values) {
    if (typeof value === 'object' && value !== null) {
      const inner = membersOf(value)
      if (values.length + inner.length > VALUES) return found
      values.push(...inner)
    } else if (typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint') {
      const text = plain(`${value}`).trim()
      if (text.length >= RUN) long += `\n${text}`
      else if (text.length > 2 && hasWord(said, text)) return true
      if (long.length > TEXT) return found
    }
  }
  for (let at = 0; at + RUN <= said.length; at++) if (long.includes(said.slice(at, at + RUN))) return true
  return false
}

export function keyOf(segment: PropertyKey | StandardSchemaV1.PathSegment): PropertyKey {
  return typeof segment === 'object' ? segment.key : segment
}

/** Messages have it as JSON, or as it is. */
function plain(text: string): string {
  return text.replaceAll('\\', '')
}

function membersOf(value: object): readonly unknown[] {
  if (ArrayBuffer.isView(value)) return []
  return value instanceof Map || value instanceof Set ? [...value.values()] : Object.values(value)
}

/** By itself, not in a longer word or number; `>=100` and the like is a limit of the schema. */
function hasWord(message: string, word: string): boolean {
  const parts = message.split(word)
  return parts.some((part, index) => index > 0 && !/^\w/.test(part) && !/(\w|[<>]=?)$/.test(`${parts[index - 1]}`))
}
