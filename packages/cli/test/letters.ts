// Dead letters as functions make them: handlers that fail, with the real middleware, sinks and sources.
import type { SQS } from '@aws-sdk/client-sqs'
import { PermanentError, RetryableError } from '@lambent/core'
import { deadLetter, type Redact, type Sink, sqsQueue } from '@lambent/dead-letter'
import { sqs } from '@lambent/events/sqs'
import { lambdaContext, type SqsRecordOverrides, sqsEvent } from '@lambent/testing'

/** Fails as the body says: `poison …`, `bank …`, `text …`. */
export function failure(body: string): Error {
  if (body.startsWith('bank'))
    return new RetryableError('the bank does not answer', {
      code: 'BankDown',
      cause: new Error('connect ECONNREFUSED'),
    })
  if (body.startsWith('text')) return new PermanentError(`order ${body.slice(5)} has no total`, { code: 'NoTotal' })
  return new PermanentError('no such customer', { code: 'NoCustomer' })
}

export interface Poison {
  readonly url: string
  readonly client: SQS
  readonly arn: string
  readonly records: readonly SqsRecordOverrides[]
  readonly sink?: Sink
  readonly redact?: Redact
}

/** Has a function fail with these messages of the queue `arn`, so that they are in the queue `url`. */
export async function poison({
  url,
  client,
  arn,
  records,
  redact,
  sink = sqsQueue({ url, client }),
}: Poison): Promise<void> {
  const handler = sqs()
    .each()
    .use(deadLetter({ to: sink, after: 1, redact }))
    .handle(({ message }) => {
      throw failure(message.body)
    })
  const event = sqsEvent(records.map(record => ({ eventSourceARN: arn, ...record })))
  const { batchItemFailures } = await handler(event, lambdaContext({ functionName: 'take-orders' }))
  if (batchItemFailures.length > 0) throw new Error('not all became dead letters')
}
