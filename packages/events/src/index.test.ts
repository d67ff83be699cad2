import { expect, it } from 'vitest'
import * as all from './index.ts'

it('exports the sources, failures() and verdicts, and nothing else', () => {
  expect(Object.keys(all).sort()).toEqual([
    'drop',
    'dynamoDbStream',
    'eventBridge',
    'fail',
    'failures',
    'firehose',
    'kafka',
    'kinesis',
    'partitioned',
    'retryLater',
    's3',
    'schedule',
    'sns',
    'sqs',
  ])
})
