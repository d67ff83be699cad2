// @lambent/local: a Lambda function on your machine.
export {
  type BatchResult,
  type EventSourceMapping,
  type EventSourceMappingOptions,
  type MappedFunction,
  type MappingOptions,
  type SqsClient,
  type SqsMessage,
  type SqsMessageAttributeValue,
  type SqsRequestOptions,
  startEventSourceMapping,
} from './event-source-mapping/index.ts'
export { type InvokeOptions, type LambdaFunction, startFunction } from './function.ts'
export type { FunctionOptions } from './function-options.ts'
export { type HttpApi, type HttpApiOptions, startHttpApi } from './http-api.ts'
export type { InvocationFailure, InvocationResult, InvocationSuccess, LogEntry } from './invocation-result.ts'
export type { LogLevel } from './telemetry.ts'
