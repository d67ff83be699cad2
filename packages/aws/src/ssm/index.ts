export { SSM } from './ssm.ts'
export type * from './types.ts'
