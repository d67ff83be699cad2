// `text` and `text(schema)`: the payload as text.
import { type Codec, type OutputOf, type Schema, validator } from './codec.ts'
import { textOf } from './raw.ts'

/** A codec, and a function that makes one with a schema for the text. */
export interface TextCodec extends Codec<string> {
  <Of extends Schema>(schema: Of): Codec<OutputOf<Of>>
  decode(raw: unknown, where: Parameters<Codec['decode']>[1]): string
}

/**
 * Text as it came, bytes as UTF-8; a byte order mark stays in it. No text (undefined, null) is an error, empty text is not.
 *
 * @throws {ParseError} `EmptyBody`, `MalformedUtf8`, `UnexpectedType`: 400; `SchemaMismatch`: 422
 */
export const text: TextCodec = /* @__PURE__ */ Object.assign(
  <Of extends Schema>(schema: Of): Codec<OutputOf<Of>> => {
    const validate = validator(schema)
    return { decode: (raw, where) => validate(textOf(raw, where), where) as OutputOf<Of> }
  },
  { decode: textOf },
)
