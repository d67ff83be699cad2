export { EventBridge } from './eventbridge.ts'
export type * from './types.ts'
