export { SNS } from './sns.ts'
export type * from './types.ts'
