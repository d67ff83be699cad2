// The event that a dead letter came with is made again: the same handler sees the same unit.
import type { Unit } from '@lambent/core'
import { type DeadLetterMessage, deadLetter, type Sink } from '@lambent/dead-letter'
import { dynamoDbStream } from '@lambent/events/dynamodb-streams'
import { eventBridge } from '@lambent/events/eventbridge'
import { kinesis } from '@lambent/events/kinesis'
import { s3 } from '@lambent/events/s3'
import { schedule } from '@lambent/events/schedule'
import { sns } from '@lambent/events/sns'
import { sqs } from '@lambent/events/sqs'
import { http } from '@lambent/http'
import {
  apiGatewayProxyEventV2,
  dynamoDbStreamEvent,
  eventBridgeEvent,
  kinesisStreamEvent,
  lambdaContext,
  s3Event,
  scheduledEvent,
  snsEvent,
  sqsEvent,
} from '@lambent/testing'
import { beforeEach, expect, it, vi } from 'vitest'
import { eventOf } from '../src/dlq/event.ts'
import { found } from '../src/dlq/found.ts'

beforeEach(() => {
  vi.spyOn(console, 'warn').mockImplementation(() => {})
})

type Handler = (event: never, context: ReturnType<typeof lambdaContext>) => Promise<unknown>

/** A sink that keeps what it gets, and a handler's work that keeps the unit and fails. */
function failing() {
  const sent: DeadLetterMessage[] = []
  const units: Unit[] = []
  const sink: Sink = { name: 'kept', send: async message => sent.push(message) }
  return {
    sent,
    units,
    letters: deadLetter({ to: sink, when: () => true }),
    work: ({ unit }: { readonly unit: Unit }): never => {
      units.push(unit)
      throw new Error('no')
    },
  }
}

const attribute = { dataType: 'String' as const, stringValue: 'a', stringListValues: [], binaryListValues: [] }
type Case = [string, (parts: ReturnType<typeof failing>) => Handler, object]
const cases: Case[] = [
  [
    'sqs()',
    ({ letters, work }) => sqs().each().use(letters).handle(work),
    sqsEvent([{ body: '{"ü": 1.0}', messageAttributes: { tenant: attribute } }]),
  ],
  [
    'sqs() of a FIFO queue',
    ({ letters, work }) => sqs().each().use(letters).handle(work),
    sqsEvent([
      { eventSourceARN: 'arn:aws:sqs:eu-west-1:123456789012:orders.fifo', attributes: { MessageGroupId: 'g' } },
    ]),
  ],
  [
    'sqs() as a whole',
    ({ letters, work }) => sqs().use(letters).handle(work),
    sqsEvent([{ body: 'a' }, { body: 'b' }]),
  ],
  [
    'sns()',
    ({ letters, work }) => sns().each().use(letters).handle(work),
    snsEvent([
      { Sns: { Message: 'hello', Subject: 'Hi', MessageAttributes: { tenant: { Type: 'String', Value: 'a' } } } },
    ]),
  ],
  ['s3()', ({ letters, work }) => s3().each().use(letters).handle(work), s3Event([{ key: 'a b/ü.json' }])],
  [
    'kinesis()',
    ({ letters, work }) => kinesis().each().use(letters).handle(work),
    kinesisStreamEvent([{ kinesis: { data: Buffer.from([0, 255, 1]), partitionKey: 'p-1' } }]),
  ],
  [
    'dynamoDbStream()',
    ({ letters, work }) => dynamoDbStream().each().use(letters).handle(work),
    dynamoDbStreamEvent([{ eventName: 'MODIFY', dynamodb: { Keys: { id: { S: 'o-1' } } } }]),
  ],
  [
    'eventBridge()',
    ({ letters, work }) => eventBridge().use(letters).handle(work),
    eventBridgeEvent({ source: 'shop', 'detail-type': 'Order Placed', detail: { orderId: 'o-1' }, id: 'e-1' }),
  ],
  ['schedule()', ({ letters, work }) => schedule().use(letters).handle(work), scheduledEvent()],
]

it.each(cases)('%s', async (_name, make, event) => {
  const first = failing()
  await make(first)(event as never, lambdaContext({ awsRequestId: 'r-1' }))
  const [letter] = first.sent
  const message = {
    MessageId: 'm-1',
    Body: letter?.body ?? '',
    MessageAttributes: Object.fromEntries(
      Object.entries(letter?.attributes ?? {}).map(([name, { dataType, stringValue }]) => [
        name,
        { DataType: dataType, StringValue: stringValue ?? '' },
      ]),
    ),
  }
  const again = failing()
  const made = eventOf(found(message), 'arn:aws:sqs:eu-west-1:123456789012:dlq')
  await make(again)(made as never, lambdaContext({ awsRequestId: 'r-1' }))
  const told = ({ kind, source, id, sourceArn, groupId, raw }: Unit) => ({ kind, source, id, sourceArn, groupId, raw })
  expect(again.units.map(told)).toEqual(first.units.map(told))
  expect(first.units).toHaveLength(1)
})

it('of an HTTP request there is only the body, so none is made', async () => {
  const { sent, letters: _, work } = failing()
  const sink: Sink = { name: 'kept', send: async message => sent.push(message) }
  const handler = http()
    .use(deadLetter({ to: sink, when: () => true, respond: () => ({ statusCode: 202 }) }))
    .handle(work)
  await handler(apiGatewayProxyEventV2({ method: 'POST', body: 'x' }), lambdaContext())
  const attributes = {
    'lambent.deadLetter': {
      DataType: 'String',
      StringValue: sent[0]?.attributes['lambent.deadLetter']?.stringValue ?? '',
    },
  }
  expect(() => eventOf(found({ Body: 'x', MessageAttributes: attributes }), '')).toThrow('of an HTTP request')
})

it('what Lambda put there itself is the event', () => {
  const event = { Records: [{ a: 1 }] }
  const message = {
    Body: JSON.stringify(event),
    MessageAttributes: {
      RequestID: { DataType: 'String', StringValue: 'r' },
      ErrorCode: { DataType: 'Number', StringValue: '200' },
    },
  }
  expect(eventOf(found(message), '')).toEqual(event)
})
