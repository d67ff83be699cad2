export { SQS } from './sqs.ts'
export type * from './types.ts'
