export { type EventSourceMapping, startEventSourceMapping } from './event-source-mapping.ts'
export type { BatchResult, EventSourceMappingOptions, MappedFunction, MappingOptions } from './options.ts'
export type { SqsClient, SqsMessage, SqsMessageAttributeValue, SqsRequestOptions } from './sqs-client.ts'
