import fc from 'fast-check'
import { expect, test } from 'vitest'
import { s3Event, s3Record, s3TestEvent } from './s3-event.ts'

test('a key is encoded as S3 does it', () => {
  expect(s3Record({ key: 'invoices/2026/café menu(1).pdf' }).s3.object.key).toBe(
    'invoices/2026/caf%C3%A9+menu%281%29.pdf',
  )
})

test('any key comes back when it is decoded', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), key => {
      const encoded = s3Record({ key }).s3.object.key
      expect(decodeURIComponent(encoded.replaceAll('+', ' '))).toBe(key)
    }),
  )
})

test('a key of the event itself stays as it is', () => {
  expect(s3Record({ s3: { object: { key: 'a%20b' } } }).s3.object.key).toBe('a%20b')
})

test('the bucket has its name in the ARN, however it was given', () => {
  expect(s3Record({ bucket: 'inbox' }).s3.bucket).toMatchObject({ name: 'inbox', arn: 'arn:aws:s3:::inbox' })
  expect(s3Record({ s3: { bucket: { name: 'inbox' } } }).s3.bucket.arn).toBe('arn:aws:s3:::inbox')
})

test('a removed object has neither size nor ETag', () => {
  const { object } = s3Record({ eventName: 'ObjectRemoved:Delete' }).s3
  expect(Object.keys(object).sort()).toEqual(['key', 'sequencer'])
})

test('sequencers ascend, and request ids differ', () => {
  const { Records } = s3Event([{}, s3Record(), {}])
  const sequencers = Records.map(record => record.s3.object.sequencer)
  expect(sequencers).toEqual([...new Set(sequencers)].sort())
  expect(new Set(Records.map(record => record.responseElements['x-amz-request-id'])).size).toBe(3)
})

test('the test event has no records', () => {
  const event = s3TestEvent({ Bucket: 'inbox' })
  expect(event).toMatchObject({ Service: 'Amazon S3', Event: 's3:TestEvent', Bucket: 'inbox' })
  expect(event).not.toHaveProperty('Records')
})
