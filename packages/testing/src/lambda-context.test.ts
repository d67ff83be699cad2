import { afterEach, expect, test, vi } from 'vitest'
import { lambdaContext } from './lambda-context.ts'

afterEach(() => {
  vi.useRealTimers()
})

test('the remaining time counts down by the given clock, and ends at 0', () => {
  let now = 5_000
  const context = lambdaContext({ timeout: 1_000, clock: () => now })
  expect(context.getRemainingTimeInMillis()).toBe(1_000)
  now += 400
  expect(context.getRemainingTimeInMillis()).toBe(600)
  now += 10_000
  expect(context.getRemainingTimeInMillis()).toBe(0)
})

test('it follows fake timers, from 30 s on', () => {
  vi.useFakeTimers()
  const context = lambdaContext()
  vi.advanceTimersByTime(12_000)
  expect(context.getRemainingTimeInMillis()).toBe(18_000)
})

test('ARN, log group and log stream follow from name and version', () => {
  expect(lambdaContext({ functionName: 'pay', functionVersion: '7' })).toMatchObject({
    invokedFunctionArn: 'arn:aws:lambda:eu-west-1:123456789012:function:pay:7',
    logGroupName: '/aws/lambda/pay',
    logStreamName: expect.stringContaining('[7]'),
  })
})

test('each has a request id of its own, unless given', () => {
  expect(lambdaContext().awsRequestId).not.toBe(lambdaContext().awsRequestId)
  expect(lambdaContext({ awsRequestId: 'r-1' }).awsRequestId).toBe('r-1')
})

test('overrides are laid over, and the options are not part of the context', () => {
  const context = lambdaContext({ tenantId: 'blue', timeout: 1, clock: () => 0, getRemainingTimeInMillis: () => 7 })
  expect(context.tenantId).toBe('blue')
  expect(context.getRemainingTimeInMillis()).toBe(7)
  expect(context).not.toHaveProperty('timeout')
  expect(context).not.toHaveProperty('clock')
})

test('what is gone from the runtime throws', () => {
  expect(() => lambdaContext().succeed('x')).toThrow("context.succeed is gone from Lambda's Node.js runtimes")
})
