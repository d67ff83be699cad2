// The answer in the shape that each kind of event wants: one field too many, and API Gateway answers 502 instead.
import { LambentError } from '@lambent/core'
import type { HttpKind } from './kind.ts'
import { filled, type Loose } from './loose.ts'
import { reason } from './reason.ts'
import type { Message } from './response.ts'

/**
 * What the handler gives Lambda. Assignable to `APIGatewayProxyResult`, `APIGatewayProxyStructuredResultV2`,
 * `LambdaFunctionURLResult` and `ALBResult` of `@types/aws-lambda`, since which of them it is depends on the event.
 */
export interface HttpResult {
  statusCode: number
  /** Absent for a load balancer with multi-value headers. */
  headers?: Record<string, string>
  /** Payload format 1.0 where a header is repeated, and load balancers with multi-value headers. */
  multiValueHeaders?: Record<string, string[]>
  /** Payload format 2.0 and function URLs. */
  cookies?: string[]
  /** Load balancers: `200 OK`. */
  statusDescription?: string
  body: string
  isBase64Encoded: boolean
}

/**
 * The message as an answer to this event.
 * @throws {LambentError} `ResponseTooLargeError` when it is larger than Lambda, or the load balancer, lets through
 */
export function resultOf(message: Message, kind: HttpKind, event: Loose): HttpResult {
  const { status, body, isBase64Encoded } = message
  const result: HttpResult = { statusCode: status, ...fieldsOf(message, kind, event), body, isBase64Encoded }
  if (kind === 'alb') result.statusDescription = `${status} ${reason(status)}`
  mustFit(result, kind)
  return result
}

type Fields = Pick<HttpResult, 'headers' | 'multiValueHeaders' | 'cookies'>

function fieldsOf({ headers, cookies }: Message, kind: HttpKind, event: Loose): Fields {
  const all = [...headers]
  if (kind === 'http' || kind === 'function-url')
    return cookies.length > 0 ? { headers: joined(all), cookies: [...cookies] } : { headers: joined(all) }

  if (kind === 'rest') {
    // API Gateway sends both, so each field is in one of them.
    if (cookies.length > 0) all.push(['set-cookie', cookies])
    const repeated = all.filter(([, values]) => values.length > 1)
    const single = joined(all.filter(([, values]) => values.length === 1))
    return repeated.length > 0 ? { headers: single, multiValueHeaders: listed(repeated) } : { headers: single }
  }

  // A load balancer reads the field that its target group is set to, which is the one that its events have.
  if (filled(event.multiValueHeaders)) {
    if (cookies.length > 0) all.push(['set-cookie', cookies])
    return { multiValueHeaders: listed(all) }
  }
  // Without multi-value headers a name can be there once: so each cookie has the name in letters of other cases.
  return { headers: joined([...all, ...cookies.map((cookie, i) => [inCase('set-cookie', i), [cookie]] as const)]) }
}

type Field = readonly [name: string, values: readonly string[]]

/** @see https://www.rfc-editor.org/rfc/rfc9110#section-5.3 */
function joined(fields: readonly Field[]): Record<string, string> {
  return Object.fromEntries(fields.map(([name, values]) => [name, values.join(', ')]))
}

function listed(fields: readonly Field[]): Record<string, string[]> {
  return Object.fromEntries(fields.map(([name, values]) => [name, [...values]]))
}

/** The `n`th spelling of a name: bit by bit, from the first letter on, those in upper case. */
function inCase(name: string, n: number): string {
  let bits = n
  return name.replace(/[a-z]/g, letter => {
    const upper = bits % 2 === 1
    bits = Math.floor(bits / 2)
    return upper ? letter.toUpperCase() : letter
  })
}

/** In bytes of the JSON, base64 and escapes included. */
const LAMBDA_LIMIT = 6_291_456
const ALB_LIMIT = 1_048_576

/**
 * @see https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html
 */
function mustFit(result: HttpResult, kind: HttpKind): void {
  const limit = kind === 'alb' ? ALB_LIMIT : LAMBDA_LIMIT
  const { length } = result.body
  // JSON makes at most 6 bytes of a character: what is far below needs no measuring, what is far above neither.
  if (length < limit / 8) return
  const size = length > limit ? length : Buffer.byteLength(JSON.stringify(result))
  if (size <= limit) return
  throw new LambentError(
    `response: ${size} bytes${result.isBase64Encoded ? ' in base64' : ''} are more than the ${limit} that ` +
      `${kind === 'alb' ? 'a load balancer' : 'Lambda'} lets through: compress it, send it in pages, ` +
      'or put it into S3 and redirect to a presigned URL',
    { code: 'ResponseTooLargeError' },
  )
}
