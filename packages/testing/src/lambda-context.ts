// The context of one invocation, with a deadline that comes nearer.
import { randomUUID } from 'node:crypto'
import type { Context } from 'aws-lambda'
import { account, region } from './ids.ts'
import { merge, type Overrides } from './merge.ts'

/** What may be laid over the context, and its time. */
export type LambdaContextOptions = Overrides<Context> & {
  /**
   * The function's timeout in ms.
   * @default 30_000
   */
  readonly timeout?: number | undefined
  /**
   * The clock that the remaining time is read from, in ms. The first reading is the start of the invocation.
   * @default Date.now
   */
  readonly clock?: (() => number) | undefined
}

/**
 * A complete context. `getRemainingTimeInMillis` counts down from `timeout` to 0, from the call of this function on; it
 * follows fake timers that replace `Date`. The ARN and the log group follow from `functionName` and `functionVersion`.
 *
 * The default timeout is 30 s, not the 3 s of a new Lambda function: enough to pause in a debugger or on a slow machine
 * without meeting the deadline, and what API Gateway and the default visibility timeout of SQS leave a function at most.
 *
 * `awsRequestId` is new with each call, as it is with each invocation: give it where a test compares it. `done`, `fail`
 * and `succeed`, which the type still has and nodejs24.x has not, throw.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/nodejs-context.html
 */
export function lambdaContext(options: LambdaContextOptions = {}): Context {
  const { timeout = 30_000, clock = () => Date.now(), ...overrides } = options
  const functionName = overrides.functionName ?? 'orders'
  const functionVersion = overrides.functionVersion ?? '$LATEST'
  const qualifier = functionVersion === '$LATEST' ? '' : `:${functionVersion}`
  const deadline = clock() + timeout
  const context: Context = {
    callbackWaitsForEmptyEventLoop: true,
    functionName,
    functionVersion,
    invokedFunctionArn: `arn:aws:lambda:${region}:${account}:function:${functionName}${qualifier}`,
    memoryLimitInMB: '128',
    awsRequestId: randomUUID(),
    logGroupName: `/aws/lambda/${functionName}`,
    logStreamName: `2026/01/15/[${functionVersion}]a0b1c2d3e4f5a0b1c2d3e4f5a0b1c2d3`,
    getRemainingTimeInMillis: () => Math.max(0, deadline - clock()),
    done: gone('done'),
    fail: gone('fail'),
    succeed: gone('succeed'),
  }
  return merge(context, overrides)
}

function gone(name: string): () => never {
  return () => {
    throw new TypeError(`context.${name} is gone from Lambda's Node.js runtimes: return the result or throw the error`)
  }
}
