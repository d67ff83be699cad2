// `multipart(schema)`: what an HTML form with files sends. The parser is loaded with the first such body.
import type { Busboy as BusboyClass } from '@fastify/busboy'
import { LambentError } from '@lambent/core'
import { after, type Codec, insideOf, type OutputOf, type Schema, type Where } from './codec.ts'
import { Fields } from './form.ts'
import { ParseError } from './parse-error.ts'
import { bytesOf, empty, MAX_BYTES, tooLarge } from './raw.ts'

export interface MultipartOptions {
  /** Files in one body. @default 10 */
  readonly maxFiles?: number | undefined
  /** Other fields in one body. @default 100 */
  readonly maxFields?: number | undefined
  /** Of one file, in bytes. @default 10 MiB */
  readonly maxFileBytes?: number | undefined
  /** Of one other field, in bytes. @default 1 MiB */
  readonly maxFieldBytes?: number | undefined
}

/** A file of a form. A class, so that schemas can ask for it: `z.instanceof(MultipartFile)`. */
export class MultipartFile {
  /** Without the path that some clients send; what the client says, not to be trusted. */
  readonly filename: string
  /** In lower case; what the client says, not to be trusted. */
  readonly contentType: string
  readonly bytes: Uint8Array

  constructor(filename: string, contentType: string, bytes: Uint8Array) {
    this.filename = filename
    this.contentType = contentType
    this.bytes = bytes
  }
}

const MEDIA_TYPES = ['multipart/form-data']

/**
 * An object of text and `MultipartFile`, an array where a name is repeated, without a prototype. A file input that was
 * left empty is not in it. API Gateway hands on bytes only for the media types that are binary to it: files get lost
 * where `multipart/form-data` is not among them.
 *
 * @throws {ParseError} `EmptyBody`, `MalformedMultipart`: 400; `ContentTooLarge`: 413; `SchemaMismatch`: 422
 * @throws {LambentError} `ParserNotLoaded` in a bundle of ES modules without a `require`: the message says what to do
 * @see https://www.rfc-editor.org/rfc/rfc7578
 */
export function multipart<Of extends Schema>(schema: Of, options: MultipartOptions = {}): Codec<OutputOf<Of>> {
  const validate = insideOf(schema)
  return {
    mediaTypes: MEDIA_TYPES,
    decode(raw, where) {
      const bytes = bytesOf(raw, where)
      if (bytes.length === 0) throw empty(where.name)
      return after(fieldsOf(bytes, where, options), fields => validate(fields, where)) as Promise<OutputOf<Of>>
    },
  }
}

async function fieldsOf(
  bytes: Uint8Array,
  { name: place, contentType }: Where,
  options: MultipartOptions,
): Promise<object> {
  if (!contentType) throw malformed(place, 'no content-type says what its boundary is')
  const { maxFiles = 10, maxFields = 100, maxFileBytes = MAX_BYTES, maxFieldBytes = 1_048_576 } = options
  const Busboy = await load()
  return new Promise((resolve, reject) => {
    const fields = new Fields<string | MultipartFile>()
    const add = (name: string | undefined, value: string | MultipartFile) => {
      if (name === undefined) reject(malformed(place, 'a part has no name'))
      else fields.add(name, value)
    }
    const refuse = (what: string, limit: number) => reject(tooLarge(what, limit, place))
    const limits = { files: maxFiles, fields: maxFields, fileSize: maxFileBytes, fieldSize: maxFieldBytes }
    const fail = (cause: unknown) => reject(malformed(place, 'its boundary, parts or end are wrong', cause))
    try {
      new Busboy({ headers: { 'content-type': contentType }, limits })
        .on('field', (name: string | undefined, value, _, truncated) => {
          if (truncated) refuse('a field has', maxFieldBytes)
          else add(name, value)
        })
        .on('file', (name: string | undefined, stream, filename: string | undefined, _, type) => {
          const chunks: Uint8Array[] = []
          stream
            .on('data', chunk => chunks.push(chunk))
            .on('limit', () => refuse('a file has', maxFileBytes))
            .on('error', fail)
            .on('end', () => {
              // A file input that is left empty is sent as a file without name and bytes.
              if (filename || chunks.length > 0)
                add(name, new MultipartFile(filename ?? '', type, Buffer.concat(chunks)))
            })
        })
        .on('filesLimit', () => refuse('it has files,', maxFiles))
        .on('fieldsLimit', () => refuse('it has fields,', maxFields))
        .on('error', fail)
        .on('finish', () => resolve(fields.all))
        .end(bytes)
    } catch (cause) {
      fail(cause)
    }
  })
}

/** @throws {LambentError} `ParserNotLoaded`: a defect of the bundle, not of the payload */
async function load(): Promise<typeof BusboyClass> {
  let cause: unknown
  try {
    const { Busboy } = await import('@fastify/busboy')
    // After a first failure some bundlers give what there is of the module.
    if (typeof Busboy === 'function') return Busboy
  } catch (error) {
    cause = error
  }
  throw new LambentError(
    'multipart() cannot load @fastify/busboy. It is CommonJS: a bundle in ES module format must give it a require ' +
      "(esbuild: --banner:js=\"import { createRequire } from 'node:module'; " +
      'const require = createRequire(import.meta.url)"), or leave it external and deploy it beside',
    { code: 'ParserNotLoaded', cause },
  )
}

function malformed(place: string, what: string, cause?: unknown): ParseError {
  return new ParseError('MalformedMultipart', place, `malformed multipart/form-data: ${what}`, { cause })
}
