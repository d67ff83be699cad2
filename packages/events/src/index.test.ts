import { expect, it } from 'vitest'
import * as all from './index.ts'

it('exports the five sources and failures(), and nothing else', () => {
  expect(Object.keys(all).sort()).toEqual(['dynamoDbStream', 'eventBridge', 'failures', 's3', 'schedule', 'sqs'])
})
