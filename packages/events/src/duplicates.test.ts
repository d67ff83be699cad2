// A message twice in one batch: both are units with the same id, and a middleware that makes effects happen once can
// tell, whether they run at the same time or one after the other.
import { setTimeout as sleep } from 'node:timers/promises'
import { done, LambentError, type Middleware } from '@lambent/core'
import { lambdaContext, sqsEvent } from '@lambent/testing'
import { expect, it } from 'vitest'
import { listen } from '../test/telemetry.ts'
import { sqs } from './sqs.ts'

/** The shape of an idempotency middleware: acquire a key, refuse it while it is held, replay once it is completed. */
function once(): { readonly middleware: Middleware; readonly seen: string[] } {
  const states = new Map<string, 'in progress' | 'completed'>()
  const seen: string[] = []
  const middleware: Middleware = async (ctx, next) => {
    const state = states.get(ctx.unit.id)
    seen.push(`${ctx.unit.id} ${state ?? 'new'}`)
    if (state === 'completed') return done()
    if (state === 'in progress') throw new LambentError('in progress', { retryable: true })
    states.set(ctx.unit.id, 'in progress')
    const result = await next()
    states.set(ctx.unit.id, 'completed')
    return result
  }
  return { middleware, seen }
}

const twice = sqsEvent([{ messageId: 'a' }, { messageId: 'a' }, { messageId: 'b' }])

it('one after the other: the second sees the first completed', async () => {
  const { middleware, seen } = once()
  let effects = 0
  const handler = sqs()
    .each({ concurrency: 1 })
    .use(middleware)
    .handle(() => {
      effects++
    })
  expect(await handler(twice, lambdaContext())).toEqual({ batchItemFailures: [] })
  expect(seen).toEqual(['a new', 'a completed', 'b new'])
  expect(effects).toBe(2)
})

it('at the same time: the second sees the first in progress, and its id is reported once', async () => {
  const { middleware, seen } = once()
  let effects = 0
  const handler = sqs()
    .use(listen())
    .each()
    .use(middleware)
    .handle(async () => {
      await sleep(5)
      effects++
    })
  expect(await handler(twice, lambdaContext())).toEqual({ batchItemFailures: [{ itemIdentifier: 'a' }] })
  expect(seen).toEqual(['a new', 'a in progress', 'b new'])
  expect(effects).toBe(2)
})
