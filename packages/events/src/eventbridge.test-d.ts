import type { EventBridgeEvent } from 'aws-lambda'
import { expectTypeOf, it } from 'vitest'
import { eventBridge } from './eventbridge.ts'

interface Order {
  id: string
}

it('detail is unknown, source and detail-type are strings, unless something is said', () => {
  eventBridge().handle(({ detail, source, detailType }) => {
    expectTypeOf(detail).toBeUnknown()
    expectTypeOf(source).toEqualTypeOf<string>()
    expectTypeOf(detailType).toEqualTypeOf<string>()
  })
})

it('the options narrow source and detail-type', () => {
  eventBridge({ source: 'shop', detailType: ['OrderPlaced', 'OrderPaid'] }).handle(({ source, detailType, event }) => {
    expectTypeOf(source).toEqualTypeOf<'shop'>()
    expectTypeOf(detailType).toEqualTypeOf<'OrderPlaced' | 'OrderPaid'>()
    expectTypeOf(event['detail-type']).toEqualTypeOf<'OrderPlaced' | 'OrderPaid'>()
    expectTypeOf(event.source).toEqualTypeOf<'shop'>()
  })
})

it('the detail can be typed', () => {
  const handler = eventBridge<Order>({ source: 'shop' }).handle(({ detail, event }) => {
    expectTypeOf(detail).toEqualTypeOf<Order>()
    expectTypeOf(event.detail).toEqualTypeOf<Order>()
  })
  expectTypeOf(handler).parameter(0).toEqualTypeOf<EventBridgeEvent<string, Order>>()
})

it('all three can be typed, and the options are then of these', () => {
  eventBridge<Order, 'OrderPlaced', 'shop'>({ source: 'shop', detailType: 'OrderPlaced' }).handle(
    ({ detailType, source }) => {
      expectTypeOf(detailType).toEqualTypeOf<'OrderPlaced'>()
      expectTypeOf(source).toEqualTypeOf<'shop'>()
    },
  )
  // @ts-expect-error
  eventBridge<Order, 'OrderPlaced', 'shop'>({ source: 'warehouse' })
})

it('has no records, and so no .each()', () => {
  // @ts-expect-error
  eventBridge().each
  expectTypeOf(eventBridge()).not.toHaveProperty('each')
})
