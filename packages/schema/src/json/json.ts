// `json(schema)`: the codec that most pipelines have.
import { type Codec, insideOf, isSchema, type OutputOf, type Schema } from '../codec.ts'
import type { ParseError } from '../parse-error.ts'
import { unpolluted } from '../pollution.ts'
import { textOf } from '../raw.ts'
import { parseJson } from './parse-json.ts'

const MEDIA_TYPES = ['application/json', '+json']

/**
 * JSON text, or bytes of it in UTF-8, whose value is given to `inner`; what has already been parsed is given to it as it
 * is. Keys that could pollute a prototype (`__proto__`, `constructor` with `prototype` in it) are taken out. No payload is
 * `undefined` where the schema takes that: `json(Order.optional())`.
 *
 * @throws {ParseError} `EmptyBody`, `MalformedJson` with line, column and offset (in UTF-16 code units, the line and
 * column from 1), `MalformedUtf8`: 400; `SchemaMismatch`: 422
 * @see https://www.rfc-editor.org/rfc/rfc8259
 */
export function json<Inner extends Codec | Schema>(inner: Inner): Codec<OutputOf<Inner>> {
  const decode = insideOf(inner)
  return {
    mediaTypes: MEDIA_TYPES,
    decode(raw, where) {
      const isParsed = typeof raw === 'object' && raw !== null && !(raw instanceof Uint8Array)
      let value: unknown
      try {
        value = isParsed ? unpolluted(raw) : parseJson(textOf(raw, where), where.name)
      } catch (error) {
        if (!isSchema(inner) || (error as ParseError).code !== 'EmptyBody') throw error
        return orElse(() => decode(undefined, where), error) as OutputOf<Inner>
      }
      return decode(value, where) as OutputOf<Inner>
    },
  }
}

/** What `decode` gives; where it fails in any way, `error` is what to tell. */
function orElse(decode: () => unknown, error: unknown): unknown {
  const fail = () => {
    throw error
  }
  try {
    const value = decode()
    return value instanceof Promise ? value.catch(fail) : value
  } catch {
    return fail()
  }
}
