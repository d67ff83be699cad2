// All event sources. Each is an entry of its own too, such as `@lambent/events/sqs`.
export * from './dynamodb-streams.ts'
export * from './eventbridge.ts'
export * from './kinesis.ts'
export * from './s3.ts'
export * from './schedule.ts'
export * from './sqs.ts'
