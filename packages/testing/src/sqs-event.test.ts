import { describe, expect, test } from 'vitest'
import { sqsEvent, sqsRecord } from './sqs-event.ts'

const fifo = 'arn:aws:sqs:us-east-2:123456789012:orders.fifo'

describe('sqsRecord', () => {
  test('an object body is its JSON, and the MD5 is that of the text', () => {
    const record = sqsRecord({ body: { a: 1 } })
    expect(record.body).toBe('{"a":1}')
    expect(record.md5OfBody).toBe('bb6cb5c68df4652941caf652a366f2d8')
  })

  test('a text body stays as it is', () => {
    expect(sqsRecord({ body: 'not JSON' }).body).toBe('not JSON')
  })

  test('the message id is a UUID', () => {
    expect(sqsRecord().messageId).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  })

  test('a FIFO queue adds group, deduplication id and sequence number', () => {
    const { attributes, awsRegion } = sqsRecord({
      eventSourceARN: fifo,
      body: 'x',
      attributes: { MessageGroupId: 'A' },
    })
    expect(awsRegion).toBe('us-east-2')
    expect(attributes).toMatchObject({
      MessageGroupId: 'A',
      MessageDeduplicationId: '2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881',
      SequenceNumber: expect.stringMatching(/^\d{20}$/),
    })
    expect(sqsRecord().attributes).not.toHaveProperty('MessageGroupId')
  })

  test('message attributes have their MD5', () => {
    const sent = sqsRecord({ messageAttributes: { timestamp: { dataType: 'Number', stringValue: '1493147359900' } } })
    expect(sent.md5OfMessageAttributes).toBe('235c5c510d26fb653d073faed50ae77c')
    expect(sqsRecord()).not.toHaveProperty('md5OfMessageAttributes')
  })

  test('times are ms as text, and follow the clock', () => {
    const { attributes } = sqsRecord({}, { now: 1_000_000 })
    expect(attributes).toMatchObject({ SentTimestamp: '999950', ApproximateFirstReceiveTimestamp: '1000000' })
  })

  test('a body that JSON cannot carry is refused with its place', () => {
    expect(() => sqsRecord({ body: { n: [1n] } })).toThrow('JSON cannot carry body.n[0]: it is a bigint')
    expect(() => sqsRecord({ body: Buffer.from('x') })).toThrow('JSON cannot carry body: it is bytes')
  })

  test('an undefined body is left out', () => {
    expect(sqsRecord({ body: undefined })).not.toHaveProperty('body')
  })
})

describe('sqsEvent', () => {
  test('numbers what was not given, in whichever way the records were made', () => {
    const { Records } = sqsEvent([
      { eventSourceARN: fifo },
      sqsRecord({ eventSourceARN: fifo }),
      { eventSourceARN: fifo },
    ])
    expect(new Set(Records.map(record => record.messageId)).size).toBe(3)
    expect(new Set(Records.map(record => record.receiptHandle)).size).toBe(3)
    const sequence = Records.map(record => record.attributes.SequenceNumber)
    expect(sequence).toEqual([...new Set(sequence)].sort())
  })

  test('keeps ids that were given, also twice', () => {
    const { Records } = sqsEvent([{ messageId: 'm' }, sqsRecord({ messageId: 'm' })])
    expect(Records.map(record => record.messageId)).toEqual(['m', 'm'])
  })

  test('has one message by default, and the same one each time', () => {
    expect(sqsEvent().Records).toHaveLength(1)
    expect(sqsEvent()).toEqual(sqsEvent())
  })
})
