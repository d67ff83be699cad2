import { expect, test } from 'vitest'
import { eventBridgeEvent } from './event-bridge-event.ts'

const placed = {
  source: 'com.example.shop',
  'detail-type': 'OrderPlaced',
  detail: { orderId: 'o-1', tags: ['a'] },
} as const

test('is complete', () => {
  expect(eventBridgeEvent(placed)).toEqual({
    version: '0',
    id: expect.stringMatching(/^[0-9a-f-]{36}$/),
    account: '123456789012',
    time: '2026-01-15T12:00:00Z',
    region: 'eu-west-1',
    resources: [],
    ...placed,
  })
})

test('the detail is a copy', () => {
  const event = eventBridgeEvent(placed)
  expect(event.detail).not.toBe(placed.detail)
  expect(event.detail.tags).not.toBe(placed.detail.tags)
})

test('a detail need not be an object', () => {
  expect(eventBridgeEvent({ ...placed, detail: 'text' }).detail).toBe('text')
  expect(eventBridgeEvent({ ...placed, detail: null }).detail).toBe(null)
})

test('other fields are laid over', () => {
  const event = eventBridgeEvent({ ...placed, 'replay-name': 'again', resources: ['arn:x'], id: undefined })
  expect(event).toMatchObject({ 'replay-name': 'again', resources: ['arn:x'] })
  expect(event).not.toHaveProperty('id')
})
