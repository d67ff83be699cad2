// API Gateway HTTP APIs: the payload of a Lambda proxy integration, format 2.0.
import type { APIGatewayProxyEventV2 } from 'aws-lambda'
import { commonLogTime, type EventOptions, epochMillis } from './clock.ts'
import {
  domainPrefix,
  type HttpOverrides,
  joined,
  lowerCase,
  pathParameters,
  queryString,
  single,
  wireRequest,
} from './http.ts'
import { account, base64Id, region } from './ids.ts'
import { merge } from './merge.ts'

/**
 * The event of an API Gateway HTTP API, payload format 2.0.
 *
 * `method`, `path`, `query`, `headers`, `cookies` and `body` fill all the places where this event carries them; the
 * event's other fields are laid over the result as they are. Repeated headers and parameters are joined by commas, and
 * cookies are in `cookies` alone. With a stage other than `$default` its name begins the path, and with a `routeKey`
 * such as `GET /orders/{id}` the `pathParameters` follow from it.
 *
 * Defaults: `GET /`, stage `$default`, route `$default`, no authorizer; keys without a value are absent.
 *
 * @throws TypeError when the path does not begin with a slash or holds a query, and for a body that JSON cannot carry.
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 */
export function apiGatewayProxyEventV2(
  overrides: HttpOverrides<APIGatewayProxyEventV2> = {},
  options: EventOptions = {},
): APIGatewayProxyEventV2 {
  const { method: _method, path: _path, query: _query, headers: _headers, cookies: _c, body: _b, ...rest } = overrides
  const millis = epochMillis(options)
  const apiId = rest.requestContext?.apiId ?? 'a1b2c3d4e5'
  const request = wireRequest(overrides, `${apiId}.execute-api.${region}.amazonaws.com`, millis)
  const stage = rest.requestContext?.stage ?? '$default'
  const path = stage === '$default' ? request.path : `/${stage}${request.path}`
  const routeKey = rest.routeKey ?? '$default'
  const parameters = pathParameters(routeKey.slice(routeKey.indexOf(' ') + 1), request.path)
  const event: APIGatewayProxyEventV2 = {
    version: '2.0',
    routeKey,
    rawPath: path,
    rawQueryString: queryString(request.query),
    ...(request.cookies.length > 0 ? { cookies: [...request.cookies] } : {}),
    headers: single(lowerCase(request.headers), joined),
    ...(request.query.length > 0 ? { queryStringParameters: single(request.query, joined) } : {}),
    requestContext: {
      accountId: account,
      apiId,
      domainName: request.host,
      domainPrefix: domainPrefix(request.host),
      http: {
        method: request.method,
        path,
        protocol: 'HTTP/1.1',
        sourceIp: request.sourceIp,
        userAgent: request.userAgent,
      },
      requestId: base64Id('http-api', 0, 11),
      routeKey,
      stage,
      time: commonLogTime(millis),
      timeEpoch: millis,
    },
    ...(request.body === undefined ? {} : { body: request.body }),
    ...(parameters ? { pathParameters: parameters } : {}),
    isBase64Encoded: request.isBase64Encoded,
  }
  return merge(event, rest)
}
