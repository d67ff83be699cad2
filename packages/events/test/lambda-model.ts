// What Lambda and the queue or stream do around a handler, as a model: which records a batch has, what comes again after
// its response, and when a record is given up.
import type { Middleware } from '@lambent/core'
import { dynamoDbStreamEvent, kinesisStreamEvent, lambdaContext, sqsEvent } from '@lambent/testing'
import { vi } from 'vitest'
import { dynamoDbStream } from '../src/dynamodb-streams.ts'
import { kinesis } from '../src/kinesis.ts'
import { sqs } from '../src/sqs.ts'

export type Kind = 'standard' | 'fifo' | 'kinesis' | 'dynamodb'

/** A record, and what its handler does: fails `failures` times, then succeeds; each attempt takes `ms`. */
export interface Plan {
  readonly group: string
  readonly failures: number
  readonly ms: number
}

export interface Options {
  readonly concurrency: number
  readonly onFailure: 'stop' | 'continue'
  /** ms, of the invocation. */
  readonly timeout: number
}

/** One run of the handler for one record: its place in the batch, and when it was, in ms since the invocation began. */
export interface Run {
  readonly index: number
  readonly start: number
  /** How many ran when it had started, itself included. */
  readonly running: number
  end: number
  ok: boolean
}

export interface Invocation {
  readonly runs: readonly Run[]
  readonly reported: readonly string[]
  /** When the response came, in ms since the invocation began. */
  readonly answered: number
}

const FIFO = 'arn:aws:sqs:eu-west-1:123456789012:orders.fifo'

function eventOf(kind: Kind, ids: readonly string[], plans: readonly Plan[]): unknown {
  const groupOf = (i: number) => plans[i]?.group ?? ''
  if (kind === 'kinesis')
    return kinesisStreamEvent(
      ids.map((sequenceNumber, i) => ({ kinesis: { sequenceNumber, partitionKey: groupOf(i), data: `${i}` } })),
    )
  if (kind === 'dynamodb')
    return dynamoDbStreamEvent(
      ids.map((SequenceNumber, i) => ({ dynamodb: { SequenceNumber, Keys: { id: { S: groupOf(i) } } } })),
    )
  return sqsEvent(
    ids.map((messageId, i) => ({
      messageId,
      ...(kind === 'fifo' ? { eventSourceARN: FIFO, attributes: { MessageGroupId: groupOf(i) } } : {}),
    })),
  )
}

const silent: Middleware = (ctx, next) => {
  ctx.telemetry.subscribe(() => {})
  return next()
}

/** Invokes a handler with a batch, on a clock that stands still but for timers. `attempts` counts those of each id. */
export async function invokeOnce(
  kind: Kind,
  ids: readonly string[],
  plans: readonly Plan[],
  { concurrency, onFailure, timeout }: Options,
  attempts: Map<string, number> = new Map(),
): Promise<Invocation> {
  vi.useFakeTimers()
  try {
    const began = Date.now()
    const runs: Run[] = []
    const work = async ({ unit }: { readonly unit: { readonly id: string } }) => {
      const index = ids.indexOf(unit.id)
      const { ms, failures } = plans[index] as Plan
      const attempt = (attempts.get(unit.id) ?? 0) + 1
      attempts.set(unit.id, attempt)
      const running = runs.filter(({ end }) => end === Infinity).length + 1
      const run: Run = { index, start: Date.now() - began, running, end: Infinity, ok: false }
      runs.push(run)
      if (ms > 0) await new Promise(resolve => setTimeout(resolve, ms))
      run.end = Date.now() - began
      if (attempt <= failures) throw undefined
      run.ok = true
    }
    const event = eventOf(kind, ids, plans) as never
    const context = lambdaContext({ timeout })
    const handler =
      kind === 'kinesis'
        ? kinesis().use(silent).each({ concurrency, onFailure }).handle(work)
        : kind === 'dynamodb'
          ? dynamoDbStream().use(silent).each({ concurrency, onFailure }).handle(work)
          : sqs().use(silent).each({ concurrency }).handle(work)
    let answered = Infinity
    const response = handler(event, context).finally(() => {
      answered = Date.now() - began
    })
    response.catch(() => {})
    while (answered === Infinity && Date.now() - began < timeout + 1000) await vi.advanceTimersByTimeAsync(1)
    if (answered === Infinity) throw new Error('no response came before the timeout')
    const { batchItemFailures } = await response
    return { runs, reported: batchItemFailures.map(each => each.itemIdentifier), answered }
  } finally {
    vi.useRealTimers()
  }
}

export interface Ends {
  readonly done: readonly string[]
  readonly dead: readonly string[]
}

const MOST_RECEIVES = 4

/** A queue: what is reported comes again, until it was received too often. FIFO: in front of its group. */
export async function drainQueue(
  kind: 'standard' | 'fifo',
  plans: readonly Plan[],
  batchSize: number,
  options: Options,
  see: (ids: readonly string[], plans: readonly Plan[], invocation: Invocation) => void,
): Promise<Ends> {
  let queue = plans.map((_, i) => `m-${i}`)
  const attempts = new Map<string, number>()
  const received = new Map<string, number>()
  const done: string[] = []
  const dead: string[] = []
  while (queue.length > 0) {
    const ids = queue.slice(0, batchSize)
    const batch = ids.map(id => plans[Number(id.slice(2))] as Plan)
    const invocation = await invokeOnce(kind, ids, batch, options, attempts)
    see(ids, batch, invocation)
    const again: string[] = []
    for (const id of ids) {
      received.set(id, (received.get(id) ?? 0) + 1)
      if (!invocation.reported.includes(id)) done.push(id)
      else if ((received.get(id) ?? 0) >= MOST_RECEIVES) dead.push(id)
      else again.push(id)
    }
    queue = kind === 'fifo' ? [...again, ...queue.slice(batchSize)] : [...queue.slice(batchSize), ...again]
  }
  return { done, dead }
}

const MOST_RETRIES = 4

/** A shard: goes on from the reported number, bisects, and gives up a record that fails alone too often. */
export async function drainShard(
  kind: 'kinesis' | 'dynamodb',
  plans: readonly Plan[],
  batchSize: number,
  options: Options,
  see: (ids: readonly string[], plans: readonly Plan[], invocation: Invocation) => void,
): Promise<Ends> {
  const attempts = new Map<string, number>()
  const numbers = plans.map((_, i) => `${49590338271490256608559692538361571095921575989136588898n + BigInt(i)}`)
  const done: string[] = []
  const dead: string[] = []
  let position = 0
  let size = batchSize
  let retries = 0
  while (position < plans.length) {
    const ids = numbers.slice(position, position + size)
    const batch = plans.slice(position, position + size)
    const invocation = await invokeOnce(kind, ids, batch, options, attempts)
    see(ids, batch, invocation)
    const lowest = Math.min(...invocation.reported.map(id => ids.indexOf(id)), ids.length)
    done.push(...ids.slice(0, lowest))
    position += lowest
    if (lowest === ids.length) {
      size = batchSize
      retries = 0
    } else if (lowest > 0) {
      retries = 0
    } else if (size > 1) {
      size = Math.ceil(Math.min(size, ids.length) / 2)
    } else if (++retries > MOST_RETRIES) {
      dead.push(ids[0] as string)
      position++
      size = batchSize
      retries = 0
    }
  }
  return { done, dead }
}
