import { STATUS_CODES } from 'node:http'
import { expect, test } from 'vitest'
import { reason } from './reason.ts'

// Names that RFC 9110 changed after Node had them, and one that it has and IANA has not.
const NEWER: Record<string, string> = { 413: 'Content Too Large', 422: 'Unprocessable Content' }

test('the phrases are those of Node, where RFC 9110 has no newer one', () => {
  const known = Object.entries(STATUS_CODES).filter(([status]) => reason(Number(status)) !== 'Unknown')
  expect(known.length).toBeGreaterThan(50)
  for (const [status, phrase] of known) expect(reason(Number(status))).toBe(NEWER[status] ?? phrase)
})

test('every status of RFC 9110 from 200 on is known', () => {
  const all = [200, 201, 202, 203, 204, 205, 206, 300, 301, 302, 303, 304, 307, 308, 421, 422, 426]
  const more = Array.from({ length: 18 }, (_, i) => 400 + i).concat([500, 501, 502, 503, 504])
  for (const status of [...all, ...more]) expect(reason(status)).not.toBe('Unknown')
  expect(reason(299)).toBe('Unknown')
})
