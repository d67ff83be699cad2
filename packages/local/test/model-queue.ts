// A queue in memory behind the client's port, by the rules of SQS and on a clock of its own: time stands still while a
// batch is under way and jumps to the next visibility timeout when nothing else can happen. FIFO batches hold several
// messages of a group, as those of SQS do. Calls can be made to fail, before they had their effect or after it.
import type { SqsClient } from '../src/event-source-mapping/index.ts'

/** What goes wrong with a call: it has no effect, or it has and nobody hears of it. */
export type Fault = 'none' | 'refused' | 'answer lost'

export interface ModelMessage {
  readonly id: string
  readonly body: string
  readonly group: string | undefined
  receives: number
  visibleAt: number
  receiptHandle: string
}

export interface ModelOptions {
  readonly fifo?: boolean
  readonly maxReceiveCount?: number
  /** In ms of the model's clock. */
  readonly visibilityTimeout?: number
  /** The fault of each call in turn; none when they have been used up. */
  readonly faults?: Iterable<Fault>
  /** Ids of messages whose first so many deletions fail, with the fault of the sender or not. */
  readonly undeletable?: ReadonlyMap<string, { readonly times: number; readonly senderFault: boolean }>
}

export interface ModelQueue {
  readonly client: SqsClient
  readonly deleted: string[]
  readonly deadLetters: ModelMessage[]
  readonly messages: readonly ModelMessage[]
  send(id: string, body: string, group?: string): void
  /** To be called when a batch has ended: the clock may go on. */
  batchEnded(): void
  /** Settles when there is no message left. */
  readonly empty: Promise<void>
}

export function modelQueue({
  fifo = false,
  maxReceiveCount = 3,
  visibilityTimeout = 30_000,
  faults = [],
  undeletable = new Map(),
}: ModelOptions = {}): ModelQueue {
  const nextFault = faults[Symbol.iterator]()
  const deletions = new Map<string, number>()
  const deleted: string[] = []
  const deadLetters: ModelMessage[] = []
  const empty = Promise.withResolvers<void>()
  let messages: ModelMessage[] = []
  let now = 0
  let batches = 0
  let handles = 0

  async function call<T>(effect: () => T): Promise<T> {
    await new Promise(resolve => setImmediate(resolve))
    const fault: Fault = nextFault.next().value ?? 'none'
    if (fault === 'refused') throw Object.assign(new Error('Rate exceeded'), { name: 'ThrottlingException' })
    const answer = effect()
    if (fault === 'answer lost') throw Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' })
    return answer
  }

  function remove(message: ModelMessage, to: 'deleted' | 'dead'): void {
    messages = messages.filter(other => other !== message)
    if (to === 'deleted') deleted.push(message.id)
    else deadLetters.push(message)
    if (messages.length === 0) empty.resolve()
  }

  function visible(max: number): ModelMessage[] {
    const blocked = new Set(messages.filter(({ visibleAt }) => visibleAt > now).map(({ group }) => group))
    const taken: ModelMessage[] = []
    for (const message of [...messages]) {
      if (taken.length === max) break
      if (fifo ? blocked.has(message.group) : message.visibleAt > now) continue
      if (message.receives === maxReceiveCount) {
        remove(message, 'dead')
        continue
      }
      message.receives++
      message.visibleAt = now + visibilityTimeout
      message.receiptHandle = `handle-${handles++}`
      taken.push(message)
    }
    return taken
  }

  function receive(max: number): ModelMessage[] {
    const taken = visible(max)
    if (taken.length > 0 || batches > 0 || messages.length === 0) return taken
    now = Math.min(...messages.map(({ visibleAt }) => visibleAt).filter(time => time > now))
    return visible(max)
  }

  return {
    deleted,
    deadLetters,
    get messages() {
      return messages
    },
    empty: empty.promise,
    send(id, body, group) {
      messages.push({ id, body, group, receives: 0, visibleAt: 0, receiptHandle: '' })
    },
    batchEnded() {
      batches--
    },
    client: {
      async getQueueAttributes() {
        const QueueArn = `arn:aws:sqs:eu-central-1:000000000000:model${fifo ? '.fifo' : ''}`
        return { Attributes: { QueueArn, VisibilityTimeout: String(visibilityTimeout / 1000) } }
      },
      async receiveMessage({ MaxNumberOfMessages }) {
        const taken = await call(() => receive(MaxNumberOfMessages))
        if (taken.length > 0) batches++
        const Messages = taken.map(({ id, receiptHandle, body, group, receives }) => ({
          MessageId: id,
          ReceiptHandle: receiptHandle,
          Body: body,
          Attributes: { ApproximateReceiveCount: String(receives), MessageGroupId: group },
        }))
        return { Messages }
      },
      async deleteMessageBatch({ Entries }) {
        return call(() => {
          const Failed = []
          for (const { Id, ReceiptHandle } of Entries) {
            const message = messages.find(({ receiptHandle }) => receiptHandle === ReceiptHandle)
            if (message === undefined) continue
            const refusal = undeletable.get(message.id)
            const tries = (deletions.get(message.id) ?? 0) + 1
            deletions.set(message.id, tries)
            if (refusal !== undefined && tries <= refusal.times) {
              Failed.push({ Id, Code: 'InternalError', SenderFault: refusal.senderFault })
            } else remove(message, 'deleted')
          }
          return { Failed }
        })
      },
    },
  }
}
