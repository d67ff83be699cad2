// The body of an object: a stream of Node's, which can also be read whole.
import type { Readable } from 'node:stream'
import type { StreamingObjectBody } from './types.ts'

/** @see https://docs.aws.amazon.com/AWSJavaScriptSDK/v3/latest/ for the methods' names */
export function objectBody(stream: Readable): StreamingObjectBody {
  async function transformToByteArray(): Promise<Uint8Array> {
    if (stream.readableDidRead) throw new Error('the body was read before: keep what was read')
    const chunks: Uint8Array[] = []
    for await (const chunk of stream) chunks.push(chunk)
    return new Uint8Array(Buffer.concat(chunks))
  }
  return Object.assign(stream, {
    transformToByteArray,
    async transformToString(encoding = 'utf-8') {
      const bytes = Buffer.from(await transformToByteArray())
      return /^(base64|hex)$/.test(encoding)
        ? bytes.toString(encoding as BufferEncoding)
        : new TextDecoder(encoding).decode(bytes)
    },
  })
}
