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
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { eventOf } from '../src/dlq/event.ts'
import { found } from '../src/dlq/found.ts'

beforeEach(() => {
  vi.spyOn(console, 'warn').mockImplementation(() => {})
})

type Handler = (event: never, context: ReturnType<typeof lambdaContext>) => Promise<unknown>

/** A sink that keeps what it gets, and a handler's work that keeps the unit and fails. `small`: no body fits, all go to S3. */
function failing(small = false) {
  const sent: DeadLetterMessage[] = []
  const units: Unit[] = []
  const objects: string[] = []
  const sink: Sink = {
    name: 'kept',
    maxBytes: 1,
    bytes: ({ attributes }) => (small && !('ExtendedPayloadSize' in attributes) ? 2 : 1),
    send: async message => sent.push(message),
  }
  const client = { putObject: async ({ Body }: { Body: string | Uint8Array }) => objects.push(`${Body}`) }
  return {
    sent,
    units,
    objects,
    letters: deadLetter({ to: sink, when: () => true, claimCheck: { bucket: 'b', client } }),
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

describe.each([
  ['in the message', false],
  ['in S3', true],
])('a body %s', (_where, small) => {
  it.each(cases)('of %s', (_name, make, event) => isMadeAgain(make, event, small))
})

async function isMadeAgain(make: Case[1], event: object, small: boolean) {
  const first = failing(small)
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
  const made = eventOf(found(message), 'arn:aws:sqs:eu-west-1:123456789012:dlq', first.objects[0])
  await make(again)(made as never, lambdaContext({ awsRequestId: 'r-1' }))
  const told = ({ kind, source, id, sourceArn, groupId, raw }: Unit) => ({ kind, source, id, sourceArn, groupId, raw })
  expect(again.units.map(told)).toEqual(first.units.map(told))
  expect([first.units.length, first.objects.length]).toEqual([1, small ? 1 : 0])
}

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
