export { STS } from './sts.ts'
export type * from './types.ts'
