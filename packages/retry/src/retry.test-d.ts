// What compiles, and what does not: what stands after these middlewares keeps what came before, and functions their types.
import type { DynamoDB } from '@aws-sdk/client-dynamodb'
import type { Middleware } from '@lambent/core'
import { sqs } from '@lambent/events/sqs'
import { expectTypeOf, test } from 'vitest'
import {
  type Attempt,
  bulkhead,
  circuitBreaker,
  dynamoDbCircuitStore,
  retriesOf,
  retry,
  type Scope,
  timeout,
  withCircuitBreaker,
  withRetry,
} from './index.ts'

declare const user: Middleware<unknown, { user: { name: string } }>
declare const sdk: DynamoDB

test('the middlewares need nothing, and keep what the context has', () => {
  expectTypeOf(retry()).toEqualTypeOf<Middleware>()
  expectTypeOf(timeout(100)).toEqualTypeOf<Middleware>()
  sqs()
    .use(timeout())
    .each()
    .use(user)
    .use(retry())
    .use(circuitBreaker({ name: 'psp', store: dynamoDbCircuitStore({ tableName: 'circuits', client: sdk }) }))
    .use(bulkhead({ concurrency: 5 }))
    .handle(ctx => {
      expectTypeOf(ctx.user.name).toEqualTypeOf<string>()
      expectTypeOf(ctx.message.body).toEqualTypeOf<string>()
      expectTypeOf(ctx.signal).toEqualTypeOf<AbortSignal>()
    })
})

test('withRetry keeps the arguments and the result of a function', () => {
  const charge = withRetry(async ({ signal, attempt }, id: string, amount: number) => ({ id, amount, signal, attempt }))
  expectTypeOf(charge).parameters.toEqualTypeOf<[scope: Scope, id: string, amount: number]>()
  expectTypeOf(charge({}, 'a', 1)).resolves.toEqualTypeOf<{
    id: string
    amount: number
    signal: AbortSignal
    attempt: number
  }>()
  // @ts-expect-error an argument of another type
  void charge({}, 1, 1)
  sqs()
    .each()
    .handle(async ctx => void (await charge(ctx, ctx.message.id, 1)))
})

test('withCircuitBreaker stands inside of withRetry', () => {
  const guarded = withCircuitBreaker(async ({ signal }: Attempt, id: string) => ({ id, signal }), { name: 'psp' })
  expectTypeOf(withRetry(guarded)).parameters.toEqualTypeOf<[scope: Scope, id: string]>()
})

test('options that are none do not compile', () => {
  // @ts-expect-error a misspelt option
  retry({ attempt: 3 })
  // @ts-expect-error the name is needed
  circuitBreaker({})
  // @ts-expect-error the concurrency is needed
  bulkhead({})
  expectTypeOf(retriesOf(new Error('x'))?.errors).toEqualTypeOf<readonly unknown[] | undefined>()
})
