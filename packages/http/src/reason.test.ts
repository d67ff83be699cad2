import { STATUS_CODES } from 'node:http'
import { expect, test } from 'vitest'
import { reason } from './reason.ts'

// Names that RFC 9110 has changed since Node took them up.
const NEWER: Record<string, string> = { 413: 'Content Too Large', 422: 'Unprocessable Content' }

test('the phrases are those of Node, where RFC 9110 has no newer one', () => {
  for (const [status, phrase] of Object.entries(STATUS_CODES))
    expect(reason(Number(status))).toBe(NEWER[status] ?? phrase)
})

test('what is registered nowhere is Unknown', () => {
  expect(reason(299)).toBe('Unknown')
})
