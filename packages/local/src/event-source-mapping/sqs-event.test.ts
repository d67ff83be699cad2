import type { SQSRecord } from 'aws-lambda'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fitting, toRecord } from './sqs-event.ts'

const ARN = 'arn:aws:sqs:eu-central-1:000000000000:orders'

describe('a record', () => {
  test('has the binary value that a view of a larger buffer shows, and no more', () => {
    const BinaryValue = new Uint8Array([9, 9, 1, 2, 9]).subarray(2, 4)
    const MessageAttributes = { bytes: { DataType: 'Binary.gif', BinaryValue } }
    const { messageAttributes } = toRecord({ MessageId: 'm', ReceiptHandle: 'h', MessageAttributes }, ARN)
    expect(messageAttributes.bytes).toMatchObject({ binaryValue: 'AQI=', dataType: 'Binary.gif' })
  })

  test('takes an attribute of any name as one of its own', () => {
    const MessageAttributes = JSON.parse('{"__proto__":{"DataType":"String","StringValue":"x"}}')
    const { messageAttributes } = toRecord({ MessageId: 'm', ReceiptHandle: 'h', MessageAttributes }, ARN)
    expect(JSON.stringify(messageAttributes)).toMatch(/^{"__proto__":{"stringValue":"x",/)
  })

  test('of an empty string attribute keeps it', () => {
    const MessageAttributes = { empty: { DataType: 'String', StringValue: '' } }
    const { messageAttributes } = toRecord({ MessageId: 'm', ReceiptHandle: 'h', MessageAttributes }, ARN)
    expect(messageAttributes.empty?.stringValue).toBe('')
  })
})

test('an event has as many records as fit into its bytes, never one less, and at least one', () => {
  const bodies = fc.array(fc.string({ unit: 'binary', maxLength: 50 }), { minLength: 1, maxLength: 20 })
  fc.assert(
    fc.property(bodies, fc.nat(10_000), fc.integer({ min: -1, max: 1 }), (bodies, room, offset) => {
      const records = bodies.map((Body, index) => toRecord({ MessageId: `m${index}`, ReceiptHandle: 'h', Body }, ARN))
      const atLimit = bytesOf(records.slice(0, (room % records.length) + 1)) + offset
      const max = offset === 1 ? room : atLimit
      const count = fitting(records, max)
      if (count > 1) expect(bytesOf(records.slice(0, count))).toBeLessThanOrEqual(max)
      if (count < records.length) expect(bytesOf(records.slice(0, count + 1))).toBeGreaterThan(max)
      expect(count).toBeGreaterThan(0)
    }),
  )
})

function bytesOf(Records: readonly SQSRecord[]): number {
  return Buffer.byteLength(JSON.stringify({ Records }))
}
