// DynamoDB Streams: each change of an order becomes an event, in the order of its item. One that was published is not
// published again, unless the process was killed between doing it and writing it down: `changeId` says that it is the same.
import { EventBridge } from '@lambent/aws/eventbridge'
import { RetryableError } from '@lambent/core'
import { correlationOf, eventBridgeDetail } from '@lambent/core/correlation'
import { deadLetter, sqsQueue } from '@lambent/dead-letter'
import { drop, dynamoDbStream } from '@lambent/events/dynamodb-streams'
import { dynamoDbStore, InProgressError, idempotent } from '@lambent/idempotency'
import { logger, metrics } from '@lambent/powertools'
import { retry } from '@lambent/retry'
import { difference } from './difference.ts'
import { variable } from './environment.ts'

const bus = new EventBridge()
const EventBusName = variable('BUS_NAME')
const DETAIL_TYPES = { INSERT: 'OrderPlaced', MODIFY: 'OrderChanged', REMOVE: 'OrderRemoved' } as const

export const handler = dynamoDbStream()
  .use(metrics())
  .each({ concurrency: 4 }) // changes of four orders at once; those of one order one after the other
  .use(logger())
  // A shard waits for its first record that fails. What can't be told an hour after it happened is a dead letter, whole: the
  // destination of the mapping would only point to where it was. What a process that was killed still holds is not stuck.
  .use(
    deadLetter({
      to: sqsQueue(variable('DLQ_URL')),
      when: (error, { unit: { sentAt = Date.now() } }) =>
        (Date.now() - sentAt > 3_600_000 && !(error instanceof InProgressError)) || undefined,
    }),
  )
  // A batch that fails comes again from the failed record on, and after an expired iterator from before it.
  .use(
    idempotent({
      store: dynamoDbStore({ tableName: variable('IDEMPOTENCY_TABLE') }),
      key: ({ unit }) => unit.id,
      expiresAfter: 86_400_000,
    }),
  )
  .use(retry({ attempts: 3 }))
  .handle(async ctx => {
    const { change, log, signal, unit } = ctx
    if (change.eventName === 'REMOVE' && change.expired) return drop('removed by time to live')
    const before = change.eventName === 'INSERT' ? undefined : change.oldImage
    const after = change.eventName === 'REMOVE' ? undefined : change.newImage
    const at = new Date(change.approximateCreationDateTime).toISOString()
    const detail = { changeId: unit.id, keys: change.keys, at, ...difference(before, after) }
    const { FailedEntryCount, Entries } = await bus.putEvents(
      {
        Entries: [
          {
            EventBusName,
            Source: 'shop.orders',
            DetailType: DETAIL_TYPES[change.eventName],
            ...eventBridgeDetail(correlationOf(ctx), detail),
          },
        ],
      },
      { abortSignal: signal },
    )
    // The call has succeeded, and the entry may have failed.
    if (FailedEntryCount)
      throw new RetryableError('EventBridge did not take the event', { code: Entries?.[0]?.ErrorCode ?? 'PutEvents' })
    log.info('published', { detailType: DETAIL_TYPES[change.eventName] })
  })
