// One queue over the wire: every call is bounded in time, and an error says which call on which queue failed and why.
import { setTimeout as delay } from 'node:timers/promises'
import type { SqsClient, SqsMessage } from './sqs-client.ts'

export interface SqsQueue {
  readonly arn: string
  readonly isFifo: boolean
  /** In ms. */
  readonly visibilityTimeout: number
  /** Receives up to `max` messages, of which one request brings 10 at most, and waits up to `waitSeconds` s for the first. */
  receive(max: number, waitSeconds: number): Promise<readonly SqsMessage[]>
  /**
   * Deletes messages by their receipt handles, and gives those that it could not delete after some tries. Never
   * rejects: what went wrong is told to `onError`.
   */
  delete(receiptHandles: readonly string[], onError: (error: Error) => void): Promise<ReadonlySet<string>>
}

/** What SQS takes and gives in one request. */
const MAX_PER_REQUEST = 10
/** How long a request may take beyond what it waits for messages, in ms. */
const REQUEST_TIMEOUT_MS = 10_000
/** With the pauses between them this is 1.5 s to 3 s; messages that are not deleted by then come again. */
const DELETE_TRIES = 6

/** @throws {Error} if the queue does not tell its attributes: it does not exist, or nothing answers. */
export async function openQueue(client: SqsClient, queueUrl: string): Promise<SqsQueue> {
  async function call<T>(
    operation: string,
    timeoutMs: number,
    request: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const abort = new AbortController()
    const late = Promise.withResolvers<never>()
    // A client that does not heed the signal is not waited for either.
    const timer = setTimeout(() => {
      abort.abort()
      late.reject(abort.signal.reason)
    }, timeoutMs)
    try {
      return await Promise.race([request(abort.signal), late.promise])
    } catch (error) {
      const why = abort.signal.aborted ? `no answer in ${timeoutMs} ms` : describeError(error)
      throw new Error(`${operation} on ${queueUrl} failed: ${why}`, { cause: error })
    } finally {
      clearTimeout(timer)
    }
  }

  const { Attributes } = await call('GetQueueAttributes', REQUEST_TIMEOUT_MS, abortSignal =>
    client.getQueueAttributes({ QueueUrl: queueUrl, AttributeNames: ['All'] }, { abortSignal }),
  )
  const arn = Attributes?.QueueArn
  const visibilityTimeout = Number(Attributes?.VisibilityTimeout) * 1000
  if (arn === undefined || Number.isNaN(visibilityTimeout)) {
    throw new Error(`GetQueueAttributes on ${queueUrl} gave no QueueArn or no VisibilityTimeout: is it an SQS queue?`)
  }

  async function deleteOnce(receiptHandles: readonly string[]): Promise<DeleteOutcome> {
    const Entries = receiptHandles.map((ReceiptHandle, index) => ({ Id: String(index), ReceiptHandle }))
    const { Failed = [] } = await call('DeleteMessageBatch', REQUEST_TIMEOUT_MS, abortSignal =>
      client.deleteMessageBatch({ QueueUrl: queueUrl, Entries }, { abortSignal }),
    )
    const outcome: DeleteOutcome = { again: [], refused: [], codes: new Set() }
    for (const { Id, Code, SenderFault } of Failed) {
      const handle = receiptHandles[Number(Id)]
      if (handle === undefined) continue
      outcome[SenderFault === true ? 'refused' : 'again'].push(handle)
      outcome.codes.add(Code ?? 'unknown')
    }
    return outcome
  }

  async function deleteChunk(receiptHandles: readonly string[], onError: (error: Error) => void): Promise<string[]> {
    const refused: string[] = []
    let left = receiptHandles
    for (let tries = 1; left.length > 0; tries++) {
      const next = tries < DELETE_TRIES ? 'Trying again.' : 'They come again after the visibility timeout.'
      try {
        const { again, refused: more, codes } = await deleteOnce(left)
        refused.push(...more)
        left = again
        if (codes.size > 0) {
          const failed = `${more.length + again.length} messages: ${[...codes].join(', ')}`
          onError(new Error(`DeleteMessageBatch on ${queueUrl} did not delete ${failed}. ${next}`))
        }
      } catch (cause) {
        onError(new Error(`${(cause as Error).message.replace(/\.$/, '')}. ${next}`, { cause }))
      }
      if (tries === DELETE_TRIES) break
      if (left.length > 0) await delay(backoff(tries))
    }
    return [...refused, ...left]
  }

  return {
    arn,
    isFifo: arn.endsWith('.fifo'),
    visibilityTimeout,
    async receive(max, waitSeconds) {
      const { Messages = [] } = await call('ReceiveMessage', waitSeconds * 1000 + REQUEST_TIMEOUT_MS, abortSignal =>
        client.receiveMessage(
          {
            QueueUrl: queueUrl,
            MaxNumberOfMessages: Math.min(max, MAX_PER_REQUEST),
            WaitTimeSeconds: waitSeconds,
            MessageSystemAttributeNames: ['All'],
            MessageAttributeNames: ['All'],
          },
          { abortSignal },
        ),
      )
      return Messages
    },
    async delete(receiptHandles, onError) {
      const left = new Set<string>()
      for (let start = 0; start < receiptHandles.length; start += MAX_PER_REQUEST) {
        const chunk = receiptHandles.slice(start, start + MAX_PER_REQUEST)
        for (const handle of await deleteChunk(chunk, onError)) left.add(handle)
      }
      return left
    },
  }
}

interface DeleteOutcome {
  readonly again: string[]
  readonly refused: string[]
  readonly codes: Set<string>
}

const MAX_BACKOFF_MS = 10_000

/** How long to pause after so many failures in a row, in ms: 100 doubled each time up to 10,000, less up to a half. */
export function backoff(failures: number): number {
  return Math.min(MAX_BACKOFF_MS, 100 * 2 ** (failures - 1)) * (0.5 + Math.random() / 2)
}

/** A line about anything thrown. Node's errors of refused connections have a code, and often no message. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return `${typeof error} thrown`
  const { code } = error as { code?: unknown }
  const name = typeof code === 'string' && code !== error.name ? `${error.name} ${code}` : error.name
  return error.message === '' ? name : `${name}: ${error.message}`
}
