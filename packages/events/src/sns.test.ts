import { classify, PermanentError } from '@lambent/core'
import { invoke, lambdaContext, snsEvent, type snsRecord, sqsEvent } from '@lambent/testing'
import fc from 'fast-check'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { listen } from '../test/telemetry.ts'
import { type SnsNotification, sns } from './sns.ts'

afterEach(() => {
  vi.useRealTimers()
})

const read = async (...records: Parameters<typeof snsRecord>[0][]): Promise<SnsNotification> => {
  let seen: SnsNotification | undefined
  const handler = sns()
    .each()
    .handle(({ notification }) => {
      seen = notification
    })
  await invoke(handler, snsEvent(records as never))
  if (!seen) throw new Error('the handler was not called')
  return seen
}

const TopicArn = 'arn:aws:sns:eu-west-1:123456789012:orders'

describe('a notification', () => {
  it('has the fields of the record in plain values', async () => {
    const { messageId, topicArn, topicName, subject, message, type, timestamp, attributes } = await read({
      Sns: { MessageId: 'm-1', TopicArn, Subject: 'Hi', Message: 'text', Timestamp: '2026-01-15T12:00:00.123Z' },
    })
    expect({ messageId, topicArn, topicName, subject, message, type, timestamp, attributes }).toEqual({
      messageId: 'm-1',
      topicArn: TopicArn,
      topicName: 'orders',
      subject: 'Hi',
      message: 'text',
      type: 'Notification',
      timestamp: Date.UTC(2026, 0, 15, 12, 0, 0, 123),
      attributes: {},
    })
  })

  it('without subject, which SNS sends as null, has none', async () => {
    expect((await read({ Sns: { Subject: null as never } })).subject).toBeUndefined()
    expect((await read({ Sns: { Subject: undefined } })).subject).toBeUndefined()
  })

  it('has its attributes as strings, exact numbers, bytes and arrays', async () => {
    const { attributes } = await read({
      Sns: {
        MessageAttributes: {
          text: { Type: 'String', Value: 'x' },
          integer: { Type: 'Number', Value: '-42' },
          float: { Type: 'Number', Value: '1.50' },
          big: { Type: 'Number', Value: '9007199254740993' },
          bytes: { Type: 'Binary', Value: 'AQID' },
          array: { Type: 'String.Array', Value: '["a", 1, true, null]' },
        },
      },
    })
    expect(attributes).toEqual({
      text: 'x',
      integer: -42,
      float: 1.5,
      big: '9007199254740993',
      bytes: Uint8Array.of(1, 2, 3),
      array: ['a', 1, true, null],
    })
  })

  it('with an attribute named __proto__ pollutes nothing', async () => {
    const event = JSON.parse(
      JSON.stringify(snsEvent()).replace(
        '"MessageAttributes":{}',
        '"MessageAttributes":{"__proto__":{"Type":"String","Value":"x"}}',
      ),
    )
    let keys: string[] = []
    await sns()
      .each()
      .handle(({ notification }) => {
        keys = Object.keys(notification.attributes)
      })(event, lambdaContext())
    expect(keys).toEqual(['__proto__'])
  })

  it('that lacks what is read fails when it is read, and says what, without values', async () => {
    const one = await read({
      Sns: {
        MessageId: 'm-1',
        Timestamp: 'soon',
        MessageAttributes: { a: { Type: 'String', Value: undefined as never } },
      },
    })
    expect(() => one.timestamp).toThrow('notification m-1: Timestamp is not a time')
    expect(() => one.attributes).toThrow('notification m-1: MessageAttributes.a has no Value')
    for (const Value of ['[secret', '{"a":"secret"}']) {
      const two = await read({ Sns: { MessageId: 'm-2', MessageAttributes: { a: { Type: 'String.Array', Value } } } })
      expect(() => two.attributes).toThrow(/^notification m-2: MessageAttributes\.a is no JSON array$/)
    }
    const three = await read({ Sns: { MessageAttributes: undefined } })
    expect(three.attributes).toEqual({})
  })

  it('is a unit with what a dead letter needs', async () => {
    const event = snsEvent([{ Sns: { MessageAttributes: { a: { Type: 'String', Value: 'x' } } } }])
    const seen = vi.fn()
    await sns()
      .each()
      .handle(ctx => seen(ctx.unit, ctx.event))(event, lambdaContext())
    const [record] = event.Records
    expect(seen).toHaveBeenCalledWith(
      {
        kind: 'record',
        source: 'aws:sns',
        id: record?.Sns.MessageId,
        sourceArn: TopicArn,
        raw: '{"orderId":"o-1"}',
        sentAt: Date.UTC(2026, 0, 15, 12),
        origin: {
          subject: 'Order',
          messageAttributes: record?.Sns.MessageAttributes,
          subscriptionArn: record?.EventSubscriptionArn,
        },
      },
      record,
    )
  })
})

describe('an event', () => {
  it('of one record fails with what was thrown, whatever it is', async () => {
    for (const thrown of [new Error('no'), undefined, 'text']) {
      const handler = sns()
        .use(listen())
        .each()
        .handle(() => Promise.reject(thrown))
      const outcome = await invoke(handler, snsEvent()).then(
        () => 'succeeded',
        error => [error],
      )
      expect(outcome).toEqual([thrown])
    }
  })

  it('has every record tried, and fails with exactly what was thrown', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.boolean(), { minLength: 1, maxLength: 30 }), async fails => {
        const tried: string[] = []
        const handler = sns()
          .use(listen())
          .each()
          .handle(async ({ notification: { message } }) => {
            tried.push(message)
            await undefined
            if (fails[Number(message)]) throw new Error(message)
          })
        const event = snsEvent(fails.map((_, index) => ({ Sns: { Message: `${index}`, MessageId: `m-${index}` } })))
        const error = await invoke(handler, event).then(
          () => undefined,
          error => error,
        )
        expect(tried.sort((a, b) => Number(a) - Number(b))).toEqual(fails.map((_, index) => `${index}`))
        const failed = fails.flatMap((fails, index) => (fails ? [`${index}`] : []))
        if (failed.length === 0 || fails.length === 1) {
          expect(error?.message).toBe(failed[0])
          return
        }
        expect(error).toBeInstanceOf(AggregateError)
        expect(error.errors.map(({ message }: Error) => message)).toEqual(failed)
        const named = failed.slice(0, 10).map(index => `m-${index}`)
        const more = failed.length > 10 ? ', …' : ''
        expect(error.message).toBe(`${failed.length} of ${fails.length} records failed: ${named.join(', ')}${more}`)
      }),
    )
  })

  it('of which all failures are permanent fails permanently', async () => {
    const handler = sns()
      .use(listen())
      .each()
      .handle(() => Promise.reject(new PermanentError('no')))
    expect(classify(await invoke(handler, snsEvent([{}, {}])).catch(error => error))).toBe('permanent')
  })

  it('fails with a retryable TimeoutError for what was not started before the deadline', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    const handler = sns()
      .use(listen())
      .each({ concurrency: 1 })
      .handle(() => void vi.setSystemTime(Date.now() + 900))
    const error = await invoke(handler, snsEvent([{}, {}]), lambdaContext({ timeout: 1000 })).catch(error => error)
    expect(error).toMatchObject({ errors: [{ name: 'TimeoutError' }] })
    expect(classify(error)).toBe('retryable')
  })

  it('is a unit of its own, and can be handled whole', async () => {
    const seen = vi.fn()
    const event = snsEvent([{ Sns: { Message: 'a' } }, { Sns: { Message: 'b' } }])
    const handler = sns().handle(({ unit, records }) =>
      seen(
        unit,
        records.map(({ message }) => message),
      ),
    )
    await invoke(handler, event, lambdaContext({ awsRequestId: 'r-1' }))
    expect(seen).toHaveBeenCalledWith(
      { kind: 'invocation', source: 'aws:sns', id: 'r-1', sourceArn: TopicArn, raw: event },
      ['a', 'b'],
    )
  })

  it.each<[string, unknown, string]>([
    ['no Sns', { Records: [{ EventSource: 'aws:sns' }] }, 'Records[0] has no Sns.MessageId'],
    ['no MessageId', snsEvent([{}, { Sns: { MessageId: undefined } }]), 'Records[1] has no Sns.MessageId'],
    [
      'no TopicArn',
      { Records: [{ EventSource: 'aws:sns', Sns: { MessageId: 'm' } }] },
      'Records[0] has no Sns.TopicArn',
    ],
    [
      'no Message',
      { Records: [{ EventSource: 'aws:sns', Sns: { MessageId: 'm', TopicArn } }] },
      'Records[0] has no Sns.Message',
    ],
    ['a message of SQS, whose body has the notification', sqsEvent([{ body: snsEvent() }]), 'got an SQS event'],
  ])('with %s fails as a whole', async (_, event, message) => {
    const handler = sns()
      .each()
      .handle(() => {})
    await expect(handler(event as never, lambdaContext())).rejects.toMatchObject({
      name: 'UnexpectedEventError',
      message: expect.stringContaining(message),
    })
  })
})
