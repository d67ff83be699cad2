// What Lambent itself knows, as metrics: counted from its events, one line an invocation.
import type { Context, TelemetryEvent } from '@lambent/core'
import type { Unit, Values } from './emf.ts'

/** Metrics that count one kind of event. Only those that happened are published. */
const COUNTED: Readonly<Record<string, string>> = {
  'batch.record.dropped': 'RecordsDropped',
  'retry.attempt': 'Retries',
  'retry.exhausted': 'RetriesExhausted',
  'timeout.reached': 'TimeoutsReached',
  'circuit.opened': 'CircuitsOpened',
  'circuit.closed': 'CircuitsClosed',
  'circuit.rejected': 'CircuitRejections',
  'bulkhead.rejected': 'BulkheadRejections',
  'deadLetter.sent': 'DeadLettersSent',
  'deadLetter.failed': 'DeadLettersFailed',
  'idempotency.replayed': 'IdempotencyReplays',
  'idempotency.inProgress': 'IdempotencyInProgress',
  'idempotency.takenOver': 'IdempotencyTakeovers',
  'idempotency.storeError': 'IdempotencyStoreErrors',
  'idempotency.lockLost': 'IdempotencyLocksLost',
  'secrets.hit': 'SecretsHits',
  'secrets.fetched': 'SecretsFetches',
  'secrets.stale': 'SecretsStale',
  'secrets.failed': 'SecretsFailures',
  'secrets.rotated': 'SecretsRotations',
}

const HTTP = new Set(['aws:apigateway', 'aws:lambda-url', 'aws:elasticloadbalancing'])
// What `failures()` of the sources makes, when a handler of a whole batch names records that failed.
const FAILED: unique symbol = Symbol.for('lambent.failures')

// What tells of a circuit's state: a change by this process, or what it finds that another one has made of it.
const CIRCUIT: Readonly<Record<string, 'open' | 'closed'>> = {
  'circuit.opened': 'open',
  'circuit.rejected': 'open',
  'circuit.closed': 'closed',
  'circuit.foundClosed': 'closed',
}

// Circuits live as long as the process. Their names are the user's, and few.
const open = new Set<string>()
const MOST_CIRCUITS = 100

/** The metrics of one invocation. */
export class FrameworkMetrics {
  readonly #values = new Map<string, { unit: Unit; value: number }>()
  // Not `performance`, which loads eleven modules of Node.js when it is first read.
  #started = process.hrtime()
  #published = false
  /** Records that are not done, once `.each()` has told. */
  #notDone: number | undefined

  hear({ name, level, fields }: TelemetryEvent): void {
    const metric = Object.hasOwn(COUNTED, name) ? COUNTED[name] : undefined
    if (metric !== undefined) this.#add(metric, Number(fields?.count ?? 1) || 1)
    if (level === 'error') this.#add('ErrorEvents')
    if (level === 'warn') this.#add('WarningEvents')
    if (name === 'batch.failures') this.#notDone = Number(fields?.failed) || 0
    if (name === 'http.error') this.#answered(Number(fields?.status))
    const state = CIRCUIT[name]
    if (state && fields?.circuit) this.#circuit(state, `${fields.circuit}`)
  }

  /** A unit is done. `value` is what came of it. */
  done(ctx: Context, value: unknown): void {
    if (HTTP.has(ctx.unit.source) && statusOf(value) >= 500) return // `http.error` will tell
    const total = countOf(ctx)
    const failed = Math.min(total, this.#notDone ?? namedIn(value))
    this.#add('UnitsDone', total - failed)
    this.#add('UnitsFailed', failed)
  }

  /** A unit has failed. Over HTTP an error is an answer, of which `http.error` will tell. */
  failed(ctx: Context): void {
    if (HTTP.has(ctx.unit.source)) return
    const total = countOf(ctx)
    const failed = Math.min(total, this.#notDone ?? total)
    this.#add('UnitsDone', total - failed)
    this.#add('UnitsFailed', failed)
  }

  /** Again for each record that runs alone, where the middleware stands after `.each()`. */
  begin(): void {
    this.#started = process.hrtime()
  }

  /** Of the invocation, at its end. */
  end({ lambda }: Context, coldStart: boolean): void {
    const [seconds, nanoseconds] = process.hrtime(this.#started)
    this.#set('Duration', 'Milliseconds', seconds * 1000 + Math.round(nanoseconds / 1000) / 1000)
    const left = lambda?.getRemainingTimeInMillis?.()
    if (left !== undefined) this.#set('RemainingTime', 'Milliseconds', left)
    if (coldStart && !this.#published) this.#set('ColdStart', 'Count', 1)
    this.#published = true
    if (open.size > 0) this.#set('CircuitsOpen', 'Count', open.size)
  }

  /** What there is to publish. It is then gone from here. */
  take(): Values {
    const values = new Map(this.#values)
    this.#values.clear()
    return values
  }

  #answered(status: number): void {
    this.#add(status >= 500 ? 'HttpServerErrors' : 'HttpClientErrors')
    this.#add('UnitsDone', status >= 500 ? 0 : 1)
    this.#add('UnitsFailed', status >= 500 ? 1 : 0)
  }

  #circuit(state: 'open' | 'closed', name: string): void {
    if (state === 'closed') open.delete(name)
    else if (open.size < MOST_CIRCUITS) open.add(name)
    this.#set('CircuitsOpen', 'Count', open.size)
  }

  #add(name: string, count = 1): void {
    this.#set(name, 'Count', (this.#values.get(name)?.value ?? 0) + count)
  }

  #set(name: string, unit: Unit, value: number): void {
    this.#values.set(name, { unit, value })
  }
}

/** The units that this context stands for: the records of a batch, or itself. */
function countOf({ unit, records }: Context & { readonly records?: unknown }): number {
  return unit.kind === 'invocation' && Array.isArray(records) ? records.length : 1
}

function namedIn(value: unknown): number {
  const { [FAILED]: own, failures } = (value ?? {}) as { readonly [FAILED]?: unknown; readonly failures?: unknown }
  const named = own ?? ((failures ?? {}) as { readonly [FAILED]?: unknown })[FAILED] // of a window beside its state
  return Array.isArray(named) ? named.length : 0
}

function statusOf(value: unknown): number {
  const { status, statusCode } = (value ?? {}) as { readonly status?: unknown; readonly statusCode?: unknown }
  return Number(status ?? statusCode ?? 0)
}
