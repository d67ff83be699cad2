// API Gateway REST APIs: the payload of a Lambda proxy integration, format 1.0.
import type { APIGatewayProxyEvent } from 'aws-lambda'
import { commonLogTime, type EventOptions, epochMillis } from './clock.ts'
import {
  cookieField,
  domainPrefix,
  type HttpOverrides,
  lastOf,
  multiple,
  pathParameters,
  single,
  titleCase,
  wireRequest,
} from './http.ts'
import { account, base64Id, region, uuid } from './ids.ts'
import { merge } from './merge.ts'

/**
 * The event of an API Gateway REST API, for a resource that takes every path.
 *
 * `method`, `path`, `query`, `headers`, `cookies` and `body` fill all the places where this event carries them; the
 * event's other fields are laid over the result as they are. A repeated header or parameter has its last value in
 * `headers` or `queryStringParameters`, all in their multi-value twins. `pathParameters` follow from `resource`.
 *
 * Defaults: `GET /`, stage `prod`, resource `/{proxy+}`, no authorizer.
 *
 * @throws TypeError when the path does not begin with a slash or holds a query, and for a body that JSON cannot carry.
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
 */
export function apiGatewayProxyEvent(
  overrides: HttpOverrides<APIGatewayProxyEvent> = {},
  options: EventOptions = {},
): APIGatewayProxyEvent {
  const { method, path: _path, query: _query, headers: _headers, cookies: _cookies, body: _body, ...rest } = overrides
  const millis = epochMillis(options)
  const apiId = rest.requestContext?.apiId ?? 'a1b2c3d4e5'
  const request = wireRequest(
    { ...overrides, method: method ?? rest.httpMethod },
    `${apiId}.execute-api.${region}.amazonaws.com`,
    millis,
  )
  const headers = [...titleCase(request.headers, overrides.headers), ...cookieField('Cookie', request.cookies)]
  const resource = rest.resource ?? (request.path === '/' ? '/' : '/{proxy+}')
  const stage = rest.requestContext?.stage ?? 'prod'
  const event: APIGatewayProxyEvent = {
    resource,
    path: request.path,
    httpMethod: request.method,
    headers: single(headers, lastOf),
    multiValueHeaders: multiple(headers),
    queryStringParameters: request.query.length > 0 ? single(request.query, lastOf) : null,
    multiValueQueryStringParameters: request.query.length > 0 ? multiple(request.query) : null,
    pathParameters: pathParameters(resource, request.path) ?? null,
    stageVariables: null,
    requestContext: {
      accountId: account,
      apiId,
      authorizer: undefined,
      domainName: request.host,
      domainPrefix: domainPrefix(request.host),
      extendedRequestId: base64Id('api-gateway', 0, 11),
      httpMethod: request.method,
      identity: {
        accessKey: null,
        accountId: null,
        apiKey: null,
        apiKeyId: null,
        caller: null,
        clientCert: null,
        cognitoAuthenticationProvider: null,
        cognitoAuthenticationType: null,
        cognitoIdentityId: null,
        cognitoIdentityPoolId: null,
        principalOrgId: null,
        sourceIp: request.sourceIp,
        user: null,
        userAgent: request.userAgent,
        userArn: null,
      },
      path: `/${stage}${request.path}`,
      protocol: 'HTTP/1.1',
      requestId: uuid('api-gateway', 0),
      requestTime: commonLogTime(millis),
      requestTimeEpoch: millis,
      resourceId: 'r3s0rc',
      resourcePath: resource,
      stage,
    },
    body: request.body ?? null,
    isBase64Encoded: request.isBase64Encoded,
  }
  return merge(event, rest)
}
