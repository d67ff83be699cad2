// Handlers as a user writes them, one for each source.
import { type Middleware, PermanentError } from '@lambent/core'
import { dynamoDbStream } from '@lambent/events/dynamodb-streams'
import { eventBridge } from '@lambent/events/eventbridge'
import { s3 } from '@lambent/events/s3'
import { sqs } from '@lambent/events/sqs'
import { http, NotFoundError } from '@lambent/http'
import { json, parse } from '@lambent/schema'
import * as z from 'zod'

const Payment = z.object({ paymentId: z.string(), amount: z.number() })
const Order = z.object({
  orderId: z.string(),
  items: z.array(z.object({ sku: z.string(), quantity: z.int().positive() })),
})

const numbered: Middleware<unknown, { count: number }> = async (_ctx, next) => next({ count: 1 })

export const done: string[] = []

export const api = http()
  .use(numbered)
  .use(parse(json(Order)))
  .handle(({ body, count, request }) => {
    if (request.path === '/nowhere') throw new NotFoundError('nothing here')
    return { status: 201, body: { id: body.orderId, lines: body.items.length, count } }
  })

export const queue = sqs()
  .use(numbered)
  .each()
  .use(parse(json(Payment)))
  .handle(({ body, count }) => {
    done.push(`${body.paymentId} ${count}`)
  })

export const uploads = s3()
  .each()
  .handle(({ object }) => {
    if (object.key === '') throw new PermanentError('no key')
    done.push(object.key)
  })

export const stream = dynamoDbStream()
  .each()
  .handle(({ change }) => {
    done.push(change.eventName === 'REMOVE' ? String(change.oldImage.status) : String(change.newImage.ledgerId))
  })

export const bus = eventBridge<{ orderId: string }>().handle(({ detail }) => {
  done.push(detail.orderId)
})
