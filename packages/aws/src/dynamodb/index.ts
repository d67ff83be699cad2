export { DynamoDB } from './dynamodb.ts'
export type * from './types.ts'
