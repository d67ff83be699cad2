import { expect, test } from 'vitest'
import { scheduledEvent } from './scheduled-event.ts'

test('is that of a scheduled rule', () => {
  expect(
    scheduledEvent({ resources: ['arn:aws:events:eu-west-1:123456789012:rule/hourly'] }, { now: 0 }),
  ).toMatchObject({
    source: 'aws.events',
    'detail-type': 'Scheduled Event',
    time: '1970-01-01T00:00:00Z',
    resources: ['arn:aws:events:eu-west-1:123456789012:rule/hourly'],
    detail: {},
  })
})
