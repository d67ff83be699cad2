// `form(schema)`: what an HTML form without files sends.
import { type Codec, insideOf, type OutputOf, type Schema } from './codec.ts'
import { textOf } from './raw.ts'

const MEDIA_TYPES = ['application/x-www-form-urlencoded']

/**
 * `a=1&b=2&b=3` as `{ a: '1', b: ['2', '3'] }`: all values are text, a repeated name is an array. The object has no
 * prototype. Where a name may come once or often, say so in the schema, by a union of text and array.
 *
 * @throws {ParseError} `EmptyBody`, `MalformedUtf8`: 400; `SchemaMismatch`: 422
 * @see https://url.spec.whatwg.org/#urlencoded-parsing
 */
export function form<Of extends Schema>(schema: Of): Codec<OutputOf<Of>> {
  const validate = insideOf(schema)
  return {
    mediaTypes: MEDIA_TYPES,
    decode(raw, where) {
      const values = new Fields<string>()
      // A leading question mark would be taken for that of a query.
      for (const [name, value] of new URLSearchParams(`&${textOf(raw, where)}`)) values.add(name, value)
      return validate(values.all, where) as OutputOf<Of>
    },
  }
}

/** Named values, as an array where a name is repeated. */
export class Fields<Value> {
  /** Without a prototype, so that any name may be one. */
  readonly all: Record<string, Value | Value[]> = Object.create(null)

  add(name: string, value: Value): void {
    if (name === '__proto__') return // what comes of it may have a prototype again
    const earlier = this.all[name]
    if (earlier === undefined) this.all[name] = value
    else if (Array.isArray(earlier)) earlier.push(value)
    else this.all[name] = [earlier, value]
  }
}
