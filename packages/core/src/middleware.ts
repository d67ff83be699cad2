// What a middleware is: a function around the rest of the pipeline, and what it needs of its surroundings.
import type { Context } from './context.ts'

declare const ADDS: unique symbol
declare const DONE: unique symbol
declare const NEEDS: unique symbol
// From the registry, so that an ES module copy and a CommonJS copy of this file agree.
export const RESULT: unique symbol = Symbol.for('lambent.result')

/**
 * What `next()` gives: the outcome of the rest of the pipeline. A middleware must return it; to put another value in
 * its place, `{ ...result, value }`.
 */
export interface Result<Adds = unknown> {
  /** What the handler, or a middleware that stopped short of it, returned. */
  readonly value: unknown
  readonly [RESULT]: true
  readonly [ADDS]: Adds
}

/** An outcome that a middleware made itself, by `done(value)`. */
export interface Done {
  readonly value: unknown
  readonly [DONE]: true
}

/** The outcome `value`, for a middleware that stops short of the handler. */
export function done(value?: unknown): Done {
  return { [RESULT]: true, value } as unknown as Done
}

/**
 * Runs the rest of the pipeline, with additions to its context. May be called again (retry does): the rest then starts
 * from the context that the first call started from.
 * @throws {LambentError} of code `MiddlewareError` when an earlier call is not awaited
 */
export interface Next {
  (): Promise<Result>
  <Adds extends object>(adds: Adds): Promise<Result<Adds>>
}

/** IAM actions and the resources that they are needed on, as in a policy statement. */
export interface Permission {
  /** Such as `dynamodb:PutItem`. */
  readonly actions: readonly string[]
  /** ARNs, or `*` where they are not known. */
  readonly resources: readonly string[]
}

/** What a middleware may carry besides its function. */
export interface MiddlewareParts {
  /** Runs once, from the definition of the pipeline on: in Lambda's init phase. Tried again if it fails. */
  readonly init?: () => unknown
  /** Runs on SIGTERM, before the process ends. */
  readonly shutdown?: () => unknown
  /** What it needs from AWS, so that tools can print a least-privilege policy. */
  readonly permissions?: readonly Permission[]
}

/**
 * `Needs` is what earlier middlewares must have provided, `Adds` what this one provides to later ones.
 *
 * ```ts
 * const user: Middleware<unknown, { user: User }> = async (ctx, next) => next({ user: await load(ctx.unit.id) })
 * ```
 *
 * The others are for `.use()`: `Ctx` is the context that it runs on, `Lost` whatever else it returns than what `next()`
 * gave, or `done()`.
 */
// One interface for what `.use()` is given and what it takes: the compiler then compares arguments, not signatures. An
// alias of it would cost the compiler its members twice.
export interface Middleware<in Needs = unknown, out Adds = unknown, in Ctx = Context & Needs, out Lost = never>
  extends MiddlewareParts {
  (ctx: Ctx, next: Next): Promise<Result<Adds> | Done | Lost>
  /** In types only: where `.use()` reads the needs. */
  readonly [NEEDS]?: (needs: Needs) => void
}

declare const RETURNS: unique symbol

/** Added by a middleware that says what the handler must return, such as a response schema. In types only. */
export interface Returns<Value> {
  readonly [RETURNS]: Value
}
