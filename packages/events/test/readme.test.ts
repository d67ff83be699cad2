import { readFile } from 'node:fs/promises'
import type { Handler } from '@lambent/core'
import { kinesis } from '@lambent/events/kinesis'
import { drop, failures, retryLater, sqs } from '@lambent/events/sqs'
import { invoke, kinesisStreamEvent, sqsEvent } from '@lambent/testing'
import type { KinesisStreamTumblingWindowEvent, SQSBatchResponse, SQSEvent } from 'aws-lambda'
import { expect, test, vi } from 'vitest'
import { listen } from './telemetry.ts'

const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8')
const examples = [...readme.matchAll(/```ts\n(.*?)```/gs)].map(([, code = '']) => code)

/** Runs the one that has `text`, as it stands in the README: its imports are what this file imports by the same path. */
function run<Event, Response>(text: string, scope: object): Handler<Event, Response> {
  const code = examples.filter(example => example.includes(text))
  expect(code).toHaveLength(1)
  const body = `${code}`.replace(/^import .*\n/gm, '').replace('export const handler =', 'return')
  return new Function(...Object.keys(scope), body)(...Object.values(scope))
}

const silent = { sqs: (options: object) => sqs(options).use(listen()), failures, drop, retryLater }

test('the example reports the message that has no total', async () => {
  const log = vi.spyOn(console, 'log').mockImplementation(() => {})
  const event = sqsEvent([{ body: { id: 'o-1', total: 5 } }, { messageId: 'bad', body: { id: 'o-2' } }])
  expect(await invoke(run<SQSEvent, SQSBatchResponse>('has no total`)\n    console.log', silent), event)).toEqual({
    batchItemFailures: [{ itemIdentifier: 'bad' }],
  })
  expect(log.mock.calls).toEqual([['order o-1, received 1 times']])
  log.mockRestore()
})

test('the example of the whole batch reports the empty message', async () => {
  const event = sqsEvent([{ body: 'x' }, { messageId: 'bad', body: '' }])
  expect(await invoke(run<SQSEvent, SQSBatchResponse>('records.filter', silent), event)).toEqual({
    batchItemFailures: [{ itemIdentifier: 'bad' }],
  })
})

test('the example of verdicts drops an empty message, and delays another by how often it was received', async () => {
  const delays: unknown[] = []
  class SQS {
    async changeMessageVisibility({ VisibilityTimeout }: { readonly VisibilityTimeout: number }): Promise<void> {
      delays.push(VisibilityTimeout)
    }
  }
  const received = (messageId: string, count: number) => ({
    messageId,
    body: 'x',
    attributes: { ApproximateReceiveCount: `${count}` },
  })
  const event = sqsEvent([{ body: '' }, received('twice', 2), received('often', 5)])
  const handler = run<SQSEvent, SQSBatchResponse>('new SQS()', { ...silent, SQS })
  expect(await invoke(handler, event)).toEqual({
    batchItemFailures: [{ itemIdentifier: 'twice' }, { itemIdentifier: 'often' }],
  })
  expect(delays).toEqual([40])
})

test('the example of windows counts, and says how many there were', async () => {
  const log = vi.spyOn(console, 'log').mockImplementation(() => {})
  const handler = run<KinesisStreamTumblingWindowEvent, unknown>('clicks', { kinesis })
  const event = {
    ...kinesisStreamEvent([{}, {}]),
    window: { start: '2026-01-15T12:00:00Z', end: '2026-01-15T12:02:00Z' },
    state: { clicks: 40 },
    isFinalInvokeForWindow: true,
    isWindowTerminatedEarly: false,
  }
  expect(await invoke(handler, event)).toEqual({ batchItemFailures: [], state: { clicks: 42 } })
  expect(log.mock.calls).toEqual([['40 clicks until 2026-01-15T12:02:00.000Z']])
  log.mockRestore()
})
