// `bytes` and `bytes(schema)`: the payload as bytes, for what is neither text nor JSON.
import { type Codec, type OutputOf, type Schema, validator } from './codec.ts'
import { bytesOf } from './raw.ts'

/** A codec, and a function that makes one with a schema for the bytes. */
export interface BytesCodec extends Codec<Uint8Array> {
  <Of extends Schema>(schema: Of): Codec<OutputOf<Of>>
  decode(raw: unknown, where: Parameters<Codec['decode']>[1]): Uint8Array
}

/**
 * Bytes as they came, text in UTF-8: `base64(bytes)`, `gzip(bytes)`.
 *
 * @throws {ParseError} `EmptyBody`, `UnexpectedType`: 400; `SchemaMismatch`: 422
 */
export const bytes: BytesCodec = /* @__PURE__ */ Object.assign(
  <Of extends Schema>(schema: Of): Codec<OutputOf<Of>> => {
    const validate = validator(schema)
    return { decode: (raw, where) => validate(bytesOf(raw, where), where) as OutputOf<Of> }
  },
  { decode: bytesOf },
)
