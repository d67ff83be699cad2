// Dead letters: `deadLetter()`, the sinks, the format and its reader, and payloads that are in S3.
export type { MessageAttribute, MessageAttributes } from './attributes.ts'
export { decodeBody } from './body.ts'
export type { Redact } from './compose-letter.ts'
export { DeadLetterError, type DeadLetterOptions, deadLetter, type Respond } from './dead-letter.ts'
export { type EventBusOptions, eventBus } from './event-bus.ts'
export { type LargeMessagesClient, type LargeMessagesOptions, largeMessages } from './large-messages.ts'
export type {
  Encoding,
  ErrorDetail,
  FunctionDetail,
  Letter,
  LetterDocument,
  Origin,
  Reason,
  Redactable,
  StoredAttribute,
  TraceDetail,
} from './letter.ts'
export type { ClaimCheckOptions } from './pack.ts'
export { parseDeadLetter } from './parse-dead-letter.ts'
export type {
  EventBridgeRule,
  LambdaAsyncDlq,
  LambdaDestination,
  Lambent,
  ParsedCommon,
  ParsedDeadLetter,
  ParsedError,
  ParsedOrigin,
  SpringKafka,
  SqsRedrive,
  StreamDestination,
  StreamPointer,
  Unknown,
} from './parsed.ts'
export type { S3Pointer } from './pointer.ts'
export type { EventBridgePort, S3PutPort, SnsPort, SqsPort } from './port.ts'
export { type S3PrefixOptions, s3Prefix } from './s3-prefix.ts'
export type { DeadLetterMessage, SendOptions, Sink } from './sink.ts'
export { type SnsTopicOptions, snsTopic } from './sns-topic.ts'
export { type SqsQueueOptions, sqsQueue } from './sqs-queue.ts'
