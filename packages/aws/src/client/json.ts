// AWS JSON 1.0 and 1.1: one POST, the operation in `x-amz-target`.
// https://smithy.io/2.0/aws/protocols/aws-json-1_0-protocol.html
import type { WireResponse } from './http.ts'
import type { Call, ErrorAnswer } from './send.ts'

export interface JsonProtocol {
  readonly version: '1.0' | '1.1'
  readonly target: string
}

/** `revive` makes Dates and bytes of what JSON has instead, in an output and in an error. */
export function jsonCall<Output>(
  { version, target }: JsonProtocol,
  operation: string,
  input: object,
  revive: (output: never) => unknown = output => output,
): Call<Output> {
  return {
    operation,
    method: 'POST',
    path: '/',
    headers: { 'content-type': `application/x-amz-json-${version}`, 'x-amz-target': `${target}.${operation}` },
    body: jsonOf(input),
    read: response => revive(objectOf(response) as never) as Output,
    readError: response => errorOf(response, revive),
  }
}

/** As AWS writes it: bytes as base64, Dates as epoch seconds. */
export function jsonOf(input: object): string {
  return JSON.stringify(input, function replace(this: Record<string, unknown>, key, value) {
    const given = this[key] // before its toJSON
    if (given instanceof Date) return given.getTime() / 1000
    if (given instanceof Uint8Array) return base64Of(given)
    return value
  })
}

export function base64Of({ buffer, byteOffset, byteLength }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString('base64')
}

export function bytesOf(base64: string): Uint8Array {
  return new Uint8Array(Buffer.from(base64, 'base64'))
}

/** The Date for epoch seconds. */
export function dateOf(seconds: unknown): Date | undefined {
  return typeof seconds === 'number' ? new Date(Math.round(seconds * 1000)) : undefined
}

function objectOf({ body }: WireResponse): Record<string, unknown> {
  if (body.length === 0) return {} // of operations without output
  const value: unknown = JSON.parse(body.toString('utf8'))
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new SyntaxError('no object')
  // AWS writes null for what there is not.
  return Object.fromEntries(Object.entries(value).filter(([, inner]) => inner !== null))
}

export function errorOf(response: WireResponse, revive: (output: never) => unknown): ErrorAnswer | undefined {
  const { headers } = response
  const { __type, code, message, Message, ...members } = objectOf(response)
  const type = headers['x-amzn-errortype'] ?? (typeof __type === 'string' ? __type : code)
  if (typeof type !== 'string') return undefined
  // `com.amazonaws.dynamodb.v20120810#Name`, `Name:http://…`
  const name = (type.split(':')[0] ?? '').replace(/^.*#/, '')
  const text = message ?? Message
  // Of services that once spoke Query: `AWS.SimpleQueueService.NonExistentQueue;Sender`.
  const [Code, Type] = (headers['x-amzn-query-error'] ?? '').split(';')
  return {
    name,
    message: typeof text === 'string' ? text : '',
    members: { ...(revive(members as never) as object), ...(Code && { Code, Type }) },
  }
}
