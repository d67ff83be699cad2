export { KMS } from './kms.ts'
export type * from './types.ts'
