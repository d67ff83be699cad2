// Messages that are received, and so hidden from others, until they are let go or deleted. Whoever is killed in between
// has lost nothing: they come back when their visibility timeout is over.
import type { Message } from '@aws-sdk/client-sqs'
import type { Queue } from './queue.ts'

const SECONDS = 300
const BATCH = 10
/** Answers without a message until a queue counts as read that says it has some. */
const EMPTY = 4
/** Answers with nothing but what was seen before, which a queue may give once in a while. */
const SEEN = 20

export class Holding implements AsyncDisposable {
  readonly #queue: Queue
  /** Receipt handles by message id. */
  readonly #held = new Map<string, string>()
  readonly #seen = new Set<string>()
  readonly #timer: NodeJS.Timeout

  constructor(queue: Queue) {
    this.#queue = queue
    this.#timer = setInterval(() => void this.#setVisibility(SECONDS), (SECONDS * 1000) / 3)
    this.#timer.unref()
  }

  /** Messages that have not been seen yet, at most 10; none where there are no more. */
  async receive(most: number = BATCH): Promise<Message[]> {
    const { sqs, url } = this.#queue
    for (let empty = 0, seen = 0; empty < EMPTY && seen < SEEN; ) {
      const { Messages = [] } = await sqs.receiveMessage({
        QueueUrl: url,
        MaxNumberOfMessages: Math.min(most, BATCH),
        VisibilityTimeout: SECONDS,
        WaitTimeSeconds: 1, // asks all of its servers: a short poll may find nothing where there is something
        MessageAttributeNames: ['All'],
        MessageSystemAttributeNames: ['All'],
      })
      for (const { MessageId = '', ReceiptHandle = '' } of Messages) this.#held.set(MessageId, ReceiptHandle)
      const fresh = Messages.filter(({ MessageId = '' }) => !this.#seen.has(MessageId))
      for (const { MessageId = '' } of fresh) this.#seen.add(MessageId)
      if (fresh.length > 0) return fresh
      if (Messages.length > 0) seen++
      else if (++empty === 1 && !(await this.#hasMore())) return []
    }
    return []
  }

  /** About. */
  async #hasMore(): Promise<boolean> {
    const { sqs, url, fifo } = this.#queue
    if (fifo) return false // it counts those behind what is held of their group too
    const { Attributes } = await sqs.getQueueAttributes({
      QueueUrl: url,
      AttributeNames: ['ApproximateNumberOfMessages'],
    })
    return Number(Attributes?.ApproximateNumberOfMessages) > 0
  }

  /** Deletes them; gives the ids of those that could not be, which stay held. */
  async delete(messageIds: readonly string[]): Promise<string[]> {
    const failed: string[] = []
    for (const ids of chunks(messageIds)) {
      let left = ids
      for (let attempt = 0; attempt < 3 && left.length > 0; attempt++) left = await this.#deleteOnce(left)
      failed.push(...left)
    }
    for (const id of messageIds) if (!failed.includes(id)) this.#held.delete(id)
    return failed
  }

  async #deleteOnce(ids: readonly string[]): Promise<string[]> {
    const Entries = ids.map((id, index) => ({ Id: `${index}`, ReceiptHandle: this.#held.get(id) ?? '' }))
    try {
      const { Successful = [] } = await this.#queue.sqs.deleteMessageBatch({ QueueUrl: this.#queue.url, Entries })
      const done = new Set(Successful.map(({ Id }) => Id))
      return ids.filter((_, index) => !done.has(`${index}`))
    } catch {
      return [...ids]
    }
  }

  /** Lets all be received by others again, at once. */
  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer)
    await this.#setVisibility(0)
    this.#held.clear()
  }

  /** Never rejects: what SQS does not hear of comes back by itself. */
  async #setVisibility(VisibilityTimeout: number): Promise<void> {
    const { sqs, url } = this.#queue
    let failures = 0
    for (const some of chunks([...this.#held.values()])) {
      const Entries = some.map((ReceiptHandle, index) => ({ Id: `${index}`, ReceiptHandle, VisibilityTimeout }))
      await sqs.changeMessageVisibilityBatch({ QueueUrl: url, Entries }).catch(() => failures++)
      if (failures === 3) return // it is not there: nobody waits for a thousand calls to fail
    }
  }
}

function chunks<T>(all: readonly T[]): T[][] {
  return Array.from({ length: Math.ceil(all.length / BATCH) }, (_, index) =>
    all.slice(index * BATCH, (index + 1) * BATCH),
  )
}
