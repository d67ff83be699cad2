import { expect, test } from 'vitest'
import { kinesisRecord, kinesisStreamEvent } from './kinesis-stream-event.ts'

const text = (base64: string) => Buffer.from(base64, 'base64').toString()

test('objects and bytes become base64, and base64 stays', () => {
  expect(text(kinesisRecord({ kinesis: { data: { a: 1 } } }).kinesis.data)).toBe('{"a":1}')
  expect(kinesisRecord({ kinesis: { data: Uint8Array.of(255, 0) } }).kinesis.data).toBe('/wA=')
  expect(kinesisRecord({ kinesis: { data: 'aGk=' } }).kinesis.data).toBe('aGk=')
})

test('the event id holds the sequence number', () => {
  expect(kinesisRecord({ kinesis: { sequenceNumber: '42' } }).eventID).toBe('shardId-000000000006:42')
})

test('sequence numbers ascend as numbers and as texts', () => {
  const { Records } = kinesisStreamEvent([{}, kinesisRecord(), {}, kinesisRecord()])
  const numbers = Records.map(record => record.kinesis.sequenceNumber)
  expect(numbers).toEqual([...new Set(numbers)].sort())
  expect(Records.map(record => record.eventID.split(':')[1])).toEqual(numbers)
})

test('the arrival is in seconds, with ms as a fraction', () => {
  expect(kinesisRecord({}, { now: 1_500 }).kinesis.approximateArrivalTimestamp).toBe(1.5)
})

test('undefined deletes', () => {
  expect(kinesisRecord({ kinesis: { data: undefined } }).kinesis).not.toHaveProperty('data')
  expect(kinesisRecord({ kinesis: undefined })).not.toHaveProperty('kinesis')
})
