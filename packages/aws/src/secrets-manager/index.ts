export { SecretsManager } from './secrets-manager.ts'
export type * from './types.ts'
