// What a function, or the end of its process, does to the messages that it was given: over the wire, in real processes.
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { ids, message, REPORTING, type Run, type RunOptions, removeNotes, startRun } from '../../test/mapping.ts'
import { type Queues, startQueues, type TestQueue } from '../../test/queues.ts'
import type { LambdaFunction } from '../index.ts'

let queues: Queues
const start = (queue: TestQueue, options?: RunOptions): Promise<Run> => startRun(queues, queue, options)

beforeAll(async () => {
  queues = await startQueues()
})
afterAll(async () => {
  await queues[Symbol.asyncDispose]()
  removeNotes()
})

describe.concurrent('what failed', () => {
  test('by report comes again after the visibility timeout, counted, and the others do not', async () => {
    const queue = queues.create()
    const [first, second] = await queue.send([{ id: 'a' }, message('b', 'fail', 'fail')])
    await using run = await start(queue, REPORTING)
    await vi.waitFor(() => expect(queue.size()).toBe(0), 60_000)
    await run.mapping.stop() // a batch is told after its messages are deleted
    expect(run.batches).toMatchObject([
      { deleted: [first], batchItemFailures: [second], reason: undefined },
      { deleted: [], batchItemFailures: [second] },
      { deleted: [second], batchItemFailures: [] },
    ])
    const records = run.batches.map(({ event }) => event.Records.find(({ messageId }) => messageId === second))
    expect(records.map(record => record?.attributes.ApproximateReceiveCount)).toEqual(['1', '2', '3'])
    expect(new Set(records.map(record => record?.attributes.ApproximateFirstReceiveTimestamp)).size).toBe(1)
    const received = Number(records[0]?.attributes.ApproximateFirstReceiveTimestamp)
    expect(performance.timeOrigin + (run.times[1] ?? 0) - received).toBeGreaterThan(2990)
    expect(run.ended().sort()).toEqual(['a', 'b'])
  })

  test('as often as maxReceiveCount is in the dead-letter queue', async () => {
    const queue = queues.create({ maxReceiveCount: 2 })
    const bad = message('bad', 'fail', 'fail', 'fail')
    await queue.send([{ id: 'good' }, bad])
    await using run = await start(queue, REPORTING)
    await vi.waitFor(() => expect(queue.deadLetters()).toEqual([JSON.stringify(bad)]), 60_000)
    expect(queue.size()).toBe(0)
    expect(run.begun().filter(id => id === 'bad')).toHaveLength(2)
    expect(run.begun().filter(id => id === 'good')).toHaveLength(1)
  })

  test.each([
    ['throw', 'Error'],
    ['exit', 'Runtime.ExitError'],
    ['hang', 'Sandbox.Timedout'],
  ])('by a handler that does %s is the whole batch, with its successes', async (outcome, reason) => {
    const queue = queues.create()
    const sent = await queue.send([{ id: 'a' }, message('b', outcome)])
    await using run = await start(queue, REPORTING)
    await vi.waitFor(() => expect(queue.size()).toBe(0), 60_000)
    await run.mapping.stop() // a batch is told after its messages are deleted
    expect(run.batches[0]).toMatchObject({ deleted: [], batchItemFailures: sent, reason })
    expect(run.batches[0]?.invocation.functionError).toBe('Unhandled')
    expect(run.ended().sort()).toEqual(['a', 'a', 'b'])
  })

  test('is not seen without ReportBatchItemFailures: the response is ignored, and the reason says so', async () => {
    const queue = queues.create()
    const sent = await queue.send([{ id: 'a' }, message('b', 'fail')])
    await using run = await start(queue)
    expect(await run.batch(0)).toMatchObject({
      deleted: sent,
      batchItemFailures: [],
      reason: expect.stringContaining('functionResponseTypes lacks ReportBatchItemFailures'),
    })
    expect(queue.size()).toBe(0)
  })
})

describe.concurrent('a FIFO queue', () => {
  test('keeps the order of each group under failures, and groups do not wait for each other', async () => {
    const queue = queues.create({ fifo: true })
    const plans: Record<string, string[]> = { a2: ['fail', 'fail'], b1: ['throw'], c3: ['fail'] }
    const messages = ['a1', 'b1', 'c1', 'a2', 'b2', 'c2', 'a3', 'b3', 'c3', 'd1'].map(id => ({
      id,
      group: id.slice(0, 1),
      plan: plans[id] ?? [],
    }))
    await queue.send(messages)
    await using run = await start(queue, { ...REPORTING, copies: 2 })
    await vi.waitFor(() => expect(queue.size()).toBe(0), 60_000)
    await run.mapping.stop() // a batch is told after its messages are deleted
    for (const group of ['a', 'b', 'c', 'd']) {
      // One of a batch that failed as a whole may come twice; it is its last end that counts.
      const order = run.ended().filter(id => id.startsWith(group))
      const lasts = [...new Set(order.toReversed())].toReversed()
      expect(lasts).toEqual(messages.filter(message => message.group === group).map(({ id }) => id))
    }
    expect(run.ended().indexOf('c2')).toBeLessThan(run.ended().indexOf('a2'))
  })

  test('moves what failed too often to its dead-letter queue, and the group goes on', async () => {
    const queue = queues.create({ fifo: true, maxReceiveCount: 2 })
    const bad = { ...message('bad', 'fail', 'fail', 'fail'), group: 'g' }
    await queue.send([{ id: 'first', group: 'g' }, bad, { id: 'last', group: 'g' }])
    await using run = await start(queue, REPORTING)
    await vi.waitFor(() => expect(queue.size()).toBe(0), 60_000)
    await run.mapping.stop() // a batch is told after its messages are deleted
    expect(queue.deadLetters()).toEqual([JSON.stringify(bad)])
    expect(run.ended()).toEqual(['first', 'last'])
  })
})

describe.concurrent('a function', () => {
  test('that is killed in the middle of a batch loses nothing', async () => {
    const queue = queues.create()
    const messages = ids(16, 'slow')
    await queue.send(messages)
    await using run = await start(queue, { ...REPORTING, batchSize: 4 })
    const underWay = () => run.begun().length - run.ended().length
    // On a busy machine the signal may find the function between two batches: then once more.
    const killed = () => run.batches.filter(({ reason }) => reason === 'Runtime.ExitError').length
    while (killed() < 2) {
      const cutOff = underWay()
      await vi.waitFor(() => expect(underWay()).toBeGreaterThan(cutOff), { timeout: 60_000, interval: 20 })
      const before = run.batches.length
      const { pid } = run.functions[0] as LambdaFunction
      if (pid !== undefined) process.kill(pid, 'SIGKILL')
      await vi.waitFor(() => expect(run.batches.length).toBeGreaterThan(before), 60_000)
    }
    await vi.waitFor(() => expect(queue.size()).toBe(0), 60_000)
    await run.mapping.stop() // a batch is told after its messages are deleted
    expect(new Set(run.ended())).toEqual(new Set(messages.map(({ id }) => id)))
    expect(run.errors).toEqual([])
  })

  test('that kills itself at one message does not take the others to the dead-letter queue with it', async () => {
    const queue = queues.create({ maxReceiveCount: 2 })
    const poison = message('poison', 'kill', 'kill')
    await queue.send([...ids(3), poison])
    await using run = await start(queue, { batchSize: 1 })
    await vi.waitFor(() => expect(queue.deadLetters()).toEqual([JSON.stringify(poison)]), 60_000)
    expect(queue.size()).toBe(0)
    expect(run.ended().sort()).toEqual(['m0', 'm1', 'm2'])
  })

  test('in several copies handles that many batches at once, up to maximumConcurrency', async () => {
    const queue = queues.create({ visibilityTimeout: 10 })
    await queue.send(ids(6, 'slow'))
    await using run = await start(queue, { copies: 3, maximumConcurrency: 2, batchSize: 1 })
    await vi.waitFor(() => expect(queue.size()).toBe(0), 60_000)
    await run.mapping.stop() // a batch is told after its messages are deleted
    expect(mostAtOnce(run.notes())).toBe(2)
    expect(run.functions.map(({ requestCount }) => requestCount > 0)).toEqual([true, true, false])
  })

  test('that has been stopped is an error, told again and again with longer pauses', async () => {
    const queue = queues.create({ visibilityTimeout: 30 })
    await using run = await start(queue, { batchSize: 1 })
    await run.functions[0]?.stop()
    await queue.send(ids(3))
    await vi.waitFor(() => expect(run.errors.length).toBeGreaterThanOrEqual(3), 60_000)
    expect(run.errors[0]?.message).toMatch(
      /: sqs was not invoked: .* has been stopped\. .*startFunction\. Going on in \d+ ms\.$/,
    )
    expect(queue.size()).toBe(3)
  })
})

function mostAtOnce(notes: readonly string[]): number {
  let running = 0
  return Math.max(...notes.map(note => (note.startsWith('begin') ? ++running : --running)))
}
