import { expect, test } from 'vitest'
import { apiGatewayProxyEventV2 } from './api-gateway-proxy-event-v2.ts'

test('keys without a value are absent', () => {
  const event = apiGatewayProxyEventV2()
  for (const key of ['body', 'cookies', 'queryStringParameters', 'pathParameters'])
    expect(event).not.toHaveProperty(key)
})

test('a named stage begins the path in both places', () => {
  const event = apiGatewayProxyEventV2({ path: '/orders', requestContext: { stage: 'dev' } })
  expect([event.rawPath, event.requestContext.http.path]).toEqual(['/dev/orders', '/dev/orders'])
})

test('path parameters follow from the route, which the request context has too', () => {
  const event = apiGatewayProxyEventV2({ path: '/orders/7', routeKey: 'GET /orders/{id}' })
  expect(event.pathParameters).toEqual({ id: '7' })
  expect(event.requestContext.routeKey).toBe('GET /orders/{id}')
  expect(apiGatewayProxyEventV2({ path: '/other/7', routeKey: 'GET /orders/{id}' }).pathParameters).toBeUndefined()
})

test('the last address of x-forwarded-for is the source', () => {
  const event = apiGatewayProxyEventV2({ headers: { 'x-forwarded-for': '10.0.0.1, 198.51.100.7' } })
  expect(event.requestContext.http.sourceIp).toBe('198.51.100.7')
})

test("the event's other fields are laid over as they are, and undefined deletes", () => {
  const event = apiGatewayProxyEventV2({ isBase64Encoded: true, body: 'aGk=', requestContext: { http: undefined } })
  expect(event).toMatchObject({ isBase64Encoded: true, body: 'aGk=' })
  expect(event.requestContext).not.toHaveProperty('http')
})
