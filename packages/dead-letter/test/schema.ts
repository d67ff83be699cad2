// The published schema, by a validator that knows nothing of this package.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv } from 'ajv'
import addFormats from 'ajv-formats'

const file = join(import.meta.dirname, '../schema/dead-letter-v1.schema.json')
const ajv = new Ajv({ strict: true, allErrors: true })
addFormats.default(ajv)
const validate = ajv.compile(JSON.parse(readFileSync(file, 'utf8')))

/** What the schema has against a letter: nothing, if it is one. */
export function violations(letter: unknown): readonly string[] {
  return validate(letter)
    ? []
    : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`)
}
