// An event source mapping for SQS: it polls a queue, invokes a function with batches and deletes what succeeded. What
// failed it leaves alone: the queue brings it again, or moves it to its dead-letter queue.
// https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
import { setTimeout as delay } from 'node:timers/promises'
import type { SQSRecord } from 'aws-lambda'
import { MAX_EVENT_BYTES } from '../function.ts'
import type { InvocationResult } from '../invocation-result.ts'
import { type BatchVerdict, ignoreBatchResponse, readBatchResponse } from './batch-response.ts'
import {
  type BatchResult,
  checkQueue,
  configureMapping,
  type EventSourceMappingOptions,
  type MappedFunction,
  type MappingConfiguration,
} from './options.ts'
import { fitting, jsonBytes, toRecord } from './sqs-event.ts'
import { backoff, describeError, openQueue, type SqsQueue } from './sqs-queue.ts'

/** A mapping that polls. */
export interface EventSourceMapping extends AsyncDisposable {
  readonly eventSourceArn: string
  /**
   * Receives no more, lets the batches under way end and deletes what succeeded of them; settles when that is done.
   * Takes up to 1 s for the poll under way, more only if the queue does not answer. To stop it once more is no error.
   */
  stop(): Promise<void>
}

/** Short enough that `stop()` waits for the poll: one that is given up may still take messages out of sight. */
const WAIT_TIME_SECONDS = 1
/** How often to look for more in the last second of a window, for which there is no long poll. */
const WINDOW_POLL_MS = 100

/**
 * Invokes a function with the messages of a queue, as Lambda does, until it is stopped.
 *
 * @throws {TypeError | RangeError} if an option is wrong, or does not go with the queue
 * @throws {Error} if the queue does not answer or does not exist
 * @example
 * const orders = await startFunction({ handler: 'dist/orders.handler', timeout: 5000 })
 * const mapping = await startEventSourceMapping({
 *   queueUrl,
 *   sqs: new SQS({ endpoint: 'http://127.0.0.1:4566', region: 'us-east-1', credentials }),
 *   function: orders,
 *   functionResponseTypes: ['ReportBatchItemFailures'],
 * })
 * // … send messages …
 * await mapping.stop()
 * await orders.stop()
 */
export async function startEventSourceMapping(options: EventSourceMappingOptions): Promise<EventSourceMapping> {
  const configuration = configureMapping(options)
  const queue = await openQueue(options.sqs, options.queueUrl).catch((error: Error) => {
    throw new Error(`startEventSourceMapping: ${error.message}`, { cause: error })
  })
  checkQueue(configuration, queue)
  const stopping = new AbortController()
  const onError = guard(options.onError ?? printError, () => undefined)
  const onBatch = guard(options.onBatch ?? (() => undefined), cause =>
    onError(new Error(`Event source mapping of ${queue.arn}: onBatch failed: ${describeError(cause)}`, { cause })),
  )
  const pollers = configuration.functions.map(target =>
    poll({ configuration, queue, target, stopping: stopping.signal, onBatch, onError }),
  )
  const mapping: EventSourceMapping = {
    eventSourceArn: queue.arn,
    async stop() {
      stopping.abort()
      await Promise.all(pollers)
    },
    [Symbol.asyncDispose]: () => mapping.stop(),
  }
  return mapping
}

interface Poller {
  readonly configuration: MappingConfiguration
  readonly queue: SqsQueue
  readonly target: MappedFunction
  readonly stopping: AbortSignal
  readonly onBatch: (batch: BatchResult) => void
  readonly onError: (error: Error) => void
}

/** One batch after the other, until it is stopped. Never rejects. */
async function poll(poller: Poller): Promise<void> {
  const { queue, stopping, onError } = poller
  let failures = 0
  while (!stopping.aborted) {
    try {
      await invokeAll(poller, await receiveBatch(poller))
      failures = 0
    } catch (cause) {
      failures++
      const pause = Math.round(backoff(failures))
      onError(
        new Error(`Event source mapping of ${queue.arn}: ${messageOf(cause)}. Going on in ${pause} ms.`, { cause }),
      )
      await delay(pause, undefined, { signal: stopping }).catch(() => undefined)
    }
  }
}

/** What one request brings, or what comes until the window has passed, the batch is full or the event is. */
async function receiveBatch({ configuration, queue, stopping, onError }: Poller): Promise<SQSRecord[]> {
  const { batchSize, maximumBatchingWindow } = configuration
  const records: SQSRecord[] = []
  let bytes = 0

  async function receive(waitSeconds: number): Promise<number> {
    const messages = await queue.receive(batchSize - records.length, waitSeconds)
    for (const message of messages) {
      const record = toRecord(message, queue.arn)
      records.push(record)
      bytes += jsonBytes(record)
    }
    return messages.length
  }

  await receive(WAIT_TIME_SECONDS)
  const end = performance.now() + maximumBatchingWindow
  while (records.length > 0 && records.length < batchSize && bytes < MAX_EVENT_BYTES && !stopping.aborted) {
    const left = end - performance.now()
    if (left <= 0) break
    const waitSeconds = left < WAIT_TIME_SECONDS * 1000 ? 0 : WAIT_TIME_SECONDS
    try {
      const count = await receive(waitSeconds)
      if (count === 0 && waitSeconds === 0) await delay(Math.min(WINDOW_POLL_MS, left))
    } catch (cause) {
      // What has been received does not wait for a queue that does not answer.
      onError(
        new Error(`Event source mapping of ${queue.arn}: ${messageOf(cause)}. Going on with what there is.`, { cause }),
      )
      break
    }
  }
  return records
}

/** One invocation, or several where the messages are too large for one. */
async function invokeAll(poller: Poller, received: readonly SQSRecord[]): Promise<void> {
  let records = received
  while (records.length > 0) {
    const count = fitting(records, MAX_EVENT_BYTES)
    const failed = await invoke(poller, records.slice(0, count))
    records = records.slice(count)
    if (poller.queue.isFifo) {
      // What follows a failure in its message group comes again after it.
      const failedGroups = new Set(failed.map(groupOf))
      records = records.filter(record => !failedGroups.has(groupOf(record)))
    }
  }
}

function groupOf(record: SQSRecord): string | undefined {
  return record.attributes.MessageGroupId
}

/** Invokes the function with a batch, deletes what succeeded and gives what failed. */
async function invoke(poller: Poller, records: SQSRecord[]): Promise<SQSRecord[]> {
  const { configuration, queue, target, onBatch, onError } = poller
  const event = { Records: records }
  const invocation = await target.invoke(event).catch((cause: unknown) => {
    throw new Error(`${target.functionName} was not invoked: ${describeError(cause)}`, { cause })
  })
  const verdict = judge(invocation, new Set(records.map(record => record.messageId)), configuration)
  const succeeded = records.filter(record => !verdict.failed.has(record.messageId))
  const left = await queue.delete(
    succeeded.map(record => record.receiptHandle),
    onError,
  )
  onBatch({
    event,
    invocation,
    deleted: succeeded.filter(record => !left.has(record.receiptHandle)).map(record => record.messageId),
    batchItemFailures: [...verdict.failed],
    reason: verdict.reason,
  })
  return records.filter(record => verdict.failed.has(record.messageId))
}

function judge(
  invocation: InvocationResult,
  messageIds: ReadonlySet<string>,
  { reportsBatchItemFailures }: MappingConfiguration,
): BatchVerdict {
  if (invocation.functionError !== undefined) return { failed: messageIds, reason: invocation.errorType }
  if (!reportsBatchItemFailures) return ignoreBatchResponse(invocation.payloadBytes)
  return readBatchResponse(invocation.payloadBytes, messageIds)
}

/** What the user gave, whose own failure must not end the polling: it may throw, and it may reject. */
function guard<T>(listener: (value: T) => unknown, onFailure: (cause: unknown) => void): (value: T) => void {
  return value => {
    try {
      Promise.resolve(listener(value)).catch(onFailure)
    } catch (error) {
      onFailure(error)
    }
  }
}

function printError(error: Error): void {
  console.error(error.message)
}

/** Without the full stop that it may end with. */
function messageOf(error: unknown): string {
  return (error instanceof Error ? error.message : describeError(error)).replace(/\.$/, '')
}
