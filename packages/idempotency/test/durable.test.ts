// Within a durable execution the handler runs from the top at each replay: it meets its own lock, and has it again.
import { type DurableContext, withDurableExecution } from '@aws/durable-execution-sdk-js'
import { LocalDurableTestRunner } from '@aws/durable-execution-sdk-js-testing'
import type { LambdaContext } from '@lambent/core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { idempotent, memoryStore } from '../src/index.ts'
import { plain } from './context.ts'

interface Durable {
  readonly order: string
  readonly durable: DurableContext
}

beforeAll(() => LocalDurableTestRunner.setupTestEnvironment({ skipTime: true }))
afterAll(() => LocalDurableTestRunner.teardownTestEnvironment())

it('a replay goes on with its own lock; another execution with the same key gets the result', async () => {
  let [runs, effects] = [0, 0]
  const pipeline = plain()
    .use(
      idempotent({
        store: memoryStore(),
        key: ({ event }) => (event as Durable).order,
        owner: ({ event }) => (event as Durable).durable.executionContext.durableExecutionArn,
      }),
    )
    .handle(async ({ event }) => {
      const { durable } = event as Durable
      runs++
      const charged = await durable.step('charge', async () => ++effects)
      await durable.wait({ seconds: 5 })
      return durable.step('mail', async () => `charge ${charged}`)
    })
  const handler = withDurableExecution(async ({ order }: { readonly order: string }, durable) =>
    pipeline({ order, durable }, durable.lambdaContext as unknown as LambdaContext),
  )
  const first = await new LocalDurableTestRunner({ handlerFunction: handler }).run({ payload: { order: 'a' } })
  expect([first.getResult(), runs, effects]).toEqual(['charge 1', 2, 1])
  const second = await new LocalDurableTestRunner({ handlerFunction: handler }).run({ payload: { order: 'a' } })
  expect([second.getResult(), runs, effects]).toEqual(['charge 1', 2, 1])
})
