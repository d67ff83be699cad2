// Redis or Valkey, laid out as Powertools lays out its cache: a JSON text, and `<key>:lock` for a takeover.
import { decode, encode } from './codec.ts'
import type { IdempotencyStore, StoredRecord } from './store.ts'

/** node-redis (`sendCommand`), or ioredis and iovalkey (`call`): whatever sends a command. */
export type RedisPort =
  | { sendCommand(args: string[]): Promise<unknown> }
  | { call(command: string, ...args: string[]): Promise<unknown> }

export interface RedisStoreOptions {
  /** A client of node-redis or ioredis. */
  readonly client: RedisPort
  /** As of `dynamoDbStore()`. @default 'lambent' */
  readonly format?: 'lambent' | 'powertools' | undefined
}

// Each runs as a whole: nothing comes between its steps. Times are the caller's, as in the other stores.
const ACQUIRE = `
local text = redis.call('GET', KEYS[1])
if text then
  local ok, old = pcall(cjson.decode, text)
  if not ok or type(old) ~= 'table' or not old.status then return {'malformed'} end
  local free = (tonumber(old.expiration) or 0) * 1000 < tonumber(ARGV[1])
  local orphan = old.status == 'INPROGRESS' and type(old.in_progress_expiration) == 'number' and old.in_progress_expiration < tonumber(ARGV[1])
  local own = old.status == 'INPROGRESS' and ARGV[4] ~= '' and old.owner == ARGV[4]
  if not (free or orphan or own) then return {'taken', text} end
  if orphan and not redis.call('SET', KEYS[2], 'true', 'EX', 10, 'NX') then return {'taken', text} end
  redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[3])
  if orphan then redis.call('DEL', KEYS[2]) end
  if old.status == 'INPROGRESS' and not own then return {'takenOver'} end
  return {'acquired'}
end
redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[3])
return {'acquired'}`

const HELD = `
local text = redis.call('GET', KEYS[1])
if not text then return 0 end
local ok, old = pcall(cjson.decode, text)
if not ok or old.in_progress_expiration ~= tonumber(ARGV[1]) or (old.owner or '') ~= ARGV[2] then return 0 end
`
// Put together when they run, so that a bundle without redisStore() has none of them. Who completes again, since the
// first answer was lost, has done so.
const COMPLETE = `
if old.status == 'INPROGRESS' then redis.call('SET', KEYS[1], ARGV[3], 'EX', ARGV[4]) end
return 1`
const RELEASE = `
if old.status ~= 'INPROGRESS' then return 0 end
redis.call('DEL', KEYS[1])
return 1`

/**
 * Records in Redis or Valkey, 7 or newer; they end by themselves. On a cluster give keys a hash tag by `prefix`:
 * `{orders}`.
 * @throws {TypeError} for a client that can't send commands
 */
export function redisStore({ client, format = 'lambent' }: RedisStoreOptions): IdempotencyStore {
  const command = commandOf(client)
  const run = (script: string, keys: readonly string[], args: readonly string[]) =>
    command(['EVAL', script, `${keys.length}`, ...keys, ...args])

  return {
    format,
    async acquire({ key, now, lockedUntil, expiresAt, validation, owner }) {
      const record = {
        status: 'INPROGRESS',
        expiration: Math.round(expiresAt / 1000),
        in_progress_expiration: lockedUntil,
        ...(validation !== undefined && { validation }),
        ...(owner !== undefined && { owner }),
      }
      const args = [`${now}`, JSON.stringify(record), secondsUntil(expiresAt, now), owner ?? '']
      const answer = (await run(ACQUIRE, [key, `${key}:lock`], args)) as readonly unknown[]
      const [what, text] = answer.map(String)
      if (what === 'acquired' || what === 'takenOver')
        return { acquired: true, lock: { key, lockedUntil, owner }, tookOver: what === 'takenOver' }
      if (what === 'taken') return { acquired: false, record: recordOf(String(text), format) }
      throw new TypeError('what Redis holds under the key of a record is no idempotency record')
    },
    async complete({ key, lockedUntil, owner }, { data, expiresAt, validation }) {
      const record = {
        status: 'COMPLETED',
        expiration: Math.round(expiresAt / 1000),
        in_progress_expiration: lockedUntil,
        ...(data !== undefined && { data: format === 'powertools' ? decode(data) : data }),
        ...(validation !== undefined && { validation }),
        ...(owner !== undefined && { owner }),
      }
      return (
        Number(
          await run(
            HELD + COMPLETE,
            [key],
            [`${lockedUntil}`, owner ?? '', JSON.stringify(record), secondsUntil(expiresAt, Date.now())],
          ),
        ) === 1
      )
    },
    async release({ key, lockedUntil, owner }) {
      return Number(await run(HELD + RELEASE, [key], [`${lockedUntil}`, owner ?? ''])) === 1
    },
  }
}

function secondsUntil(expiresAt: number, now: number): string {
  return `${Math.max(1, Math.ceil((expiresAt - now) / 1000))}`
}

function recordOf(text: string, format: 'lambent' | 'powertools'): StoredRecord {
  const { status, expiration, in_progress_expiration, data, validation } = JSON.parse(text)
  return {
    status,
    expiresAt: expiration * 1000,
    lockedUntil: in_progress_expiration,
    data: data === undefined ? undefined : format === 'powertools' ? encode(data) : data,
    validation,
  }
}

function commandOf(client: RedisPort): (args: string[]) => Promise<unknown> {
  const any = client as { readonly sendCommand?: unknown; readonly call?: unknown } | undefined
  // ioredis has a sendCommand of another kind.
  if (typeof any?.call === 'function')
    return ([name = '', ...args]) =>
      (client as { call(name: string, ...args: string[]): Promise<unknown> }).call(name, ...args)
  if (typeof any?.sendCommand === 'function')
    return args => (client as { sendCommand(args: string[]): Promise<unknown> }).sendCommand(args)
  throw new TypeError('redisStore({ client }) takes a client of node-redis, ioredis or iovalkey')
}
