// Small clients for the AWS APIs that the middlewares call.
export type { CallOptions, ClientConfig } from './client/client-config.ts'
export type { Credentials, CredentialsProvider } from './client/credentials.ts'
export { AwsError, type AwsErrorParts } from './client/errors.ts'
export type { MetadataBearer, ResponseMetadata } from './client/metadata.ts'
export { DynamoDB } from './dynamodb/index.ts'
export { SQS } from './sqs/index.ts'
