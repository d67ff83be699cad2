// Runs a middleware as a pipeline does, with what telemetry says.
import {
  type LambdaContext,
  type Middleware,
  type Pipeline,
  pipeline,
  type SourceTypes,
  type TelemetryEvent,
} from '@lambent/core'

interface PlainTypes extends SourceTypes {
  readonly event: unknown
  readonly context: { readonly event: unknown }
}

export function plain(said: TelemetryEvent[] = []): Pipeline<PlainTypes> {
  const listen: Middleware = (ctx, next) => {
    ctx.telemetry.subscribe(event => void said.push(event))
    return next()
  }
  return pipeline<PlainTypes>({
    name: 'test:plain',
    open: event => ({ event, unit: { kind: 'invocation', source: 'test:plain', id: '1', raw: {} } }),
    respond: value => value,
  }).use(listen)
}

export const lambda = (remaining = 10_000): LambdaContext => ({
  functionName: 'f',
  functionVersion: '1',
  invokedFunctionArn: 'arn:aws:lambda:eu-west-1:123456789012:function:f',
  memoryLimitInMB: '128',
  awsRequestId: '1',
  logGroupName: 'g',
  logStreamName: 's',
  getRemainingTimeInMillis: () => remaining,
})
