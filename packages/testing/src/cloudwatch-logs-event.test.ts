import { gunzipSync } from 'node:zlib'
import type { CloudWatchLogsEvent } from 'aws-lambda'
import { expect, test } from 'vitest'
import { cloudWatchLogsEvent } from './cloudwatch-logs-event.ts'

const payload = (event: CloudWatchLogsEvent) =>
  JSON.parse(gunzipSync(Buffer.from(event.awslogs.data, 'base64')).toString())

test('the data is the payload as JSON, gzip, base64', () => {
  expect(
    payload(cloudWatchLogsEvent({ logGroup: '/aws/lambda/x', logEvents: ['plain', { message: { a: 1 } }] })),
  ).toEqual({
    messageType: 'DATA_MESSAGE',
    owner: '123456789012',
    logGroup: '/aws/lambda/x',
    logStream: expect.any(String),
    subscriptionFilters: ['orders-to-lambda'],
    logEvents: [
      { id: expect.stringMatching(/^\d{56}$/), timestamp: 1768478400000, message: 'plain' },
      { id: expect.stringMatching(/^\d{56}$/), timestamp: 1768478400001, message: '{"a":1}' },
    ],
  })
})

test('log event ids ascend', () => {
  const ids = payload(cloudWatchLogsEvent({ logEvents: ['a', 'b', 'c'] })).logEvents.map(
    (event: { id: string }) => event.id,
  )
  expect(ids).toEqual([...new Set(ids)].sort())
})

test('the same event each time', () => {
  expect(cloudWatchLogsEvent()).toEqual(cloudWatchLogsEvent())
})
