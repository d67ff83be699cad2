import { expect, test } from 'vitest'
import { firehoseTransformationEvent, firehoseTransformationRecord } from './firehose-transformation-event.ts'

test('objects and bytes become base64, and base64 stays', () => {
  const { records } = firehoseTransformationEvent([{ data: { a: 1 } }, { data: Uint8Array.of(1) }, { data: 'aGk=' }])
  expect(records.map(record => record.data)).toEqual(['eyJhIjoxfQ==', 'AQ==', 'aGk='])
})

test('record ids are unique in an event', () => {
  const { records } = firehoseTransformationEvent([{}, firehoseTransformationRecord(), {}])
  expect(new Set(records.map(record => record.recordId)).size).toBe(3)
})

test('the region follows from the delivery stream', () => {
  const deliveryStreamArn = 'arn:aws:firehose:us-east-2:123456789012:deliverystream/clicks'
  expect(firehoseTransformationEvent([], { deliveryStreamArn })).toMatchObject({ region: 'us-east-2', records: [] })
})
