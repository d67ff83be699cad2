// @lambent/cli: the command `lambent`, and the types of the modules that it loads.

export type { Edit, Edited, RedriveMessage } from './dlq/edit.ts'
export { type Io, lambent } from './lambent.ts'
