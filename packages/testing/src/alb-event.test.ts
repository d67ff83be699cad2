import { expect, test } from 'vitest'
import { albEvent } from './alb-event.ts'

test('keeps the last of repeated headers and parameters', () => {
  const event = albEvent({ query: { tag: ['a b', 'c&d'] }, headers: { 'X-Tag': ['1', '2'] } })
  expect(event.queryStringParameters).toEqual({ tag: 'c%26d' })
  expect(event.headers?.['x-tag']).toBe('2')
})

test('keeps all of them with multi-value headers on', () => {
  const event = albEvent(
    { query: { tag: ['a b', 'c&d'] }, headers: { 'X-Tag': ['1', '2'] } },
    { multiValueHeaders: true },
  )
  expect(event.multiValueQueryStringParameters).toEqual({ tag: ['a%20b', 'c%26d'] })
  expect(event.multiValueHeaders?.['x-tag']).toEqual(['1', '2'])
  expect(event).not.toHaveProperty('headers')
})
