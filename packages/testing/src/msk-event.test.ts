import { expect, test } from 'vitest'
import { mskEvent, mskRecord } from './msk-event.ts'

test('records are by topic and partition, with offsets that ascend in each', () => {
  const { records } = mskEvent([{}, { topic: 'clicks', partition: 2 }, mskRecord(), { offset: 9 }, {}])
  expect(Object.keys(records)).toEqual(['orders-0', 'clicks-2'])
  expect(records['orders-0']?.map(record => record.offset)).toEqual([0, 1, 9, 10])
  expect(records['clicks-2']?.[0]).toMatchObject({ topic: 'clicks', partition: 2, offset: 0 })
})

test('objects and bytes become base64, and base64 stays', () => {
  expect(mskRecord({ key: Uint8Array.of(1), value: { a: 1 } })).toMatchObject({ key: 'AQ==', value: 'eyJhIjoxfQ==' })
  expect(mskRecord({ value: 'aGk=' }).value).toBe('aGk=')
})

test('an undefined key is left out', () => {
  expect(mskRecord({ key: undefined })).not.toHaveProperty('key')
})
