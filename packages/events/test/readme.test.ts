import { readFile } from 'node:fs/promises'
import type { Handler } from '@lambent/core'
import { failures, sqs } from '@lambent/events/sqs'
import { invoke, sqsEvent } from '@lambent/testing'
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda'
import { expect, test, vi } from 'vitest'
import { listen } from './telemetry.ts'

const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8')
const examples = [...readme.matchAll(/```ts\n(.*?)```/gs)].map(([, code = '']) => code)

/** Runs an example as it stands in the README: its import is what this file imports by the same path. */
function run(code: string): Handler<SQSEvent, SQSBatchResponse> {
  const body = code.replace(/^import .*\n/, '').replace('export const handler =', 'return')
  return new Function('sqs', 'failures', body)(() => sqs().use(listen()), failures)
}

test('the example reports the message that has no total', async () => {
  const log = vi.spyOn(console, 'log').mockImplementation(() => {})
  const event = sqsEvent([{ body: { id: 'o-1', total: 5 } }, { messageId: 'bad', body: { id: 'o-2' } }])
  expect(await invoke(run(examples[0] ?? ''), event)).toEqual({ batchItemFailures: [{ itemIdentifier: 'bad' }] })
  expect(log.mock.calls).toEqual([['order o-1, received 1 times']])
  log.mockRestore()
})

test('the example of the whole batch reports the empty message', async () => {
  const event = sqsEvent([{ body: 'x' }, { messageId: 'bad', body: '' }])
  expect(await invoke(run(examples[1] ?? ''), event)).toEqual({ batchItemFailures: [{ itemIdentifier: 'bad' }] })
})
