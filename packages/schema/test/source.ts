// Sources for the tests of this package: the event is the payload, or the parts of an HTTP request.
import { type LambdaContext, type Pipeline, pipeline, type Raw, type SourceTypes } from '@lambent/core'
import { type Codec, type OutputOf, ParseError, parse, type RequestParts, type Schema } from '../src/index.ts'

interface PayloadTypes extends SourceTypes {
  event: unknown
  context: object
  returns: unknown
  response: unknown
}

/** The event is the payload. */
export function payload(): Pipeline<PayloadTypes> {
  return pipeline<PayloadTypes>({
    name: 'test:payload',
    open: event => ({ event, unit: { kind: 'record', source: 'test:payload', id: '1', raw: event as Raw } }),
    respond: value => value,
  })
}

export interface TestRequest extends Partial<RequestParts> {
  body?: Raw
}

interface RequestTypes extends SourceTypes {
  event: TestRequest
  context: { request: RequestParts }
  returns: unknown
  response: unknown
}

/** The event is a request. */
export function request(): Pipeline<RequestTypes> {
  return pipeline<RequestTypes>({
    name: 'test:request',
    open: given => {
      const { body, ...parts } = given as TestRequest
      const request = { headers: {}, query: {}, params: {}, cookies: {}, ...parts }
      return { event: given, request, unit: { kind: 'invocation', source: 'test:request', id: '1', raw: body } }
    },
    respond: value => value,
  })
}

export const lambda: LambdaContext = {
  functionName: 'fn',
  functionVersion: '1',
  invokedFunctionArn: 'arn:aws:lambda:eu-central-1:123456789012:function:fn',
  memoryLimitInMB: '128',
  awsRequestId: 'r-1',
  logGroupName: 'group',
  logStreamName: 'stream',
  getRemainingTimeInMillis: () => 3000,
}

/** What a handler behind `parse(of)` finds as body. */
export async function bodyOf<Of extends Codec | Schema>(of: Of, raw: unknown): Promise<OutputOf<Of>> {
  const handler = payload()
    .use(parse(of))
    .handle(({ body }) => ({ body }))
  return ((await handler(raw, lambda)) as { body: OutputOf<Of> }).body
}

/** The ParseError that a promise, or a function, must end with. */
export async function parseErrorOf(work: Promise<unknown> | (() => unknown)): Promise<ParseError> {
  try {
    await (typeof work === 'function' ? work() : work)
  } catch (error) {
    if (error instanceof ParseError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

/** A schema that refuses everything, a little later, and how often it has. */
export function lateRefusal(): { readonly schema: Schema; readonly ended: () => number } {
  let ended = 0
  const validate = async () => {
    await new Promise(resolve => setTimeout(resolve, 5))
    ended++
    return { issues: [{ message: 'refused' }] }
  }
  return { schema: { '~standard': { version: 1, vendor: 'test', validate } }, ended: () => ended }
}
