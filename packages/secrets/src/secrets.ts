// `secrets({ … })`: values that are fetched once, cached, kept fresh, and typed, on `ctx.secrets`.
import { type Context, LambentError, type Middleware, type Next, type Permission, type Result } from '@lambent/core'
import { type Entry, entry } from './entry.ts'
import { SecretError } from './secret-error.ts'
import type { Loader, SecretSource, ValueOf } from './source.ts'

export interface SecretsOptions {
  /** ms in which a value is fresh, less up to a tenth at random, so that a fleet does not refresh at once. @default 300000 */
  readonly maxAge?: number | undefined
  /**
   * ms after `maxAge` in which the old value is served, while one refresh runs or when it fails. @default 3600000
   */
  readonly maxStale?: number | undefined
  /** ms that a fetch may take. @default 5000 */
  readonly timeout?: number | undefined
  /**
   * Says that an error means that a secret was rotated: such as a failed authentication at a database. All are then
   * fetched anew, and the rest of the pipeline runs once more, once.
   */
  readonly refreshOn?: ((error: unknown) => boolean) | undefined
  /** Epoch ms, for tests. @default Date.now */
  readonly now?: (() => number) | undefined
  /** 0 to 1, for tests. @default Math.random */
  readonly random?: (() => number) | undefined
}

export type Sources = Readonly<Record<string, SecretSource>>

/** The values by their names, and `refresh`. Reads as `[secret]` in logs and in JSON. */
export type Secrets<S extends Sources> = { readonly [Name in keyof S]: ValueOf<S[Name]> } & {
  /** Fetches one anew, and gives it. @throws {SecretError} where it can't be had */
  refresh<Name extends keyof S>(name: Name): Promise<ValueOf<S[Name]>>
}

interface Kept {
  readonly name: string
  readonly source: SecretSource
  readonly entry: Entry<unknown>
}

const HITS = 100 // that are told together
const LATE = 100 // ms: a timer that fires later than this was frozen with the function
const INSPECT = Symbol.for('nodejs.util.inspect.custom')

/**
 * Provides `ctx.secrets`. The fetch begins in Lambda's init phase; each unit finds what is cached, and waits only for
 * what was never fetched, or has expired. Use one instance for all pipelines of a module: it is the cache.
 *
 * ```ts
 * http().use(secrets({ db: secret('prod/db', { schema: Db }), flag: parameter('/app/flag') }))
 * ```
 *
 * @throws {TypeError} for a source that is none, and for the name `refresh`
 * @throws {RangeError} for times that are negative or no numbers
 */
export function secrets<const S extends Sources>(
  sources: S,
  options: SecretsOptions = {},
): Middleware<unknown, { readonly secrets: Secrets<S> }> {
  const {
    maxAge = 300_000,
    maxStale = 3_600_000,
    timeout = 5000,
    refreshOn,
    now = Date.now,
    random = Math.random,
  } = options
  for (const [name, value] of Object.entries({ maxAge, maxStale, timeout }))
    if (!(value >= 0)) throw new RangeError(`secrets({}, { ${name} }) takes milliseconds, not ${value}`)
  const kept = Object.entries(sources).map(([name, source]): Kept => {
    if (name === 'refresh')
      throw new TypeError('secrets() can’t name a secret refresh: ctx.secrets.refresh() is a function')
    if (typeof source?.loader?.load !== 'function')
      throw new TypeError(`secrets({ ${name} }) takes a source, such as secret('name')`)
    const own = { maxAge: source.maxAge ?? maxAge, maxStale, patience: timeout + LATE, now, random }
    return { name, source, entry: entry(own) }
  })
  /** Epoch ms until which all are fresh. */
  let freshUntil = 0
  /** Units that were served from the cache, and that nobody has been told of: to tell each costs more than the hit. */
  let hits = 0
  const byName = new Map(kept.map(each => [each.name, each]))

  /** Begins fetches, those of one loader together, and gives what settles with them all. Never rejects. */
  function fetchAll(which: readonly Kept[]): Promise<unknown> {
    const loaders = new Map<Loader, Kept[]>()
    for (const each of which) loaders.set(each.source.loader, [...(loaders.get(each.source.loader) ?? []), each])
    return Promise.all(Array.from(loaders, ([loader, group]) => load(loader, group)))
  }

  function load(loader: Loader, group: readonly Kept[]): Promise<unknown> {
    const controller = new AbortController()
    const late = new SecretError(
      group.map(({ source }) => source.name).join(', '),
      'unavailable',
      `no answer within ${timeout} ms`,
    )
    let timer: NodeJS.Timeout | undefined
    const over = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        controller.abort(late)
        reject(late)
      }, timeout)
    })
    const requests = group.map(({ source }) => source.request)
    const loaded = Promise.race([(async () => loader.load(requests, { signal: controller.signal }))(), over])
    const settled = group.map(({ source, entry }, index) => entry.begin(one(source, loaded, index)))
    return Promise.all(settled).finally(() => clearTimeout(timer))
  }

  async function one(
    source: SecretSource,
    loaded: Promise<readonly PromiseSettledResult<unknown>[]>,
    index: number,
  ): Promise<unknown> {
    let outcome: PromiseSettledResult<unknown> | undefined
    try {
      outcome = (await loaded)[index]
    } catch (error) {
      outcome = { status: 'rejected', reason: error }
    }
    if (outcome?.status !== 'fulfilled') throw asSecretError(source, outcome?.reason)
    try {
      return await source.decode(outcome.value)
    } catch (error) {
      throw asSecretError(source, error)
    }
  }

  /** What every unit passes: nothing but a look at the clock, as long as all is fresh. */
  async function ensure(ctx: Context): Promise<void> {
    const waiting: Kept[] = []
    const aging: Kept[] = []
    for (const each of kept) {
      const state = each.entry.state()
      if (state === 'stale') aging.push(each)
      else if (state !== 'fresh') waiting.push(each)
    }
    if (aging.length > 0) refresh(ctx, aging)
    if (waiting.length === 0) return
    await have(ctx, waiting)
    // What was waited for may have frozen before this invocation, and ended without an outcome.
    if (waiting.some(({ entry }) => !serves(entry) && entry.due())) await have(ctx, waiting)
    for (const { source, entry } of waiting) if (!serves(entry)) throw gone(source, entry)
  }

  function have(ctx: Context, waiting: readonly Kept[]): Promise<void> {
    const due = waiting.filter(({ entry }) => !serves(entry) && entry.due())
    const fetching = due.length > 0 && tell(ctx, due, fetchAll(due))
    return inTime(ctx, Promise.all([fetching, ...waiting.map(({ entry }) => entry.pending())]))
  }

  /** In the background: the old values serve. */
  function refresh(ctx: Context, stale: readonly Kept[]): void {
    for (const { source, entry } of stale)
      if (entry.error !== undefined)
        ctx.telemetry.emit({
          name: 'secrets.stale',
          level: 'warn',
          message: `an old value of ${source.name} is served: it can’t be refreshed`,
          error: entry.error,
          fields: { kind: source.kind, age: Math.round((now() - entry.fetchedAt) / 1000) },
        })
    const due = stale.filter(({ entry }) => entry.due())
    if (due.length > 0) tell(ctx, due, fetchAll(due))
  }

  async function tell(ctx: Context, which: readonly Kept[], fetching: Promise<unknown>): Promise<void> {
    const before = generations(which)
    await fetching
    for (const each of which) {
      const { source, entry } = each
      const { kind, name } = source
      const { error, generation } = entry
      if (error === undefined) {
        if (generation === before.get(each)) continue // it froze
        ctx.telemetry.emit({
          name: 'secrets.fetched',
          level: 'debug',
          message: `${name} was fetched`,
          fields: { kind },
        })
        continue
      }
      const served = serves(entry)
      const message = served ? `${name} can’t be refreshed: the old value serves` : `${name} can’t be had`
      ctx.telemetry.emit({ name: 'secrets.failed', level: served ? 'warn' : 'error', message, error, fields: { kind } })
    }
  }

  /**
   * Fetches anew what is still of the generation that was `seen`: another unit may have done so.
   * @throws what failed
   */
  async function renew(ctx: Context, which: readonly Kept[], seen: ReadonlyMap<Kept, number>): Promise<void> {
    await inTime(ctx, Promise.all(which.map(({ entry }) => entry.pending())))
    const due = which.filter(each => each.entry.pending() === undefined && each.entry.generation === seen.get(each))
    for (const { entry } of due) entry.invalidate()
    freshUntil = 0
    await inTime(ctx, Promise.all([tell(ctx, due, fetchAll(due)), ...which.map(({ entry }) => entry.pending())]))
    for (const each of which)
      if (each.entry.generation === seen.get(each))
        throw each.entry.error ?? new SecretError(each.source.name, 'unavailable', 'no answer in time')
  }

  function read({ source, entry }: Kept): unknown {
    if (serves(entry)) return entry.value
    throw gone(source, entry)
  }

  /** One for each unit, since `refresh` tells the unit's telemetry. */
  class Container {
    readonly #ctx: Context
    constructor(ctx: Context) {
      this.#ctx = ctx
    }
    async refresh(name: string): Promise<unknown> {
      const one = byName.get(name)
      if (!one) throw new LambentError(`ctx.secrets has no ${name}`, { code: 'SecretUnknown' })
      await renew(this.#ctx, [one], generations([one]))
      return read(one)
    }
    toJSON(): Record<string, string> {
      return Object.fromEntries(kept.map(({ name }) => [name, '[secret]']))
    }
    [INSPECT](): Record<string, string> {
      return this.toJSON()
    }
  }
  for (const each of kept)
    Object.defineProperty(Container.prototype, each.name, { get: () => read(each), enumerable: false })

  type Given = { readonly secrets: Secrets<S> }

  // No promise is made as long as all is fresh.
  function secrets(ctx: Context, next: Next): Promise<Result<Given>> {
    const given = { secrets: new Container(ctx) as unknown as Secrets<S> }
    if (refreshOn) return rotating(ctx, next, given, refreshOn)
    if (now() >= freshUntil) return ensured(ctx, next, given)
    hit(ctx)
    return next(given)
  }

  function hit(ctx: Context): void {
    if (++hits >= HITS) tellHits(ctx)
  }

  function tellHits(ctx: Context): void {
    if (hits === 0) return
    const message = `${hits} units had their secrets from the cache`
    ctx.telemetry.emit({ name: 'secrets.hit', level: 'debug', message, fields: { count: hits } })
    hits = 0
  }

  async function ensured(ctx: Context, next: Next, given: Given): Promise<Result<Given>> {
    await settled(ctx)
    return next(given)
  }

  async function settled(ctx: Context): Promise<void> {
    if (now() < freshUntil) return hit(ctx)
    tellHits(ctx)
    await ensure(ctx)
    freshUntil = Math.min(...kept.map(({ entry }) => entry.freshUntil))
  }

  async function rotating(
    ctx: Context,
    next: Next,
    given: Given,
    isRotated: (error: unknown) => boolean,
  ): Promise<Result<Given>> {
    await settled(ctx)
    const seen = generations(kept)
    try {
      return await next(given)
    } catch (error) {
      if (!isRotated(error)) throw error
      try {
        await renew(
          ctx,
          kept.filter(({ source }) => source.maxAge !== Infinity),
          seen,
        )
      } catch {
        throw error
      }
      const message = 'secrets were fetched anew, and the unit runs once more'
      ctx.telemetry.emit({ name: 'secrets.rotated', level: 'info', message, unit: ctx.unit, error })
      return next(given)
    }
  }

  const generations = (which: readonly Kept[]) => new Map(which.map(each => [each, each.entry.generation]))

  return Object.assign(secrets, {
    /** What fails here fails whoever needs it, with time and telemetry of its own. */
    init: () => fetchAll(kept),
    permissions: kept.flatMap(({ source }): readonly Permission[] => source.permissions ?? []),
  })
}

function serves(entry: Entry<unknown>): boolean {
  const state = entry.state()
  return state === 'fresh' || state === 'stale'
}

function gone(source: SecretSource, { error, fetchedAt }: Entry<unknown>): unknown {
  if (fetchedAt === 0) return error ?? new SecretError(source.name, 'unavailable', 'it is not fetched yet')
  const message = 'its value is older than maxAge and maxStale allow, and it can’t be refreshed'
  return new SecretError(source.name, 'expired', message, error)
}

function asSecretError({ name }: SecretSource, error: unknown): SecretError {
  if (error instanceof SecretError) return error
  return new SecretError(name, 'unavailable', 'it can’t be fetched', error)
}

/** Ends with the work or with the deadline, whichever is first. */
async function inTime(ctx: Context, work: Promise<unknown>): Promise<void> {
  const { signal } = ctx
  let stop: (() => void) | undefined
  const over = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason)
    if (signal.aborted) stop()
    signal.addEventListener('abort', stop)
  })
  try {
    await Promise.race([work, over])
  } finally {
    if (stop) signal.removeEventListener('abort', stop)
  }
}
