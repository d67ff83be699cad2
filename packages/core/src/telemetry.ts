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
  const listeners: TelemetryListener[] = []
  return {
    emit(event) {
      if (!listeners[0]) print(event)
      for (const listener of listeners) {
        try {
          listener(event)
        } catch (error) {
          console.error(error) // what listens must not change what becomes of the unit
        }
      }
    },
    subscribe(listener) {
      listeners.push(listener)
    },
  }
}

function print({ level, unit, error, fields, ...rest }: TelemetryEvent): void {
  if (level === 'warn' || level === 'error')
    console[level](
      JSON.stringify({ level, ...rest, source: unit?.source, id: unit?.id, ...fields, error: describe(error) }),
    )
}

/** What a log may show of anything thrown: name, message, code, stack and the chain of causes. */
export function describe(error: unknown, depth = 0): unknown {
  if (!(error instanceof Error)) return error && typeof error
  const { name, message, stack, code, cause } = error as Error & { code?: unknown }
  return { name, message, code, stack, cause: depth < 5 ? describe(cause, depth + 1) : undefined }
}
