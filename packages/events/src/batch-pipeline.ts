// The pipeline of a source with records, with something around the handlers that end it: inside of all middlewares.
import {
  type BatchPipeline,
  type BatchSource,
  type Context,
  type Opened,
  pipeline,
  type RecordTypes,
  type SourceTypes,
} from '@lambent/core'
import { judged } from './verdicts.ts'

/** Around the handler of a whole batch. */
export type AroundWhole<T extends SourceTypes> = (
  work: (ctx: T['context']) => unknown,
) => (ctx: T['context']) => unknown

/** `pipeline(source)`, whose handlers of one record may return verdicts. */
export function batchPipeline<T extends SourceTypes, R extends RecordTypes>(
  source: BatchSource<T, R>,
  whole: AroundWhole<T> = work => work,
): BatchPipeline<T, R> {
  const each: typeof source.each = options => {
    const runBatch = source.each(options)
    return (ctx, run) => runBatch(ctx, withOwnParts(ctx, run))
  }
  const built = pipeline({ ...source, each })
  return within(built as unknown as Erased, whole as unknown as Around) as unknown as BatchPipeline<T, R>
}

const OWN = 'lambent.ofRecord'

/** What a middleware before `.each()` has put on the context, and of which each record has one of its own: `ctx.log`. */
interface Part {
  [OWN](record: Opened, lambda: Context['lambda']): unknown
}

function withOwnParts<Record extends Opened>(
  ctx: Context,
  run: (record: Record) => Promise<unknown>,
): (record: Record) => Promise<unknown> {
  const parts = Object.entries(ctx).filter((entry): entry is [string, Part] => entry[1]?.[OWN])
  if (parts.length === 0) return run
  return record => {
    const own = parts.map(([name, part]) => [name, part[OWN](record, ctx.lambda)])
    return run({ ...record, ...Object.fromEntries(own) })
  }
}

function within(built: Erased, around: Around): Erased {
  const { each } = built
  return {
    use: middleware => within(built.use(middleware), around),
    each: each && (options => within(each(options), judged)),
    handle: work => built.handle(typeof work === 'function' ? around(work) : work), // else the engine says what is wrong
  }
}

// `.use()` and `.handle()` are generic over what was added, which is of no matter here.
type Work = (ctx: never) => unknown
type Around = (work: Work) => Work
interface Erased {
  use(middleware: never): Erased
  readonly each: ((options: never) => Erased) | undefined
  handle(work: Work): unknown
}
