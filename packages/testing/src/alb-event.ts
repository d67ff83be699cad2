// Application Load Balancer: the payload for a Lambda function in a target group.
import type { ALBEvent } from 'aws-lambda'
import { type EventOptions, epochMillis } from './clock.ts'
import { cookieField, encoded, type HttpOverrides, lastOf, lowerCase, multiple, single, wireRequest } from './http.ts'
import { account, region } from './ids.ts'
import { merge } from './merge.ts'

export interface AlbEventOptions extends EventOptions {
  /**
   * Whether the target group has multi-value headers on: then the event has `multiValueHeaders` and
   * `multiValueQueryStringParameters` in place of `headers` and `queryStringParameters`.
   * @default false
   */
  readonly multiValueHeaders?: boolean | undefined
}

/**
 * The event of an Application Load Balancer.
 *
 * `method`, `path`, `query`, `headers`, `cookies` and `body` fill all the places where this event carries them; the
 * event's other fields are laid over the result as they are. As the load balancer does, query parameters are left
 * URL-encoded, and of a repeated header or parameter only the last is kept, unless `multiValueHeaders` is on.
 *
 * Defaults: `GET /`, an empty body.
 *
 * @throws TypeError when the path does not begin with a slash or holds a query, and for a body that JSON cannot carry.
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html
 */
export function albEvent(overrides: HttpOverrides<ALBEvent> = {}, options: AlbEventOptions = {}): ALBEvent {
  const { method, path: _path, query: _query, headers: _headers, cookies: _cookies, body: _body, ...rest } = overrides
  const request = wireRequest(
    { ...overrides, method: method ?? rest.httpMethod },
    `shop-alb-1234567890.${region}.elb.amazonaws.com`,
    epochMillis(options),
  )
  const headers = [...lowerCase(request.headers), ...cookieField('cookie', request.cookies)]
  const query = encoded(request.query)
  const event: ALBEvent = {
    requestContext: {
      elb: {
        targetGroupArn: `arn:aws:elasticloadbalancing:${region}:${account}:targetgroup/orders/6d0ecf831eec9f09`,
      },
    },
    httpMethod: request.method,
    path: request.path,
    ...(options.multiValueHeaders
      ? { multiValueQueryStringParameters: multiple(query), multiValueHeaders: multiple(headers) }
      : { queryStringParameters: single(query, lastOf), headers: single(headers, lastOf) }),
    body: request.body ?? '',
    isBase64Encoded: request.isBase64Encoded,
  }
  return merge(event, rest)
}
