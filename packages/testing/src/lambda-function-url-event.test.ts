import { expect, test } from 'vitest'
import { lambdaFunctionUrlEvent } from './lambda-function-url-event.ts'

test('is that of a URL without an authorizer', () => {
  const { requestContext } = lambdaFunctionUrlEvent()
  expect(requestContext).toMatchObject({ accountId: 'anonymous', stage: '$default', routeKey: '$default' })
  expect(requestContext.domainName).toBe(`${requestContext.apiId}.lambda-url.eu-west-1.on.aws`)
})

test('the id of the URL fills the host', () => {
  const event = lambdaFunctionUrlEvent({ requestContext: { apiId: 'xyz' } })
  expect(event.headers.host).toBe('xyz.lambda-url.eu-west-1.on.aws')
  expect(event.requestContext.domainPrefix).toBe('xyz')
})
