import { expect, test } from 'vitest'
import { snsEvent, snsRecord } from './sns-event.ts'

test('an object message is its JSON', () => {
  expect(snsRecord({ Sns: { Message: { a: 1 } } }).Sns.Message).toBe('{"a":1}')
})

test('the subscription and the URLs follow from the topic', () => {
  const record = snsRecord({ Sns: { TopicArn: 'arn:aws:sns:us-east-2:123456789012:payments' } })
  expect(record.EventSubscriptionArn).toMatch(/^arn:aws:sns:us-east-2:123456789012:payments:[0-9a-f-]{36}$/)
  expect(record.Sns.UnsubscribeUrl).toContain(`SubscriptionArn=${record.EventSubscriptionArn}`)
  expect(new URL(record.Sns.SigningCertUrl).host).toBe('sns.us-east-2.amazonaws.com')
})

test('message ids are unique in an event', () => {
  const ids = snsEvent([{}, snsRecord()]).Records.map(record => record.Sns.MessageId)
  expect(new Set(ids).size).toBe(2)
})

test('the timestamp is that of the options', () => {
  expect(snsRecord({}, { now: 0 }).Sns.Timestamp).toBe('1970-01-01T00:00:00.000Z')
})

test('undefined deletes', () => {
  expect(snsRecord({ Sns: { Message: undefined } }).Sns).not.toHaveProperty('Message')
  expect(snsRecord({ Sns: undefined })).not.toHaveProperty('Sns')
})
