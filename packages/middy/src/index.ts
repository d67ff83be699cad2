// @lambent/middy: middlewares of middy in a pipeline of Lambent, and the other way round.
export { type Bridged, fromMiddy } from './from-middy.ts'
export type { MiddyHooks, MiddyRequest } from './request.ts'
export { type LambentContext, type MiddyMiddleware, toMiddy } from './to-middy.ts'
