// `parse(codec)`: the payload of a unit, decoded and validated, as `ctx.body`.
import type { Middleware } from '@lambent/core'
import { type Codec, codecOf, type OutputOf, type Schema, type Where } from './codec.ts'
import { mustBeMediaType } from './media-type.ts'
import { MAX_BYTES, mustFit } from './raw.ts'

export interface ParseOptions {
  /** What the payload may have before it is decoded, in bytes. @default 10 MiB, more than Lambda lets through */
  readonly maxBytes?: number | undefined
}

/**
 * Decodes `ctx.unit.raw` and provides it as `ctx.body`, typed by the output of the schema. A schema without a codec is
 * for what comes parsed, as the detail of an EventBridge event does. On an HTTP request the content-type is checked first.
 *
 * ```ts
 * sqs().each().use(parse(json(Order))).handle(async ({ body }) => ship(body))
 * sqs().each().use(parse(sns(json(Order))))
 * eventBridge().use(parse(Order))
 * ```
 *
 * @throws {ParseError} permanent: 400 malformed, 413 too large, 415 of another media type, 422 against the schema
 * @throws {LambentError} `CodecMissing` when the payload is text or bytes and there is but a schema
 */
export function parse<Of extends Codec | Schema>(
  codecOrSchema: Of,
  options: ParseOptions = {},
): Middleware<unknown, { readonly body: OutputOf<Of> }> {
  const decode = bodyDecoder(codecOf(codecOrSchema), options.maxBytes)
  return function parse(ctx, next) {
    const body = decode(ctx.unit.raw, contentTypeOf(ctx as MaybeHttp)) as OutputOf<Of> | Promise<OutputOf<Of>>
    return body instanceof Promise ? body.then(body => next({ body })) : next({ body })
  }
}

const BODY: Where = { name: 'body' }

/** The decoding of a body, behind the checks of its media type and size. */
export function bodyDecoder<Output>(
  codec: Codec<Output>,
  maxBytes: number = MAX_BYTES,
): (raw: unknown, contentType: string | undefined) => Output | Promise<Output> {
  const { mediaTypes } = codec
  return (raw, contentType) => {
    const where = contentType === undefined ? BODY : { ...BODY, contentType }
    if (mediaTypes) mustBeMediaType(contentType, mediaTypes, where.name)
    // No character has more than three bytes: most texts need no counting.
    if (typeof raw === 'string' && raw.length > maxBytes / 3) mustFit(Buffer.byteLength(raw), maxBytes, where)
    if (raw instanceof Uint8Array) mustFit(raw.length, maxBytes, where)
    return codec.decode(raw, where)
  }
}

type MaybeHttp = { readonly request?: { readonly headers?: Readonly<Record<string, unknown>> } }

/** Of the HTTP request, where the unit is one. */
function contentTypeOf(ctx: MaybeHttp): string | undefined {
  const contentType = ctx.request?.headers?.['content-type']
  return typeof contentType === 'string' ? contentType : undefined
}
