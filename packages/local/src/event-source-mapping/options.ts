// The options of an event source mapping, under the names of Lambda's API, their defaults and limits.
// https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html
import type { SQSEvent } from 'aws-lambda'
import type { LambdaFunction } from '../function.ts'
import type { InvocationResult } from '../invocation-result.ts'
import type { SqsClient } from './sqs-client.ts'

/** What a mapping invokes: what `startFunction` gives. */
export type MappedFunction = Pick<LambdaFunction, 'functionName' | 'timeout' | 'invoke'>

export type EventSourceMappingOptions = MappingOptions &
  (
    | { readonly function: MappedFunction; readonly functions?: never }
    | {
        /** Several of one function: each is an execution environment of its own, and runs one batch at a time. */
        readonly functions: readonly MappedFunction[]
        readonly function?: never
      }
  )

export interface MappingOptions {
  readonly queueUrl: string
  /** `new SQS({ endpoint, region, credentials })` of @aws-sdk/client-sqs, or anything with these methods. */
  readonly sqs: SqsClient
  /**
   * The most messages of one invocation: 1 to 10, for a standard queue with a window of 1 s and more up to 10,000.
   * @default 10
   */
  readonly batchSize?: number
  /**
   * How long to collect messages from the first one on, in ms, 0 to 300,000. Lambda has it for standard queues only.
   * @default 0
   */
  readonly maximumBatchingWindow?: number
  /**
   * Whether the function's response says which messages have failed. Without it, the response is ignored.
   * @default []
   */
  readonly functionResponseTypes?: readonly 'ReportBatchItemFailures'[]
  /**
   * How many batches may be under way at once, 1 to 1000; never more than there are functions.
   * @default the number of functions
   */
  readonly maximumConcurrency?: number
  /** Called after each invocation, when the messages that succeeded have been deleted. */
  readonly onBatch?: (batch: BatchResult) => unknown
  /**
   * Called when the queue cannot be reached or refuses, and when the function cannot be invoked (a function that fails
   * is no such error). The mapping goes on, after a pause of 50 ms to 10 s.
   * @default a line to stderr
   */
  readonly onError?: (error: Error) => unknown
}

/** What became of a batch. */
export interface BatchResult {
  readonly event: SQSEvent
  readonly invocation: InvocationResult
  /** Ids of the messages that succeeded and are deleted. */
  readonly deleted: readonly string[]
  /** Ids of the messages that have failed: they come again when the queue's visibility timeout has passed. */
  readonly batchItemFailures: readonly string[]
  /** Why the whole batch has failed, or what Lambda ignores in the response. */
  readonly reason: string | undefined
}

export interface MappingConfiguration {
  readonly batchSize: number
  readonly maximumBatchingWindow: number
  readonly reportsBatchItemFailures: boolean
  /** One for each batch that may be under way. */
  readonly functions: readonly MappedFunction[]
}

const MAX_RECEIVE = 10
const MAX_WINDOW_MS = 300_000

/** @throws {TypeError | RangeError} that says which option is wrong, what it was and what it may be. */
export function configureMapping(options: EventSourceMappingOptions): MappingConfiguration {
  const { queueUrl, batchSize = 10, maximumBatchingWindow = 0, functionResponseTypes = [] } = options
  const functions = options.functions ?? [options.function]
  if (typeof queueUrl !== 'string' || queueUrl === '') throw new TypeError(`${PREFIX} queueUrl must be a queue's URL`)
  if (functions.length === 0) throw new RangeError(`${PREFIX} functions is empty: give one at least`)
  const { maximumConcurrency = functions.length } = options

  checkWholeNumber('batchSize', batchSize, 1, 10_000)
  checkWholeNumber('maximumBatchingWindow', maximumBatchingWindow, 0, MAX_WINDOW_MS, ' of ms')
  checkWholeNumber('maximumConcurrency', maximumConcurrency, 1, 1000)
  if (batchSize > MAX_RECEIVE && maximumBatchingWindow < 1000) {
    throw new RangeError(
      `${PREFIX} a batchSize of ${batchSize} takes a maximumBatchingWindow of 1000 ms or more, got ${maximumBatchingWindow}`,
    )
  }
  const unknown = functionResponseTypes.find(type => type !== 'ReportBatchItemFailures')
  if (unknown !== undefined) {
    throw new TypeError(`${PREFIX} functionResponseTypes may have 'ReportBatchItemFailures', got '${unknown}'`)
  }
  return {
    batchSize,
    maximumBatchingWindow,
    reportsBatchItemFailures: functionResponseTypes.length > 0,
    functions: functions.slice(0, maximumConcurrency),
  }
}

/** What Lambda checks against the queue when a mapping is created. */
export function checkQueue(
  { batchSize, maximumBatchingWindow, functions }: MappingConfiguration,
  queue: { readonly arn: string; readonly isFifo: boolean; readonly visibilityTimeout: number },
): void {
  if (queue.isFifo && batchSize > MAX_RECEIVE) {
    throw new RangeError(`${PREFIX} ${queue.arn} is FIFO: batchSize may be 10 at most, got ${batchSize}`)
  }
  if (queue.isFifo && maximumBatchingWindow > 0) {
    throw new RangeError(`${PREFIX} ${queue.arn} is FIFO: Lambda has no maximumBatchingWindow there, remove it`)
  }
  for (const { functionName, timeout } of functions) {
    if (timeout <= queue.visibilityTimeout) continue
    throw new RangeError(
      `${PREFIX} the timeout of ${functionName}, ${timeout} ms, is longer than the visibility timeout of ${queue.arn}, ` +
        `${queue.visibilityTimeout} ms: messages would come again while they are handled. AWS advises six times the timeout.`,
    )
  }
}

const PREFIX = 'startEventSourceMapping:'

function checkWholeNumber(name: string, value: number, min: number, max: number, unit = ''): void {
  if (Number.isInteger(value) && value >= min && value <= max) return
  throw new RangeError(`${PREFIX} ${name} must be a whole number${unit} from ${min} to ${max}, got ${value}`)
}
