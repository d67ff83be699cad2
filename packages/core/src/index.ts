// The public surface of the engine.
export { type Classification, classify } from './classify.ts'
export type { Context } from './context.ts'
export type { Deadline } from './deadline.ts'
export {
  type ErrorOptions,
  type FixedErrorOptions,
  LambentError,
  PermanentError,
  RetryableError,
  TimeoutError,
  UnexpectedEventError,
} from './errors.ts'
export { HttpError, type HttpErrorOptions } from './http-error.ts'
export type { LambdaContext } from './lambda.ts'
export {
  type Done,
  done,
  type Middleware,
  type MiddlewareParts,
  type Next,
  type Permission,
  type Result,
  type Returns,
} from './middleware.ts'
export { type BatchPipeline, type Handler, type Pipeline, pipeline } from './pipeline.ts'
export type { BatchSource, Opened, RecordTypes, RunBatch, RunRecord, Source, SourceTypes } from './source.ts'
export { describe, type Telemetry, type TelemetryEvent, type TelemetryListener } from './telemetry.ts'
export type { Raw, Unit } from './unit.ts'
