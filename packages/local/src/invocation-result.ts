// What an invocation gives back to its caller, in the words of Lambda's Invoke API.
// https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
import { constants } from 'node:os'
import type { Outcome } from './execution-environment.ts'
import type { ProcessExit } from './runtime-process.ts'
import type { LogLevel } from './telemetry.ts'

/** What the function wrote: an entry of its console, or a line to stdout or stderr past the console. */
export interface LogEntry {
  /** In ms since the epoch. */
  readonly timestamp: number
  /** As CloudWatch would have it, without the line break at its end. */
  readonly message: string
  /** `platform` is what Lambda itself says: that a task timed out, that a process ended. */
  readonly source: 'console' | 'stdout' | 'stderr' | 'platform'
  /** Of an entry of the console. */
  readonly level?: LogLevel
  /** The invocation it was written in; absent for the initialization and between invocations. */
  readonly requestId?: string
}

interface Invocation {
  readonly statusCode: 200
  readonly requestId: string
  /** The response: parsed if it is JSON, a string if it is not. */
  readonly payload: unknown
  /** The response byte for byte. */
  readonly payloadBytes: Uint8Array
  /** From handing over the event to the response, in ms; with the initialization, where the invocation began with one. */
  readonly durationMs: number
  /** All that was written since the invocation before ended: the first one's logs begin with the initialization's. */
  readonly logs: readonly LogEntry[]
}

/** The handler returned. */
export interface InvocationSuccess extends Invocation {
  readonly functionError: undefined
}

/** The handler threw, the initialization failed, the time was up or the process ended. Lambda's status is 200 here too. */
export interface InvocationFailure extends Invocation {
  readonly functionError: 'Unhandled'
  /** The error's name, or Lambda's: `Sandbox.Timedout`, `Runtime.ExitError`, `Runtime.ImportModuleError`, … */
  readonly errorType: string
  readonly errorMessage: string
  /** Empty where Lambda gives none. */
  readonly stackTrace: readonly string[]
}

export type InvocationResult = InvocationSuccess | InvocationFailure

export interface InvocationFacts {
  readonly requestId: string
  readonly durationMs: number
  readonly logs: readonly LogEntry[]
  /** The function's timeout, in ms. */
  readonly timeout: number
}

export function invocationResult(outcome: Outcome, { timeout, ...facts }: InvocationFacts): InvocationResult {
  const body = bodyOf(outcome, facts.requestId, timeout)
  const payload = parse(body)
  const result = { statusCode: 200, ...facts, payload, payloadBytes: new Uint8Array(body) } as const
  if (outcome.kind === 'response') return { ...result, functionError: undefined }

  const { errorType, errorMessage, trace } = fields(payload)
  const reported = outcome.kind === 'error' ? outcome.errorType : undefined
  return {
    ...result,
    functionError: 'Unhandled',
    errorType: text(errorType) ?? reported ?? 'Unknown',
    errorMessage: text(errorMessage) ?? '',
    stackTrace: Array.isArray(trace) ? trace.map(String) : [],
  }
}

/** The line that Lambda itself adds to the log, if it has one to add. */
export function platformMessage(outcome: Outcome, requestId: string, timeout: number): string | undefined {
  if (outcome.kind === 'exit') return `RequestId: ${requestId} Error: ${describeExit(outcome.exit)}`
  if (outcome.kind === 'timeout') return `${new Date().toISOString()} ${requestId} ${timedOut(timeout)}`
  return undefined
}

function bodyOf(outcome: Outcome, requestId: string, timeout: number): Buffer {
  switch (outcome.kind) {
    case 'response':
    case 'error':
      return outcome.body
    case 'too-large':
      return errorBody(
        'Function.ResponseSizeTooLarge',
        `Response payload size (${outcome.size} bytes) exceeded maximum allowed payload size (${outcome.limit} bytes).`,
      )
    case 'timeout':
      return errorBody('Sandbox.Timedout', `RequestId: ${requestId} Error: ${timedOut(timeout)}`)
    case 'exit':
      return errorBody('Runtime.ExitError', `RequestId: ${requestId} Error: ${describeExit(outcome.exit)}`)
  }
}

function errorBody(errorType: string, errorMessage: string): Buffer {
  return Buffer.from(JSON.stringify({ errorType, errorMessage }))
}

function timedOut(timeout: number): string {
  return `Task timed out after ${(timeout / 1000).toFixed(2)} seconds`
}

/** Lambda's supervisor is written in Go, whose names for the signals it prints. */
const SIGNAL_NAMES: Partial<Record<NodeJS.Signals, string>> = {
  SIGABRT: 'aborted',
  SIGBUS: 'bus error',
  SIGFPE: 'floating point exception',
  SIGHUP: 'hangup',
  SIGILL: 'illegal instruction',
  SIGINT: 'interrupt',
  SIGKILL: 'killed',
  SIGPIPE: 'broken pipe',
  SIGQUIT: 'quit',
  SIGSEGV: 'segmentation fault',
  SIGTERM: 'terminated',
  SIGTRAP: 'trace/breakpoint trap',
}

function describeExit({ code, signal }: ProcessExit): string {
  if (signal !== null) {
    return `Runtime exited with error: signal: ${SIGNAL_NAMES[signal] ?? `signal ${constants.signals[signal]}`}`
  }
  return code === 0
    ? 'Runtime exited without providing a reason'
    : `Runtime exited with error: exit status ${code ?? 'unknown'}`
}

function parse(body: Buffer): unknown {
  const json = body.toString('utf8')
  try {
    return JSON.parse(json)
  } catch {
    return json
  }
}

function fields(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}
