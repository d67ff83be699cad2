// What is wrong with options is said before anything is polled.
import { expect, test } from 'vitest'
import { modelQueue } from '../../test/model-queue.ts'
import { type EventSourceMappingOptions, type MappedFunction, startEventSourceMapping } from '../index.ts'

const lambda: MappedFunction = {
  functionName: 'orders',
  timeout: 1000,
  invoke: () => Promise.reject(new Error('nothing is to be invoked')),
}

test.each<[Partial<EventSourceMappingOptions>, string]>([
  [{ queueUrl: '' }, "queueUrl must be a queue's URL"],
  [{ functions: [] }, 'functions is empty: give one at least'],
  [{ batchSize: 0 }, 'batchSize must be a whole number from 1 to 10000, got 0'],
  [{ batchSize: 10_001, maximumBatchingWindow: 1000 }, 'batchSize must be a whole number from 1 to 10000, got 10001'],
  [{ batchSize: 2.5 }, 'batchSize must be a whole number from 1 to 10000, got 2.5'],
  [
    { batchSize: 11, maximumBatchingWindow: 999 },
    'a batchSize of 11 takes a maximumBatchingWindow of 1000 ms or more, got 999',
  ],
  [
    { maximumBatchingWindow: 300_001 },
    'maximumBatchingWindow must be a whole number of ms from 0 to 300000, got 300001',
  ],
  [{ maximumConcurrency: 0 }, 'maximumConcurrency must be a whole number from 1 to 1000, got 0'],
  [
    { functionResponseTypes: ['reportBatchItemFailures' as 'ReportBatchItemFailures'] },
    "functionResponseTypes may have 'ReportBatchItemFailures', got 'reportBatchItemFailures'",
  ],
])('%o is refused', async (wrong, message) => {
  const options = { queueUrl: 'model', sqs: modelQueue().client, functions: [lambda], ...wrong }
  await expect(startEventSourceMapping(options as EventSourceMappingOptions)).rejects.toThrow(
    `startEventSourceMapping: ${message}`,
  )
})

test('a queue without an ARN is refused', async () => {
  const sqs = { ...modelQueue().client, getQueueAttributes: async () => ({ Attributes: { VisibilityTimeout: '30' } }) }
  await expect(startEventSourceMapping({ queueUrl: 'topic', sqs, function: lambda })).rejects.toThrow(
    'startEventSourceMapping: GetQueueAttributes on topic gave no QueueArn or no VisibilityTimeout: is it an SQS queue?',
  )
})
