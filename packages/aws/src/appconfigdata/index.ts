export { AppConfigData } from './appconfigdata.ts'
export type * from './types.ts'
