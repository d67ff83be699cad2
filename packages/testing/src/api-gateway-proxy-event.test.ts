import { expect, test } from 'vitest'
import { apiGatewayProxyEvent } from './api-gateway-proxy-event.ts'

test('header names are spelled as HTTP/1.1 clients do, and given ones as given', () => {
  const event = apiGatewayProxyEvent({ headers: { 'x-custom': 'a', host: 'shop.example.com' }, body: {} })
  expect(Object.keys(event.headers)).toEqual(
    expect.arrayContaining(['Content-Type', 'X-Forwarded-For', 'x-custom', 'host']),
  )
  expect(event.requestContext).toMatchObject({ domainName: 'shop.example.com', domainPrefix: 'shop' })
})

test('a request without a query has null for its parameters', () => {
  const event = apiGatewayProxyEvent()
  expect([event.queryStringParameters, event.multiValueQueryStringParameters]).toEqual([null, null])
})

test('path parameters follow from the resource', () => {
  expect(apiGatewayProxyEvent({ path: '/orders/7' }).pathParameters).toEqual({ proxy: 'orders/7' })
  const event = apiGatewayProxyEvent({ path: '/orders/7/items/2', resource: '/orders/{id}/items/{item}' })
  expect(event.pathParameters).toEqual({ id: '7', item: '2' })
  expect(event.requestContext.resourcePath).toBe('/orders/{id}/items/{item}')
  expect(apiGatewayProxyEvent({ path: '/' })).toMatchObject({ resource: '/', pathParameters: null })
})

test('httpMethod and the stage fill the request context too', () => {
  const event = apiGatewayProxyEvent({ httpMethod: 'PATCH', path: '/a', requestContext: { stage: 'dev' } })
  expect(event.requestContext).toMatchObject({ httpMethod: 'PATCH', path: '/dev/a', stage: 'dev' })
})

test('the time is that of the options, in both forms', () => {
  const event = apiGatewayProxyEvent({}, { now: new Date('2026-03-09T08:07:06.500Z') })
  expect(event.requestContext.requestTime).toBe('09/Mar/2026:08:07:06 +0000')
  expect(event.requestContext.requestTimeEpoch).toBe(1773043626500)
})

test('an authorizer is laid over the request context', () => {
  const event = apiGatewayProxyEvent({ requestContext: { authorizer: { claims: { sub: 'u-1' } } } })
  expect(event.requestContext.authorizer).toEqual({ claims: { sub: 'u-1' } })
})
