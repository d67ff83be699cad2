// Whatever a function does with its messages, over the wire: each ends as deleted or in the dead-letter queue.
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { REPORTING, removeNotes, startRun } from '../../test/mapping.ts'
import { type Queues, startQueues } from '../../test/queues.ts'

let queues: Queues

beforeAll(async () => {
  queues = await startQueues()
})
afterAll(async () => {
  await queues[Symbol.asyncDispose]()
  removeNotes()
})

test.concurrent.each([
  ['standard', false],
  ['FIFO', true],
])('each message of a %s queue ends as deleted or in the dead-letter queue, and none is lost', async (_, fifo) => {
  const plan = fc.array(fc.constantFrom('ok', 'ok', 'fail', 'throw', 'kill', 'exit'), { maxLength: 3 })
  const plans = fc.array(plan, { minLength: 20, maxLength: 40 })
  await fc.assert(
    fc.asyncProperty(plans, async plans => {
      const maxReceiveCount = 2
      const queue = queues.create({ fifo, maxReceiveCount })
      const messages = plans.map((plan, index) => ({
        id: `m${index}`,
        plan,
        ...(fifo && { group: `g${index % 20}` }),
      }))
      const sent = await queue.send(messages)
      await using run = await startRun(queues, queue, { ...REPORTING, batchSize: 4, copies: 2 })
      await vi.waitFor(() => expect(queue.size()).toBe(0), { timeout: 80_000, interval: 100 })
      await run.mapping.stop() // a batch is told after its messages are deleted

      const dead = new Set(queue.deadLetters().map(body => (JSON.parse(body) as { id: string }).id))
      const ended = new Set(run.ended())
      for (const [index, { id }] of messages.entries()) {
        const messageId = sent[index] ?? ''
        const batches = run.batches.filter(({ event }) => event.Records.some(record => record.messageId === messageId))
        const deletions = batches.filter(({ deleted }) => deleted.includes(messageId))
        if (dead.has(id)) {
          expect(deletions).toHaveLength(0)
          expect(batches).toHaveLength(maxReceiveCount)
        } else {
          expect(deletions).toEqual(batches.slice(-1))
          expect(batches.at(-1)?.invocation.functionError).toBe(undefined)
          expect(ended.has(id)).toBe(true)
        }
      }
      expect(run.errors).toEqual([])
    }),
    { numRuns: 1 },
  )
})
