import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { bodyOf, parseErrorOf } from '../test/source.ts'
import { base64, bytes, json, sns, text } from './index.ts'

const notification = (Message: string) => ({
  Type: 'Notification',
  MessageId: 'm-1',
  TopicArn: 'arn:aws:sns:eu-central-1:123456789012:orders',
  Message,
  Timestamp: '2026-11-23T10:00:00.000Z',
  SignatureVersion: '1',
})

describe('sns', () => {
  it('gives any message back: from the body of an SQS message, from an SNS record, from a notification', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary' }), async message => {
        const parsed = notification(message)
        for (const raw of [JSON.stringify(parsed), parsed, { EventSource: 'aws:sns', Sns: parsed }])
          expect(await bodyOf(sns(text), raw)).toBe(message)
      }),
    )
  })

  it('decodes the message further', async () => {
    expect(await bodyOf(sns(json(z.object({ a: z.number() }))), JSON.stringify(notification('{"a":1}')))).toEqual({
      a: 1,
    })
    expect([...(await bodyOf(sns(base64(bytes)), notification('AQI=')))]).toEqual([1, 2])
  })

  it('says in its errors that they are about the message', async () => {
    const error = await parseErrorOf(
      bodyOf(sns(json(z.object({ a: z.number() }))), JSON.stringify(notification('{"a":"x"}'))),
    )
    expect(error.message).toBe(
      'body.Message: does not match its schema: /a Invalid input: expected number, received string',
    )
  })

  it.each([
    ['a message that was delivered raw', '{"a":1}', 'there is no Message; with raw message delivery, leave sns() out'],
    ['another type', '{"Type":"SubscriptionConfirmation","Message":"…"}', 'its Type is another'],
  ])('says what it is when it is %s', async (_name, raw, why) => {
    const error = await parseErrorOf(bodyOf(sns(text), raw))
    expect(error).toMatchObject({ code: 'MalformedEnvelope', status: 400, retryable: false })
    expect(error.message).toBe(`body: expected an SNS notification: ${why}`)
  })

  it.each(['[]', '1', '"text"', 'null', 5])('is no notification: %s', async raw => {
    const error = await parseErrorOf(bodyOf(sns(text), raw))
    expect(error.message).toContain('expected an SNS notification')
  })

  it('reports JSON that is malformed, and none', async () => {
    expect((await parseErrorOf(bodyOf(sns(text), 'hello'))).code).toBe('MalformedJson')
    expect((await parseErrorOf(bodyOf(sns(text), undefined))).code).toBe('EmptyBody')
  })
})
