// The types of `idempotent()`: what the key is made of flows from the pipeline.
import { sqs } from '@lambent/events/sqs'
import { http } from '@lambent/http'
import { json, parse } from '@lambent/schema'
import { describe, expectTypeOf, it } from 'vitest'
import * as z from 'zod'
import { idempotencyKeyHeader, idempotent, memoryStore } from './index.ts'

const Order = z.object({ orderId: z.string(), amount: z.number() })
const store = memoryStore()

describe('the key', () => {
  it('is made of what the pipeline provides, without a word about types', () => {
    sqs()
      .each()
      .use(parse(json(Order)))
      .use(
        idempotent({
          store,
          key: ({ body, message }) => {
            expectTypeOf(body.orderId).toEqualTypeOf<string>()
            expectTypeOf(message.id).toEqualTypeOf<string>()
            return body.orderId
          },
          validate: ({ body }) => body.amount,
        }),
      )
      .handle(({ body }) => {
        expectTypeOf(body).toEqualTypeOf<{ orderId: string; amount: number }>()
      })
  })

  it('may say what it needs', () => {
    const byOrder = idempotent({
      store,
      key: ({ body }: { readonly body: { readonly orderId: string } }) => body.orderId,
    })
    sqs()
      .each()
      .use(parse(json(Order)))
      .use(byOrder)
    // @ts-expect-error ctx.body is needed here, but no earlier .use() provides it
    sqs().each().use(byOrder)
  })

  it('of a header needs a request', () => {
    http().use(idempotent({ store, ...idempotencyKeyHeader() }))
    // @ts-expect-error ctx.request is needed here, but no earlier .use() provides it
    sqs().use(idempotent({ store, ...idempotencyKeyHeader() }))
  })
})
