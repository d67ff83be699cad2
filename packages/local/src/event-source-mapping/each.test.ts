// Lambent's own source behind a mapping: what `sqs().each()` reports, the queue does.
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { ids, message, REPORTING, removeNotes, startRun } from '../../test/mapping.ts'
import { type Queues, startQueues } from '../../test/queues.ts'
import type { LambdaFunction } from '../index.ts'

let queues: Queues

beforeAll(async () => {
  queues = await startQueues()
})
afterAll(async () => {
  await queues[Symbol.asyncDispose]()
  removeNotes()
})

describe.concurrent('a handler by sqs().each()', () => {
  const options = { ...REPORTING, handler: 'each.handler' } as const

  test('deletes what succeeded, retries what threw, and gives up what throws too often', async () => {
    const queue = queues.create({ maxReceiveCount: 2 })
    const bad = message('bad', 'throw', 'fail', 'fail')
    await queue.send([...ids(3), message('twice', 'fail'), bad])
    await using run = await startRun(queues, queue, options)
    await vi.waitFor(() => expect(queue.deadLetters()).toEqual([JSON.stringify(bad)]), 60_000)
    expect(queue.size()).toBe(0)
    expect(run.ended().sort()).toEqual(['m0', 'm1', 'm2', 'twice'])
    expect(run.begun().filter(id => id.startsWith('m'))).toHaveLength(3)
  })

  test('keeps the order of a FIFO queue', async () => {
    const queue = queues.create({ fifo: true })
    const messages = ['a1', 'b1', 'a2', 'b2', 'a3'].map(id => ({
      ...message(id, ...(id === 'a2' ? ['fail'] : [])),
      group: id.slice(0, 1),
    }))
    await queue.send(messages)
    await using run = await startRun(queues, queue, { ...options, copies: 2 })
    await vi.waitFor(() => expect(queue.size()).toBe(0), 60_000)
    await run.mapping.stop() // a batch is told after its messages are deleted
    expect(run.ended().filter(id => id.startsWith('a'))).toEqual(['a1', 'a2', 'a3'])
    expect(run.ended().filter(id => id.startsWith('b'))).toEqual(['b1', 'b2'])
  })

  test('killed in the middle of a batch loses nothing', async () => {
    const queue = queues.create()
    const messages = ids(6, 'slow')
    await queue.send(messages)
    await using run = await startRun(queues, queue, { ...options, batchSize: 3 })
    await vi.waitFor(() => expect(run.ended()).toHaveLength(1), { timeout: 60_000, interval: 20 })
    process.kill((run.functions[0] as LambdaFunction).pid ?? 0, 'SIGKILL')
    await vi.waitFor(() => expect(queue.size()).toBe(0), 60_000)
    await run.mapping.stop() // a batch is told after its messages are deleted
    expect(run.batches[0]).toMatchObject({ reason: 'Runtime.ExitError', deleted: [] })
    expect(new Set(run.ended())).toEqual(new Set(messages.map(({ id }) => id)))
  })

  test('reports what the deadline leaves no time to start, and keeps what it has done', async () => {
    const queue = queues.create()
    await queue.send(ids(10, 'slow', 'ok'))
    await using run = await startRun(queues, queue, { ...options, timeout: 2500 })
    await vi.waitFor(() => expect(queue.size()).toBe(0), 60_000)
    await run.mapping.stop() // a batch is told after its messages are deleted
    const [first, second] = run.batches
    expect(first?.invocation.functionError).toBe(undefined)
    expect(first?.deleted.length).toBeGreaterThan(0)
    expect(first?.batchItemFailures.length).toBeGreaterThan(0)
    expect(second?.deleted).toEqual(first?.batchItemFailures)
    // One that the answer did not wait for may have ended all the same, and comes again.
    expect(new Set(run.ended()).size).toBe(10)
  })
})
