// The events that the stacks are given, good and bad.
import { randomUUID } from 'node:crypto'
import { apiGatewayProxyEventV2, sqsEvent } from '@lambent/testing'
import type { StackName } from '../lib/contenders.ts'

export interface Order {
  readonly orderId: string
  readonly items: readonly { readonly sku: string; readonly quantity: number }[]
}

/** Of seven units. */
export const order = (orderId: string = randomUUID()): Order => ({
  orderId,
  items: [
    { sku: 'A-1', quantity: 2 },
    { sku: 'B-2', quantity: 5 },
  ],
})
/** Its second item is in the wrong. */
export const wrongOrder = (orderId: string = randomUUID()): object => ({
  orderId,
  items: [
    { sku: 'A-1', quantity: 2 },
    { sku: '', quantity: -5 },
  ],
})

export const post = (body: string): unknown =>
  apiGatewayProxyEventV2({ method: 'POST', path: '/orders', headers: { 'content-type': 'application/json' }, body })

export const messages = (bodies: readonly string[]): unknown => sqsEvent(bodies.map(body => ({ body })))

/** The event that is timed. */
export function timedEvent(stack: StackName, entry: string): unknown {
  if (stack === 'aws-call') return { orderId: randomUUID() }
  if (stack === 'http' || entry === 'packages/http') return post(JSON.stringify(order()))
  if (stack === 'sqs') return tenMessages()
  return messages([JSON.stringify(order())])
}

export const BAD = [3, 6]
export const tenMessages = (): unknown =>
  messages(
    Array.from({ length: 10 }, (_, i) =>
      i === BAD[0] ? '{"orderId":' : JSON.stringify(i === BAD[1] ? wrongOrder() : order()),
    ),
  )
