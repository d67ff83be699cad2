// The payload as a message body, byte for byte where a body can be that, and back.
import type { Raw } from '@lambent/core'
import { base64, safeJson } from './json.ts'
import type { Encoding } from './letter.ts'

export interface Body {
  readonly body: string
  readonly encoding: Encoding
}

// What SQS takes: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
const ALLOWED = /^[\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]+$/u
const NOTHING = '-'

/**
 * Text as it is, bytes as the text that they are or else in base64, any other value as its JSON. Text that no message
 * can have, such as control characters or none at all, as its JSON too.
 * @throws {TypeError} for a value that JSON cannot carry
 */
export function encodeBody(raw: Raw): Body {
  if (typeof raw === 'string') return ALLOWED.test(raw) ? { body: raw, encoding: 'text' } : json(raw)
  if (!(raw instanceof Uint8Array)) return json(raw ?? null)
  if (raw.length === 0) return { body: NOTHING, encoding: 'empty' }
  const bytes = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength)
  const text = bytes.toString()
  if (ALLOWED.test(text) && Buffer.from(text).equals(bytes)) return { body: text, encoding: 'utf-8' }
  return { body: base64(raw), encoding: 'base64' }
}

function json(raw: Raw): Body {
  return { body: safeJson(raw), encoding: 'json' }
}

/**
 * The payload that a body stands for.
 * @throws {SyntaxError} when it is not of its encoding
 */
export function decodeBody({ body, encoding }: Body): Raw {
  if (encoding === 'text') return body
  if (encoding === 'empty') return new Uint8Array()
  if (encoding === 'utf-8') return new Uint8Array(Buffer.from(body))
  if (encoding === 'json') return parseJson(body)
  if (!/^[A-Za-z\d+/]*={0,2}$/.test(body)) throw new SyntaxError('the body is no base64')
  return new Uint8Array(Buffer.from(body, 'base64'))
}

function parseJson(body: string): Raw {
  try {
    return JSON.parse(body)
  } catch {
    throw new SyntaxError('the body is no JSON') // the engine's own message shows some of it
  }
}
