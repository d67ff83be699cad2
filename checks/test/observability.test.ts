// What a function tells of itself: the lines that it writes to stdout, in a process of its own, with all middlewares that
// have something to tell. 64 invocations of 4 concurrent records each run at once in it.
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, it } from 'vitest'
import { type Blob, blobOf } from '../../packages/powertools/test/emf.ts'

const INVOCATIONS = 64

interface Line {
  readonly [key: string]: unknown
}

let blobs: Blob[]
let lines: Line[]
let order: string[]
beforeAll(async () => {
  const { stdout, stderr } = await promisify(execFile)(
    process.execPath,
    [join(import.meta.dirname, 'fixtures/observed.mjs')],
    {
      maxBuffer: 64 * 1024 * 1024,
      env: {
        PATH: process.env.PATH,
        AWS_LAMBDA_FUNCTION_NAME: 'f',
        AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
        AWS_REGION: 'eu-west-1',
      },
    },
  )
  const all = `${stdout}${stderr}`.split('\n').filter(Boolean)
  blobs = all.filter(line => line.includes('"_aws"')).map(blobOf)
  lines = all.filter(line => !line.includes('"_aws"')).map(line => JSON.parse(line))
  order = lines.map(({ function_request_id }) => `${function_request_id}`)
}, 60_000)

/** CloudWatch's Sum over all lines of a service. */
function sums(service: string): Record<string, number> {
  const total: Record<string, number> = {}
  for (const { dimensions, values } of blobs)
    if (dimensions.service === service)
      for (const [name, value] of Object.entries(values))
        total[name] = (total[name] ?? 0) + [value].flat().reduce((sum, each) => sum + each, 0)
  return total
}

describe('metrics', () => {
  it('of a queue count what happened, each once', () => {
    const { Duration, RemainingTime, Taken, ...counts } = sums('orders')
    expect(counts).toEqual({
      ColdStart: 1,
      UnitsDone: 1 + 3 * INVOCATIONS + 3 + 2,
      UnitsFailed: INVOCATIONS + 1,
      RecordsDropped: INVOCATIONS + 1, // dead letters are acknowledged
      DeadLettersSent: INVOCATIONS + 1,
      Retries: 2 * INVOCATIONS + 1, // those that fail are tried twice each time
      RetriesExhausted: INVOCATIONS + 1, // what fails for good is not tried again
      IdempotencyReplays: 2,
      SecretsHits: expect.any(Number),
      SecretsStale: 1,
      SecretsFailures: 2,
      WarningEvents: expect.any(Number),
    })
    expect(counts.SecretsHits).toBeGreaterThanOrEqual(INVOCATIONS)
    // 4 lines of an invocation's own values, and nothing of another one.
    const taken = blobs.filter(({ values }) => values.Taken !== undefined)
    expect(taken).toHaveLength(1 + INVOCATIONS + 1 + 2)
    for (const { values } of taken) expect(new Set([values.Taken].flat()).size).toBe(1)
    expect([Duration, RemainingTime, Taken]).toEqual(Array(3).fill(expect.any(Number)))
  })

  it('are one line an invocation, of service and function, and of no id', () => {
    const own = blobs.filter(({ dimensions, values }) => dimensions.service === 'orders' && 'Duration' in values)
    expect(own).toHaveLength(1 + INVOCATIONS + 1 + 2)
    for (const { namespace, dimensions, units, values } of own) {
      expect([namespace, dimensions]).toEqual(['shop', { service: 'orders', function_name: 'f' }])
      expect([units.Duration, units.RemainingTime, units.UnitsDone]).toEqual(['Milliseconds', 'Milliseconds', 'Count'])
      expect(values.RemainingTime).toBeLessThanOrEqual(30_000)
    }
  })

  it('of a circuit tell its state, and of HTTP what was answered', () => {
    expect(sums('payments')).toMatchObject({
      HttpServerErrors: 3,
      HttpClientErrors: 1,
      UnitsDone: 2,
      UnitsFailed: 3,
      CircuitsOpened: 1,
      CircuitRejections: 1,
      CircuitsClosed: 1,
    })
    const states = blobs.flatMap(({ values }) => ('CircuitsOpen' in values ? [values.CircuitsOpen] : []))
    expect(states).toEqual([1, 1, 0])
  })

  it('of what goes wrong are told by the middleware that hears of it', () => {
    expect(sums('faults')).toMatchObject({
      TimeoutsReached: 2,
      BulkheadRejections: 1,
      DeadLettersFailed: 2,
      IdempotencyInProgress: 1,
      IdempotencyStoreErrors: 2,
      IdempotencyTakeovers: 1,
      IdempotencyLocksLost: 1,
      SecretsRotations: 2,
      SecretsFetches: expect.any(Number),
      ErrorEvents: expect.any(Number),
    })
  })

  it('are all of those that the README promises, and no other', async () => {
    const readme = await readFile(join(import.meta.dirname, '../../packages/powertools/README.md'), 'utf8')
    const promised = [...readme.matchAll(/^\| `([A-Z]\w+)` +\| (?:Count|Milliseconds)/gm)].map(([, name]) => name)
    const own = new Set(blobs.flatMap(({ values }) => Object.keys(values)))
    for (const name of ['Taken', 'Tried']) own.delete(name)
    expect([...own].toSorted()).toEqual(promised.toSorted())
  })

  it('are there when the invocation fails and when it stops early, and can be left out', () => {
    const events = blobs.filter(({ dimensions }) => dimensions.service === 'events').map(({ values }) => values)
    expect(events).toMatchObject([
      { UnitsDone: 0, UnitsFailed: 1 },
      { Tried: 1 },
      { UnitsDone: 1, UnitsFailed: 0 },
      { Tried: 1 },
      { Tried: 1 },
    ])
  })
})

describe('lines', () => {
  it('have the ids of their own record and invocation, when 256 records run at once', () => {
    const told = lines.filter(({ at }) => at !== undefined)
    for (const { at, function_request_id, record_id, service } of told)
      expect([`${function_request_id}/${record_id}`, service]).toEqual([at, 'orders'])
    expect(told.filter(({ message }) => message === 'begin').length).toBeGreaterThan(6 * INVOCATIONS)
    expect(order.filter((id, i) => id !== order[i - 1]).length).toBeGreaterThan(4 * INVOCATIONS) // they did interleave
  })

  it('of debug are written for the records that failed, dead letters too, and for no other', () => {
    const details = lines.filter(({ message }) => message === 'detail')
    const kinds = new Map<string, number>()
    for (const { record_id } of details) {
      const kind = `${record_id}`.split('-')[1] ?? ''
      kinds.set(kind, (kinds.get(kind) ?? 0) + 1)
    }
    expect(Object.fromEntries(kinds)).toEqual({ poison: INVOCATIONS + 1, failing: 2 * (INVOCATIONS + 1) })
  })

  it('tell of the framework’s events, of their record, and of no secret', () => {
    const of = (name: string) => lines.filter(line => line.name === name && line.service === 'orders')
    expect(of('deadLetter.sent')).toHaveLength(INVOCATIONS + 1)
    for (const { function_request_id, record_id } of of('deadLetter.sent'))
      expect(record_id).toBe(`${`${function_request_id}`.slice(2)}-poison`)
    expect(of('batch.failures')).toHaveLength(INVOCATIONS + 1)
    for (const line of of('batch.failures')) expect(line).not.toHaveProperty('record_id')
    expect(of('secrets.stale')).toMatchObject([{ level: 'WARN' }])
    expect(JSON.stringify(lines)).not.toContain('hunter2')
  })

  it('say of the first invocation alone that it was a cold start', () => {
    const cold = new Set(lines.filter(({ cold_start }) => cold_start).map(({ record_id }) => record_id))
    expect([...cold].filter(Boolean)).toEqual(['first'])
  })
})
