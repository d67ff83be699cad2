// What the framework itself has to say. Middlewares and sources emit; a logger or metrics middleware subscribes.
import type { Unit } from './unit.ts'

export interface TelemetryEvent {
  /** Dotted, stable: `http.error`, `batch.failures`, … */
  readonly name: string
  readonly level: 'debug' | 'info' | 'warn' | 'error'
  /** One line for a person, without payloads and secrets. */
  readonly message: string
  readonly unit?: Unit
  readonly error?: unknown
  /** Numbers and short words; never ids of users, never payloads. */
  readonly fields?: Readonly<Record<string, string | number | boolean | undefined>>
}

export type TelemetryListener = (event: TelemetryEvent) => void

/** One for each invocation. With no listener, `warn` and `error` go to the console as lines of JSON, others nowhere. */
export interface Telemetry {
  emit(event: TelemetryEvent): void
  /** Listens until the invocation ends; the console is then left to the listener. */
  subscribe(listener: TelemetryListener): void
}

export function createTelemetry(): Telemetry {
  let listeners: TelemetryListener[] | undefined
  return {
    emit(event) {
      // What nobody hears of costs no promise.
      if (listeners || /warn|error/.test(event.level))
        // What listens must not change what becomes of the unit, be it asynchronous or not.
        for (const listener of listeners ?? [print]) (async () => listener(event))().catch(console.error)
    },
    subscribe(listener) {
      listeners ??= []
      listeners.push(listener)
    },
  }
}

function print({ unit, ...event }: TelemetryEvent): void {
  const line = { ...event, source: unit?.source, id: unit?.id, error: describe(event.error) }
  console[event.level](JSON.stringify(line))
}

/** What a log may show of anything thrown: name, message, code, stack, and the same of its cause and its members. */
export function describe(error: unknown, depth = 0): unknown {
  // By its fields, since errors come from other realms too.
  const { name, message, stack, code, cause, errors } = Object(error)
  if (!stack) return typeof error === 'string' ? error.slice(0, 200) : error && typeof error
  const inner = (each: unknown) => (depth < 5 ? describe(each, depth + 1) : undefined)
  return { name, message, code: code && `${code}`, stack, cause: inner(cause), errors: errors?.slice(0, 5).map(inner) }
}
