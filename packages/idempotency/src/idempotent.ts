// `idempotent({ store, key })`: a unit of work runs once for a key; a repeat gets the first result.
import {
  type Context,
  classify,
  done,
  type Middleware,
  type Result,
  RetryableError,
  TimeoutError,
  type Unit,
} from '@lambent/core'
import { decode, encode, ResultError } from './codec.ts'
import { conflict, InProgressError, LockLostError, PayloadMismatchError, unprocessable } from './errors.ts'
import { hashOf, IdempotencyKeyError, isMissing, keyOf, mustBeHash } from './key.ts'
import { type LargeResultsOptions, largeResults } from './large-results.ts'
import { type LocalCacheOptions, localCache } from './local-cache.ts'
import type { Acquired, IdempotencyStore, StoredRecord } from './store.ts'

export interface IdempotentOptions<Needs = unknown> {
  /** `dynamoDbStore()`, `redisStore()`, `memoryStore()`, or one of your own. */
  readonly store: IdempotencyStore
  /** What makes two units the same: any JSON value. The order of keys does not matter. */
  readonly key: (ctx: Context & Needs) => unknown
  /** What a unit without a key does: fails, or runs as if there were no middleware. @default 'error' */
  readonly onMissingKey?: 'error' | 'skip' | undefined
  /** What else must be the same: a repeat with another part is refused with a permanent error. */
  readonly validate?: ((ctx: Context & Needs) => unknown) | undefined
  /** Before the hash in the key. @default the function's name */
  readonly prefix?: string | undefined
  /** Algorithm of node:crypto. @default 'sha256'; 'md5' in Powertools' format */
  readonly hash?: string | undefined
  /** ms that a record is kept: from the beginning of its unit, never less than its lock, and again from its end. @default 3600000 */
  readonly expiresAfter?: number | undefined
  /** What a repeat does while the first runs: fails, or waits for its result as long as the deadline lets it. @default 'reject' */
  readonly onInProgress?: 'reject' | 'wait' | undefined
  /** Whether an error is kept, so that repeats get it too; otherwise the key is free again. @default none is kept */
  readonly keep?: ((error: unknown) => boolean) | undefined
  /** Keeps completed results in the process too. @default false */
  readonly cache?: LocalCacheOptions | boolean | undefined
  /** What a unit does when the store can't be reached: fails with a retryable error, or runs without it while time is left. @default 'fail' */
  readonly onStoreError?: 'fail' | 'run' | undefined
  /** A bucket for results that do not fit into a record. @default none: they are an error */
  readonly largeResults?: LargeResultsOptions | undefined
  /** Who may have its own lock again: the id of a durable execution, whose handler runs from the top at each replay. */
  readonly owner?: ((ctx: Context & Needs) => string | undefined) | undefined
  /** Epoch ms, for tests. @default Date.now */
  readonly now?: (() => number) | undefined
}

/** The keys that a unit holds while it runs, in each store. */
const heldIn = new WeakMap<IdempotencyStore, WeakMap<Unit, Set<string>>>()

const LONGEST = 900_000 // ms: what Lambda gives at most, where nobody says how much is left
const HTTP = /^aws:(apigateway|lambda-url|elasticloadbalancing)$/

/**
 * Runs the rest of the pipeline once for a key, at the level of the invocation or of the record. A repeat gets the first
 * result; while the first runs it fails with 409 or as retryable, or waits. A unit that fails frees its key.
 *
 * ```ts
 * sqs().each()
 *   .use(parse(json(Order)))
 *   .use(idempotent({ store: dynamoDbStore({ tableName: 'idempotency' }), key: ({ body }) => body.orderId }))
 *   .handle(({ body }) => charge(body))
 * ```
 *
 * @throws {TypeError} for options that are none, {RangeError} for numbers that are none
 */
export function idempotent<Needs = unknown>(options: IdempotentOptions<Needs>): Middleware<Needs> {
  const {
    store,
    key,
    validate,
    onMissingKey = 'error',
    onInProgress = 'reject',
    onStoreError = 'fail',
    expiresAfter = 3_600_000,
    keep,
    owner,
    now = Date.now,
  } = options
  for (const method of ['acquire', 'complete', 'release'] as const)
    if (typeof store?.[method] !== 'function')
      throw new TypeError('idempotent({ store }) takes a store, such as dynamoDbStore({ tableName })')
  if (typeof key !== 'function') throw new TypeError('idempotent({ key }) takes a function of the context')
  for (const [name, value, all] of [
    ['onMissingKey', onMissingKey, ['error', 'skip']],
    ['onInProgress', onInProgress, ['reject', 'wait']],
    ['onStoreError', onStoreError, ['fail', 'run']],
  ] as const)
    if (!(all as readonly string[]).includes(value))
      throw new TypeError(`idempotent({ ${name} }) takes ${all.join(' or ')}, not ${value}`)
  if (!(Number.isSafeInteger(expiresAfter) && expiresAfter >= 1000))
    throw new RangeError(`idempotent({ expiresAfter }) takes at least 1000 ms, not ${expiresAfter}`)
  mustBeHash(options.hash)
  const cache = options.cache ? localCache(options.cache === true ? {} : options.cache) : undefined
  const large = options.largeResults && largeResults(options.largeResults)
  const format = store.format ?? 'lambent'
  // Powertools has neither: it would give what stands for them as a result.
  if (format === 'powertools' && (keep || large))
    throw new TypeError(
      `idempotent({ ${keep ? 'keep' : 'largeResults'} }) is nothing that Powertools’ format has: leave it out, or take the format 'lambent'`,
    )
  const held = heldIn.get(store) ?? new WeakMap<Unit, Set<string>>()
  heldIn.set(store, held)

  const middleware: Middleware<Needs> = async function idempotent(ctx, next) {
    const { unit, telemetry } = ctx
    const value = await key(ctx)
    if (isMissing(value)) {
      if (onMissingKey === 'skip') return next()
      throw new IdempotencyKeyError(
        'the idempotency key is missing or empty: units that have nothing in common would share one result',
      )
    }
    const prefix = options.prefix?.trim() || functionName(ctx)
    const id = keyOf(value, { format, prefix, tenantId: ctx.lambda?.tenantId, hash: options.hash })
    const validation = validate && hashOf(await validate(ctx), format, options.hash)
    // Its own by chance, where nobody says: two units whose locks end in one ms are two, and who asks twice is one.
    const own = owner?.(ctx) ?? process.getBuiltinModule('node:crypto').randomUUID()
    const told = (name: string, level: 'debug' | 'info' | 'warn' | 'error', message: string, error?: unknown) =>
      telemetry.emit({ name: `idempotency.${name}`, level, message, unit, ...(error !== undefined && { error }) })

    // It stands twice in the pipeline: this unit holds the key already.
    if (held.get(unit)?.has(id)) return next()
    const cached = cache?.get(id, now())
    if (cached) return replay({ status: 'COMPLETED', ...cached })

    let acquired: Acquired
    try {
      acquired = await acquire(ctx)
    } catch (error) {
      told('storeError', 'error', 'the idempotency store did not take the key', error)
      if (onStoreError === 'run' && ctx.deadline.remaining() > 50) return next()
      throw new RetryableError('the idempotency store can’t be reached: the unit was not run', {
        code: 'IdempotencyStore',
        cause: error,
      })
    }
    if (!acquired.acquired) return replay(acquired.record)

    const { lock, tookOver } = acquired
    if (tookOver) told('takenOver', 'warn', 'the lock of another unit had ended: it was killed, or runs still')
    else told('acquired', 'debug', 'the idempotency key is this unit’s')
    // Frozen on its way to the store, say: another unit may have the key by now.
    if (lock.lockedUntil <= now())
      throw new RetryableError('the idempotency store answered after the lock had ended: the unit was not run', {
        code: 'IdempotencyStore',
      })

    let result: Result
    const keys = held.get(unit) ?? new Set()
    held.set(unit, keys.add(id))
    try {
      result = await next()
    } catch (error) {
      if (keep?.(error)) await complete(thrownText(error), error)
      else await release(error)
      throw error
    } finally {
      keys.delete(id)
    }
    const text = await textOf(result.value)
    if (text instanceof ResultError) {
      // The effect has happened: repeats must not do it again, and hear the same.
      await complete(thrownText(text))
      throw text
    }
    await complete(text)
    return result

    async function acquire(context: Context): Promise<Acquired> {
      for (let pause = 25; ; pause *= 2) {
        const at = now()
        const remaining = context.lambda?.getRemainingTimeInMillis?.()
        const lockedUntil = Math.ceil(
          at + (remaining !== undefined && Number.isFinite(remaining) ? Math.max(remaining, 0) : LONGEST),
        )
        // A record ends in whole seconds, and not before its lock.
        const expiresAt = Math.max(at + expiresAfter, lockedUntil + 1000)
        const request = { key: id, now: at, lockedUntil, expiresAt, validation, owner: own }
        const outcome = await persistently(context, () => store.acquire(request, { signal: context.signal }))
        if (outcome.acquired || outcome.record.status === 'COMPLETED' || isAnother(outcome.record)) return outcome
        if (onInProgress === 'reject' || context.deadline.remaining() < pause + 50) return outcome
        await sleep(Math.min(pause, 1000) * (0.5 + Math.random() / 2))
      }
    }

    /** Another payload is another unit. */
    function isAnother(record: StoredRecord): boolean {
      return validation !== undefined && record.validation !== undefined && record.validation !== validation
    }

    async function replay(record: StoredRecord) {
      if (isAnother(record)) throw HTTP.test(unit.source) ? unprocessable() : new PayloadMismatchError()
      if (record.status === 'INPROGRESS') {
        const left = Math.max(0, (record.lockedUntil ?? now()) - now())
        told('inProgress', 'warn', 'another unit of this idempotency key is in progress')
        throw HTTP.test(unit.source) ? conflict(Math.max(1, Math.ceil(left / 1000))) : new InProgressError(left)
      }
      const { data } = record
      cache?.set(id, { data, expiresAt: record.expiresAt, validation: record.validation })
      const kept = data === undefined ? undefined : decode(large ? await large.get(data) : data)
      told('replayed', 'info', 'the result of the first unit is given again')
      const thrown = thrownOf(format === 'powertools' && isThrown(kept) ? decode(JSON.stringify(kept)) : kept)
      if (thrown) throw thrown
      return done(kept)
    }

    /** In Powertools’ format the record has the error as the codec writes it. */
    function thrownText(error: unknown): string {
      return format === 'powertools' ? encode(JSON.parse(errorText(error))) : errorText(error)
    }

    async function textOf(value: unknown): Promise<string | undefined | ResultError> {
      try {
        if (value === undefined) return undefined
        const text = format === 'powertools' ? jsonOf(value) : encode(value)
        if (text === undefined || !store.maxBytes || Buffer.byteLength(text) <= store.maxBytes) return text
        if (large) return await large.put(id, text)
        return new ResultError(
          `the result is ${Buffer.byteLength(text)} bytes, and a record takes ${store.maxBytes}: return less, or give largeResults a bucket`,
        )
      } catch (error) {
        return error instanceof ResultError
          ? error
          : new ResultError(`the result can’t be stored: ${Object(error).name}`)
      }
    }

    /** After the effect: what fails here must not make it happen again. */
    async function complete(data: string | undefined, cause?: unknown, refused = false): Promise<void> {
      const expiresAt = now() + expiresAfter
      let held: boolean
      try {
        held = await persistently(
          ctx,
          signal => store.complete(lock, { data, expiresAt, validation }, { signal }),
          true,
        )
      } catch (error) {
        if (classify(error) === 'permanent' && data !== undefined && !refused) {
          // The store is there, and does not take this: nested too deep, or a number too large.
          const result = new ResultError('the store refused the result')
          await complete(thrownText(result), undefined, true)
          throw result
        }
        told(
          'storeError',
          'error',
          'the unit is done, but its result was not stored: a repeat after its lock runs again',
          error,
        )
        return
      }
      if (!held) return lost(cause)
      if (cause === undefined) cache?.set(id, { data, expiresAt, validation })
    }

    function lost(cause: unknown): never {
      const error = new LockLostError(cause)
      told('lockLost', 'error', error.message, error)
      throw error
    }

    async function release(cause: unknown): Promise<void> {
      try {
        const held = await persistently(ctx, signal => store.release(lock, { signal }), true)
        told(
          held ? 'released' : 'lockLost',
          held ? 'debug' : 'warn',
          held ? 'the unit failed: its key is free again' : 'the unit failed after its lock had ended',
          cause,
        )
      } catch (error) {
        told('storeError', 'error', 'the unit failed, and its key is not free before its lock ends', error)
      }
    }
  }

  return Object.assign(middleware, { permissions: store.permissions ?? [] })
}

/** The key under which a kept error is stored, that repeats get. */
const THROWN = 'lambent.thrown'

function errorText(error: unknown): string {
  const plain = error instanceof Error ? error : new ResultError(`a ${typeof error} was thrown`)
  try {
    return encode({ [THROWN]: plain })
  } catch {
    return encode({ [THROWN]: new ResultError(plain.message) })
  }
}

function isThrown(kept: unknown): kept is { readonly [THROWN]: unknown } {
  return typeof kept === 'object' && kept !== null && THROWN in kept
}

function thrownOf(kept: unknown): unknown {
  return isThrown(kept) && kept[THROWN] instanceof Error ? kept[THROWN] : undefined
}

/** As JSON has it, which is what Powertools keeps. */
function jsonOf(value: unknown): string | undefined {
  try {
    const text = JSON.stringify(value)
    return text === undefined ? undefined : encode(JSON.parse(text))
  } catch {
    throw new ResultError('the result has no JSON (a bigint, or a circle), which Powertools’ format needs')
  }
}

function functionName({ lambda }: Context): string {
  return lambda?.functionName || process.env.AWS_LAMBDA_FUNCTION_NAME || 'function'
}

const PAUSES = [25, 50, 100, 200, 400, 800] // ms, halved at random

/**
 * Tries a store operation again while it is throttled and time is left: until the deadline, or with `reserve` until
 * shortly before Lambda ends the invocation, after 500 ms at least: a unit that is late must hear whose the lock is now.
 * One that hangs is given up then, as on a connection that died while the function was frozen.
 */
async function persistently<Value>(
  ctx: Context,
  operation: (signal: AbortSignal) => Promise<Value>,
  reserve = false,
): Promise<Value> {
  const left = () => (reserve ? (ctx.lambda?.getRemainingTimeInMillis?.() ?? Infinity) - 50 : ctx.deadline.remaining())
  for (let attempt = 0; ; attempt++)
    try {
      return await within(reserve ? Math.max(500, left()) : left(), operation)
    } catch (error) {
      const pause = (PAUSES[attempt] ?? Infinity) * (0.5 + Math.random() / 2)
      if (classify(error) !== 'retryable' || pause >= left()) throw error
      await sleep(pause)
    }
}

/** @throws {TimeoutError} after `ms` */
async function within<Value>(ms: number, operation: (signal: AbortSignal) => Promise<Value>): Promise<Value> {
  const abort = new AbortController()
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    if (ms > LONGEST) return
    timer = setTimeout(() => {
      const error = new TimeoutError('the idempotency store did not answer')
      reject(error)
      abort.abort(error)
    }, ms)
  })
  try {
    return await Promise.race([operation(abort.signal), late])
  } finally {
    clearTimeout(timer)
  }
}

const sleep = (ms: number) => new Promise(resolve => setTimeout(resolve, ms))
