// The example of the README; a test holds them together.
import assert from 'node:assert/strict'
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda'
import { invoke, sqsEvent } from './index.ts'

const handler = async (event: SQSEvent): Promise<SQSBatchResponse> => {
  const failed = event.Records.filter(record => JSON.parse(record.body).amount <= 0)
  return { batchItemFailures: failed.map(record => ({ itemIdentifier: record.messageId })) }
}

const event = sqsEvent([{ body: { amount: 1999 } }, { messageId: 'bad', body: { amount: 0 } }])
const response = await invoke(handler, event)
assert.deepEqual(response, { batchItemFailures: [{ itemIdentifier: 'bad' }] })
