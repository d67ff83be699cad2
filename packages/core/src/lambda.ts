// Lambda's own types, as far as the engine needs them: no dependency, assignable from and to those of @types/aws-lambda.

/**
 * What Lambda tells a handler about its invocation.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/nodejs-context.html
 */
export interface LambdaContext {
  readonly functionName: string
  readonly functionVersion: string
  readonly invokedFunctionArn: string
  readonly memoryLimitInMB: string
  readonly awsRequestId: string
  readonly logGroupName: string
  readonly logStreamName: string
  /** The tenant of the invocation, where the function isolates tenants. */
  readonly tenantId?: string | undefined
  /** Time until Lambda ends the invocation, in milliseconds. */
  getRemainingTimeInMillis(): number
}
