// DynamoDB Streams: each change of an order becomes an event, once, in the order of its item.
import { EventBridge } from '@lambent/aws/eventbridge'
import { RetryableError } from '@lambent/core'
import { correlationOf, eventBridgeDetail } from '@lambent/core/correlation'
import { deadLetter, sqsQueue } from '@lambent/dead-letter'
import { drop, dynamoDbStream } from '@lambent/events/dynamodb-streams'
import { dynamoDbStore, idempotent } from '@lambent/idempotency'
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
  // destination of the mapping would only point to where it was.
  .use(
    deadLetter({
      to: sqsQueue(variable('DLQ_URL')),
      when: (_error, { unit }) => Date.now() - (unit.sentAt ?? Date.now()) > 3_600_000 || undefined,
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
    const { change, log, signal } = ctx
    if (change.eventName === 'REMOVE' && change.expired) return drop('removed by time to live')
    const before = change.eventName === 'INSERT' ? undefined : change.oldImage
    const after = change.eventName === 'REMOVE' ? undefined : change.newImage
    const detail = { keys: change.keys, at: change.approximateCreationDateTime, ...difference(before, after) }
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
