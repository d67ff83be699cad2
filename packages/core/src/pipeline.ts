// The builder that users see: a source, `.use()`, `.each()`, `.handle()`.
import { compose, type Run } from './compose.ts'
import { type Context, extend, type Invocation, type UnitContext } from './context.ts'
import type { LambdaContext } from './lambda.ts'
import { lifecycle } from './lifecycle.ts'
import type { Done, Middleware, MiddlewareParts, Permission, Result, Returns } from './middleware.ts'
import type { BatchSource, Opened, RecordTypes, Source, SourceTypes } from './source.ts'

/** A plain Lambda handler, of length 2. */
export interface Handler<Event, Response> {
  (event: Event, lambda: LambdaContext): Promise<Response>
  /** Awaits every `init`. `await handler.ready()` at the top level of an ES module ends them in the init phase. */
  ready(): Promise<unknown>
  /** What the source and the middlewares need from AWS. */
  readonly permissions: readonly Permission[]
}

// These messages are what a person reads: `.use()` takes either the middleware or the sentence that says why not.
type Lack<Ctx, Needs> = [Exclude<keyof Needs, keyof Ctx>] extends [never]
  ? `ctx.${Unfit<Ctx, Needs> & string} has another type than this middleware needs`
  : `ctx.${Exclude<keyof Needs, keyof Ctx> & string} is needed here, but no earlier .use() provides it`
// Of alternatives of needs none may be met although each key is: then all are named.
type Unfit<Ctx, Needs, Key = { [K in keyof Needs]-?: Ctx extends Pick<Needs, K> ? never : K }[keyof Needs]> = [
  Key,
] extends [never]
  ? keyof Needs
  : Key
type Misfit<Ctx, Needs, Adds, Lost> = Ctx extends Needs
  ? keyof Adds & keyof Ctx extends never
    ? Lost extends Result<Adds> | Done
      ? never
      : 'return what next() gave, with the same additions in every branch, or done(value)'
    : Adds extends Pick<Ctx, keyof Adds & keyof Ctx>
      ? never
      : `ctx.${keyof Adds & keyof Ctx & string} is already provided with another type`
  : [Needs] extends [never]
    ? never
    : Lack<Ctx, Needs>
// Names a misfit once: by a condition in `.use()` itself the compiler would work it out three times at each step.
type Unless<Message, Fit> = [Message] extends [never] ? Fit : NoInfer<Message>

type ReturnsOf<T extends SourceTypes, Ctx> = Ctx extends Returns<infer Value> ? Value : T['returns']

/** A source and the middlewares on it so far. */
export interface Pipeline<T extends SourceTypes, Ctx = Context & T['context']> {
  /** Adds a middleware inside of those before it. */
  use<Adds = unknown, Needs = unknown, Lost = never>(
    middleware: Unless<Misfit<Ctx, Needs, Adds, Lost>, Middleware<Needs, Adds, Ctx, Lost>>,
  ): Pipeline<T, Ctx & Adds>
  /** Ends the pipeline with the function that does the work. */
  handle(work: (ctx: Ctx) => ReturnsOf<T, Ctx> | Promise<ReturnsOf<T, Ctx>>): Handler<T['event'], T['response']>
}

/** A pipeline on a source whose events are batches. */
export interface BatchPipeline<T extends SourceTypes, R extends RecordTypes, Added = unknown> {
  /** Adds a middleware around the whole batch. */
  use<Adds = unknown, Needs = unknown, Lost = never>(
    middleware: Unless<
      Misfit<Context & T['context'] & Added, Needs, Adds, Lost>,
      Middleware<Needs, Adds, Context & T['context'] & Added, Lost>
    >,
  ): BatchPipeline<T, R, Added & Adds>
  /** From here on, once for each record. */
  each(options?: R['options']): Pipeline<EachTypes<T, R>, Context & R['context'] & Added>
  /** Ends the pipeline with a function that handles the whole batch. */
  handle(
    work: (ctx: Context & T['context'] & Added) => ReturnsOf<T, Added> | Promise<ReturnsOf<T, Added>>,
  ): Handler<T['event'], T['response']>
}

/** The types of a source after `.each()`: the record's context and results, the batch's event and response. */
export interface EachTypes<T extends SourceTypes, R extends RecordTypes> extends SourceTypes {
  readonly event: T['event']
  readonly context: R['context']
  readonly returns: R['returns']
  readonly response: T['response']
}

/** A pipeline on a source: what the functions `http()`, `sqs()`, … return. */
export function pipeline<T extends SourceTypes, R extends RecordTypes>(source: BatchSource<T, R>): BatchPipeline<T, R>
export function pipeline<T extends SourceTypes>(source: Source<T>): Pipeline<T>
export function pipeline(source: object): unknown {
  const any = source as AnySource
  return build(any, [], (run, middlewares) => handler(any, run, middlewares))
}

// Inside, types are erased: `.use()` has checked them.
type AnySource = Source<SourceTypes> & {
  readonly each?: BatchSource<SourceTypes, RecordTypes>['each'] | undefined
}
type Work = (ctx: never) => unknown
type Writable<T> = { -readonly [Key in keyof T]: T[Key] }

interface Builder {
  use(middleware: Middleware): Builder
  readonly each: ((options?: object) => Builder) | undefined
  handle(work: Work): Handler<unknown, unknown>
}

type End = (run: Run, middlewares: readonly Middleware[]) => Handler<unknown, unknown>

/** `middlewares` are those of this level; `end` makes the Lambda handler of the composed level. */
function build(source: AnySource, middlewares: readonly Middleware[], end: End): Builder {
  return {
    use(middleware) {
      return build(source, [...middlewares, middleware], end)
    },
    handle(work) {
      return end(compose(middlewares, work), middlewares)
    },
    each:
      source.each &&
      (options => {
        const runBatch = source.each?.(options) as unknown as ErasedRunBatch
        return build({ ...source, each: undefined }, [], (record, inner) => {
          const batch = (ctx: UnitContext) => runBatch(ctx, async opened => (await record(extend(ctx, opened))).value)
          return end(compose(middlewares, batch), [...middlewares, ...inner])
        })
      }),
  }
}

type ErasedRunBatch = (ctx: UnitContext, run: (opened: Opened) => Promise<unknown>) => unknown

function handler(source: AnySource, run: Run, middlewares: readonly Middleware[]): Handler<unknown, unknown> {
  const initialised = lifecycle(middlewares)

  async function invoke(event: unknown, lambda: LambdaContext): Promise<unknown> {
    const starting = initialised()
    if (starting) await starting
    const invocation: Invocation = { lambda, reserve: source.reserve }
    // One by one: an object for them, to be copied from, would be a fifth of an empty pipeline's time.
    const ctx = extend(source.open(event, lambda)) as Writable<UnitContext & Context>
    ctx.$invocation = invocation
    ctx.lambda = lambda
    try {
      const response = source.respond((await run(ctx)).value, ctx)
      return response instanceof Promise ? await response : response
    } catch (error) {
      if (source.fail) return await source.fail(error, ctx)
      throw error
    } finally {
      clearTimeout(invocation.timer)
    }
  }

  return Object.assign(invoke, {
    ready: async () => initialised(),
    permissions: [source, ...middlewares].flatMap(({ permissions = [] }: MiddlewareParts) => permissions),
  })
}
