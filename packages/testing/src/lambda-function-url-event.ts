// Lambda function URLs: format 2.0 of API Gateway's payload, with the differences that a function URL has.
import type { LambdaFunctionURLEvent } from 'aws-lambda'
import { commonLogTime, type EventOptions, epochMillis } from './clock.ts'
import {
  cookieField,
  domainPrefix,
  type HttpOverrides,
  joined,
  lowerCase,
  queryString,
  single,
  wireRequest,
} from './http.ts'
import { region, uuid } from './ids.ts'
import { merge } from './merge.ts'

/**
 * The event of a Lambda function URL.
 *
 * `method`, `path`, `query`, `headers`, `cookies` and `body` fill all the places where this event carries them; the
 * event's other fields are laid over the result as they are. Repeated headers and parameters are joined by commas, and
 * cookies are both in `cookies` and in the `cookie` header (an HTTP API drops the header, a function URL does not).
 *
 * Defaults: `GET /`, auth type `NONE` (account `anonymous`); keys without a value are absent.
 *
 * @throws TypeError when the path does not begin with a slash or holds a query, and for a body that JSON cannot carry.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-payloads
 */
export function lambdaFunctionUrlEvent(
  overrides: HttpOverrides<LambdaFunctionURLEvent> = {},
  options: EventOptions = {},
): LambdaFunctionURLEvent {
  const { method: _method, path: _path, query: _query, headers: _headers, cookies: _c, body: _b, ...rest } = overrides
  const millis = epochMillis(options)
  const urlId = rest.requestContext?.apiId ?? 'abcdefghijklmnopqrstuvwxyz012345'
  const request = wireRequest(overrides, `${urlId}.lambda-url.${region}.on.aws`, millis)
  const headers = [...lowerCase(request.headers), ...cookieField('cookie', request.cookies)]
  const event: LambdaFunctionURLEvent = {
    version: '2.0',
    routeKey: '$default',
    rawPath: request.path,
    rawQueryString: queryString(request.query),
    ...(request.cookies.length > 0 ? { cookies: [...request.cookies] } : {}),
    headers: single(headers, joined),
    ...(request.query.length > 0 ? { queryStringParameters: single(request.query, joined) } : {}),
    requestContext: {
      accountId: 'anonymous',
      apiId: urlId,
      domainName: request.host,
      domainPrefix: domainPrefix(request.host),
      http: {
        method: request.method,
        path: request.path,
        protocol: 'HTTP/1.1',
        sourceIp: request.sourceIp,
        userAgent: request.userAgent,
      },
      requestId: uuid('function-url', 0),
      routeKey: '$default',
      stage: '$default',
      time: commonLogTime(millis),
      timeEpoch: millis,
    },
    ...(request.body === undefined ? {} : { body: request.body }),
    isBase64Encoded: request.isBase64Encoded,
  }
  return merge(event, rest)
}
