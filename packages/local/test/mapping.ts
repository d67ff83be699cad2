// A mapping and its functions for a test: what they did, batch by batch and message by message.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, vi } from 'vitest'
import {
  type BatchResult,
  type EventSourceMapping,
  type EventSourceMappingOptions,
  type FunctionOptions,
  type LambdaFunction,
  startEventSourceMapping,
  startFunction,
} from '../src/index.ts'
import type { Queues, TestQueue } from './queues.ts'

export const REPORTING = { functionResponseTypes: ['ReportBatchItemFailures'] } as const

export interface Run extends AsyncDisposable {
  readonly mapping: EventSourceMapping
  readonly functions: readonly LambdaFunction[]
  readonly batches: readonly BatchResult[]
  /** When each batch ended, in ms. */
  readonly times: readonly number[]
  readonly errors: readonly Error[]
  batch(index: number): Promise<BatchResult>
  /** `begin <id>` and `end <id>`, in the order in which the functions wrote them. */
  notes(): string[]
  begun(): string[]
  ended(): string[]
}

export interface RunOptions extends Partial<Omit<EventSourceMappingOptions, 'function' | 'functions'>> {
  readonly handler?: string
  readonly timeout?: number
  readonly copies?: number
}

let runs = 0
const folder = mkdtempSync(join(tmpdir(), 'lambent-mapping-'))

export function removeNotes(): void {
  rmSync(folder, { recursive: true, force: true })
}

/** Starts copies of a function, with a mapping from `queue` to them. */
export async function startRun(
  queues: Queues,
  queue: TestQueue,
  { handler = 'sqs.handler', timeout = 3000, copies = 1, ...options }: RunOptions = {},
): Promise<Run> {
  const file = join(folder, `notes-${runs++}`)
  const environment = { NOTES: file }
  const functions = await Promise.all(
    Array.from({ length: copies }, () => startHandler(handler, { timeout, environment })),
  )
  const batches: BatchResult[] = []
  const times: number[] = []
  const errors: Error[] = []
  const stopAll = () => Promise.all(functions.map(lambda => lambda.stop()))
  const mapping = await startEventSourceMapping({
    queueUrl: queue.url,
    sqs: queues.sqs,
    functions,
    onBatch(batch) {
      batches.push(batch)
      times.push(performance.now())
    },
    onError: error => errors.push(error),
    ...options,
  }).catch(async (error: unknown) => {
    await stopAll()
    throw error
  })
  const notes = (): string[] => {
    try {
      return readFileSync(file, 'utf8').trimEnd().split('\n')
    } catch {
      return []
    }
  }
  const noted = (what: string): string[] =>
    notes()
      .filter(line => line.startsWith(`${what} `))
      .map(line => line.slice(what.length + 1))
  return {
    mapping,
    functions,
    batches,
    times,
    errors,
    async batch(index) {
      await vi.waitFor(() => expect(batches.length).toBeGreaterThan(index), 60_000)
      return batches[index] as BatchResult
    },
    notes,
    begun: () => noted('begin'),
    ended: () => noted('end'),
    async [Symbol.asyncDispose]() {
      await mapping.stop()
      await stopAll()
    },
  }
}

export function startHandler(handler: string, options: Omit<FunctionOptions, 'handler'> = {}): Promise<LambdaFunction> {
  const file = fileURLToPath(new URL(`fixtures/${handler}`, import.meta.url))
  return startFunction({ handler: file, runtime: 'bootstrap', timeout: 3000, ...options })
}

export function message(id: string, ...plan: string[]): { id: string; plan: string[] } {
  return { id, plan }
}

export function ids(count: number, ...plan: string[]): { id: string; plan: string[] }[] {
  return Array.from({ length: count }, (_, index) => message(`m${index}`, ...plan))
}
