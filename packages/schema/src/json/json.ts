// `json(schema)`: the codec that most pipelines have.
import { type Codec, insideOf, type OutputOf, type Schema } from '../codec.ts'
import { unpolluted } from '../pollution.ts'
import { textOf } from '../raw.ts'
import { parseJson } from './parse-json.ts'

const MEDIA_TYPES = ['application/json', '+json']

/**
 * JSON text, or bytes of it in UTF-8, whose value is given to `inner`; what has already been parsed is given to it as it
 * is. Keys that could pollute a prototype (`__proto__`, `constructor` with `prototype` in it) are taken out.
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
      const value = isParsed ? unpolluted(raw) : parseJson(textOf(raw, where), where.name)
      return decode(value, where) as OutputOf<Inner>
    },
  }
}
