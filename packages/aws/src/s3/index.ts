export { S3, type S3Config, type S3Port } from './s3.ts'
export type * from './types.ts'
