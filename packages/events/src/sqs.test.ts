import { invoke, lambdaContext, sqsEvent } from '@lambent/testing'
import fc from 'fast-check'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { listen } from '../test/telemetry.ts'
import { failures, type SqsBatchMessage, type SqsMessage, sqs } from './sqs.ts'

const FIFO = 'arn:aws:sqs:eu-west-1:123456789012:orders.fifo'
const ids = (response: { batchItemFailures: { itemIdentifier: string }[] }) =>
  response.batchItemFailures.map(each => each.itemIdentifier)
const message = (id: string, group?: string) => ({
  messageId: id,
  body: id,
  ...(group === undefined ? {} : { eventSourceARN: FIFO, attributes: { MessageGroupId: group } }),
})

afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

describe('one message', () => {
  const read = async (event: Parameters<typeof sqsEvent>[0]): Promise<SqsMessage> => {
    let seen: SqsMessage | undefined
    await invoke(
      sqs()
        .each()
        .handle(({ message }) => {
          seen = message
        }),
      sqsEvent(event),
    )
    if (!seen) throw new Error('the handler was not called')
    return seen
  }

  it('has the metadata of the record in plain values', async () => {
    const {
      id,
      body,
      receiveCount,
      sentAt,
      firstReceivedAt,
      groupId,
      deduplicationId,
      sequenceNumber,
      queueName,
      fifo,
    } = await read([
      {
        messageId: 'm-1',
        body: 'hello',
        eventSourceARN: FIFO,
        attributes: {
          ApproximateReceiveCount: '3',
          SentTimestamp: '1545082649183',
          ApproximateFirstReceiveTimestamp: '1545082649185',
          MessageGroupId: 'g',
          MessageDeduplicationId: 'd',
          SequenceNumber: '18849496460467696128',
        },
      },
    ])
    expect({
      id,
      body,
      receiveCount,
      sentAt,
      firstReceivedAt,
      groupId,
      deduplicationId,
      sequenceNumber,
      queueName,
      fifo,
    }).toEqual({
      id: 'm-1',
      body: 'hello',
      receiveCount: 3,
      sentAt: 1545082649183,
      firstReceivedAt: 1545082649185,
      groupId: 'g',
      deduplicationId: 'd',
      sequenceNumber: '18849496460467696128',
      queueName: 'orders.fifo',
      fifo: true,
    })
  })

  it('has its message attributes as strings, exact numbers and bytes', async () => {
    const { attributes } = await read([
      {
        messageAttributes: {
          text: { dataType: 'String', stringValue: 'x' },
          label: { dataType: 'String.tenant', stringValue: '7' },
          integer: { dataType: 'Number', stringValue: '-42' },
          float: { dataType: 'Number.float', stringValue: '1.50' },
          whole: { dataType: 'Number', stringValue: '2.0' },
          big: { dataType: 'Number', stringValue: '9007199254740993' },
          long: { dataType: 'Number', stringValue: '0.12345678901234567890' },
          tiny: { dataType: 'Number', stringValue: '1e-400' },
          bytes: { dataType: 'Binary', binaryValue: 'AQID' },
        },
      },
    ])
    expect(attributes).toEqual({
      text: 'x',
      label: '7',
      integer: -42,
      float: 1.5,
      whole: 2,
      big: '9007199254740993',
      long: '0.12345678901234567890',
      tiny: '1e-400',
      bytes: Uint8Array.of(1, 2, 3),
    })
  })

  it('with an attribute named __proto__ pollutes nothing', async () => {
    const event = JSON.parse(
      JSON.stringify(sqsEvent()).replace(
        '"messageAttributes":{}',
        '"messageAttributes":{"__proto__":{"dataType":"String","stringValue":"x"}}',
      ),
    )
    let keys: string[] = []
    await sqs()
      .each()
      .handle(({ message }) => {
        keys = Object.keys(message.attributes)
      })(event, lambdaContext())
    expect(keys).toEqual(['__proto__'])
  })

  it('that lacks what is read fails when it is read, and says what', async () => {
    const one = await read([{ attributes: { ApproximateReceiveCount: undefined, SentTimestamp: 'soon' } }])
    expect(() => one.receiveCount).toThrow(`message ${one.id}: attributes.ApproximateReceiveCount is not a number`)
    expect(() => one.sentAt).toThrow('attributes.SentTimestamp is not a number')
    const other = await read([
      { attributes: undefined, messageAttributes: { a: { dataType: 'String', stringValue: undefined } } },
    ])
    expect(() => other.receiveCount).toThrow('is not a number')
    expect(other.groupId).toBeUndefined()
    expect(() => other.attributes).toThrow('messageAttributes.a has no value')
  })

  it('is a unit with what a dead letter needs', async () => {
    const event = sqsEvent([
      { ...message('m-1', 'g'), messageAttributes: { a: { dataType: 'String', stringValue: 'x' } } },
    ])
    const seen = vi.fn()
    await sqs()
      .each()
      .handle(ctx => seen(ctx.unit, ctx.event))(event, lambdaContext())
    const [record] = event.Records
    expect(seen).toHaveBeenCalledWith(
      {
        kind: 'record',
        source: 'aws:sqs',
        id: 'm-1',
        sourceArn: FIFO,
        raw: 'm-1',
        attempt: 1,
        groupId: 'g',
        sentAt: Number(record?.attributes.SentTimestamp),
        origin: { attributes: record?.attributes, messageAttributes: record?.messageAttributes },
      },
      record,
    )
  })

  it('of a fair queue, which is a standard queue with groups, is in no order', async () => {
    const event = sqsEvent(['1', '2', '3'].map(id => ({ messageId: id, attributes: { MessageGroupId: 'tenant' } })))
    const tried: unknown[] = []
    const handler = sqs()
      .use(listen())
      .each()
      .handle(({ message, unit }) => {
        tried.push([message.id, message.groupId, unit.groupId])
        if (message.id === '1') throw new Error('no')
      })
    expect(ids(await invoke(handler, event))).toEqual(['1'])
    expect(tried).toEqual(['1', '2', '3'].map(id => [id, 'tenant', undefined]))
  })
})

describe('the batch', () => {
  it('is a unit of its own, with the request id', async () => {
    const event = sqsEvent()
    const seen = vi.fn()
    await sqs().handle(({ unit }) => seen(unit))(event, lambdaContext({ awsRequestId: 'r-1' }))
    expect(seen).toHaveBeenCalledWith({
      kind: 'invocation',
      source: 'aws:sqs',
      id: 'r-1',
      sourceArn: event.Records[0]?.eventSourceARN,
      raw: event,
    })
  })

  it('in which all succeed has an empty list of failures', async () => {
    expect(
      await invoke(
        sqs()
          .each()
          .handle(() => {}),
        sqsEvent([{}, {}]),
      ),
    ).toEqual({ batchItemFailures: [] })
  })

  it('runs its messages in order, one at a time with concurrency 1', async () => {
    const log: string[] = []
    await invoke(
      sqs()
        .each({ concurrency: 1 })
        .handle(async ({ message }) => {
          log.push(`start ${message.id}`)
          await new Promise(resolve => setTimeout(resolve, 2))
          log.push(`end ${message.id}`)
        }),
      sqsEvent(['1', '2', '3'].map(id => message(id))),
    )
    expect(log).toEqual(['start 1', 'end 1', 'start 2', 'end 2', 'start 3', 'end 3'])
  })

  // Powertools rejects the whole batch for it.
  it.each([undefined, null, 'text', 0, new Error('x'), Object.create(null), Symbol('x')])(
    'reports a message for which %o is thrown',
    async thrown => {
      const handler = sqs()
        .use(listen())
        .each()
        .handle(({ message }) => {
          if (message.id === '2') throw thrown
        })
      expect(ids(await invoke(handler, sqsEvent(['1', '2', '3'].map(id => message(id)))))).toEqual(['2'])
    },
  )

  it('reports also what a middleware of a record throws', async () => {
    const handler = sqs()
      .use(listen())
      .each()
      .use((ctx, next) => {
        if (ctx.message.body === '1') throw undefined
        return next()
      })
      .handle(() => {})
    expect(ids(await invoke(handler, sqsEvent(['1', '2'].map(id => message(id)))))).toEqual(['1'])
  })

  it('tells of each failed message and once of all of them', async () => {
    const ear = listen()
    const error = new Error('no')
    const handler = sqs()
      .use(ear)
      .each()
      .handle(({ message }) => {
        if (message.id !== '2') throw error
      })
    await invoke(handler, sqsEvent(['1', '2', '3'].map(id => message(id))))
    expect(ear.said).toMatchObject([
      { name: 'batch.record.failed', level: 'warn', unit: { id: '1' }, error },
      { name: 'batch.record.failed', level: 'warn', unit: { id: '3' }, error },
      {
        name: 'batch.failures',
        level: 'warn',
        message: '2 of 3 records failed',
        unit: { kind: 'invocation' },
        fields: { total: 3, failed: 2, notStarted: 0 },
      },
    ])
  })

  it('tells the console where nobody listens, without the body', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
    const error = vi.spyOn(console, 'error').mockImplementation(() => {})
    await invoke(
      sqs()
        .each()
        .handle(() => Promise.reject(new Error('no'))),
      sqsEvent([{ body: 'secret' }]),
    )
    expect(warn).toHaveBeenCalledTimes(1)
    expect(error).toHaveBeenCalledTimes(1) // nothing of the batch is done
    expect(String([warn.mock.calls, error.mock.calls])).not.toContain('secret')
  })

  it('says nothing when all succeed', async () => {
    const ear = listen()
    await invoke(
      sqs()
        .use(ear)
        .each()
        .handle(() => {}),
      sqsEvent(),
    )
    expect(ear.said).toEqual([])
  })

  it('reports what was not started before the deadline', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    const ear = listen()
    const tried: string[] = []
    const handler = sqs()
      .use(ear)
      .each()
      .handle(({ message }) => {
        tried.push(message.id)
        vi.setSystemTime(Date.now() + 600)
      })
    const response = await invoke(
      handler,
      sqsEvent(['1', '2', '3'].map(id => message(id))),
      lambdaContext({ timeout: 1000 }),
    )
    expect(tried).toEqual(['1', '2'])
    expect(ids(response)).toEqual(['3'])
    expect(ear.said).toMatchObject([
      { message: '1 of 3 records failed, 1 of them not started', fields: { total: 3, failed: 1, notStarted: 1 } },
    ])
  })

  it('fails as a whole when a middleware around it does', async () => {
    const handler = sqs()
      .use(() => Promise.reject(new Error('no secret')))
      .each()
      .handle(() => {})
    await expect(invoke(handler, sqsEvent())).rejects.toThrow('no secret')
  })

  it('of 10,000 messages all of which fail is reported whole', async () => {
    const handler = sqs()
      .use(listen())
      .each()
      .handle(() => Promise.reject(new Error('no')))
    const event = sqsEvent(Array.from({ length: 10_000 }, (_, i) => message(`m-${i}`)))
    expect(ids(await handler(event, lambdaContext()))).toHaveLength(10_000)
  })
})

/** A batch of messages of some groups, which of them fail with what, and before which one the deadline comes. */
const batches = fc
  .array(fc.record({ group: fc.constantFrom('a', 'b', 'c'), fails: fc.boolean() }), { minLength: 1, maxLength: 15 })
  .chain(records => fc.tuple(fc.constant(records), fc.nat({ max: records.length * 2 }), fc.anything()))

async function runBatch(
  records: readonly { readonly group: string; readonly fails: boolean }[],
  late: number,
  thrown: unknown,
  fifo: boolean,
): Promise<{ tried: number[]; reported: number[] }> {
  const start = Date.now()
  vi.useFakeTimers({ toFake: ['Date'], now: start })
  const tried: number[] = []
  const handler = sqs()
    .use(listen())
    .each()
    .handle(({ message }) => {
      tried.push(Number(message.id))
      if (tried.length === late) vi.setSystemTime(start + 60_000)
      if (records[Number(message.id)]?.fails) throw thrown
    })
  const event = sqsEvent(records.map(({ group }, i) => message(String(i), fifo ? group : undefined)))
  const response = await handler(event, lambdaContext())
  vi.useRealTimers()
  return { tried, reported: ids(response).map(Number) }
}

describe('any batch', () => {
  it('standard: what is reported is what failed or was not tried', async () => {
    await fc.assert(
      fc.asyncProperty(batches, async ([records, late, thrown]) => {
        const { tried, reported } = await runBatch(records, late, thrown, false)
        expect(tried).toEqual(records.map((_, i) => i).slice(0, late || undefined))
        expect(reported).toEqual(records.flatMap(({ fails }, i) => (fails || !tried.includes(i) ? [i] : [])))
      }),
    )
  })

  it('FIFO: no later message of a group is run or acknowledged past one that is not done', async () => {
    await fc.assert(
      fc.asyncProperty(batches, async ([records, late, thrown]) => {
        const { tried, reported } = await runBatch(records, late, thrown, true)
        expect(new Set(reported).size).toBe(reported.length)
        for (const group of ['a', 'b', 'c']) {
          const all = records.flatMap((record, i) => (record.group === group ? [i] : []))
          const acknowledged = all.filter(i => !reported.includes(i))
          const run = all.filter(i => tried.includes(i))
          expect(acknowledged).toEqual(all.slice(0, acknowledged.length))
          expect(acknowledged.every(i => tried.includes(i) && !records[i]?.fails)).toBe(true)
          expect(run.slice(0, -1).every(i => !records[i]?.fails)).toBe(true)
          // and other groups go on
          const first = all.findIndex(i => records[i]?.fails)
          if (late === 0) expect(run).toEqual(first === -1 ? all : all.slice(0, first + 1))
        }
      }),
    )
  })

  it('whole, FIFO or not: the response names ids of the batch and no message of a group is acknowledged past a failure', async () => {
    await fc.assert(
      fc.asyncProperty(batches, fc.boolean(), async ([records], fifo) => {
        const handler = sqs()
          .use(listen())
          .handle(batch => failures(...batch.records.filter((_, i) => records[i]?.fails)))
        const event = sqsEvent(records.map(({ group }, i) => message(String(i), fifo ? group : undefined)))
        const reported = ids(await handler(event, lambdaContext())).map(Number)
        const expected = records.flatMap(({ group, fails }, i) =>
          fails || (fifo && records.slice(0, i).some(earlier => earlier.group === group && earlier.fails)) ? [i] : [],
        )
        expect(reported).toEqual(expected)
      }),
    )
  })
})

describe('a handler of the whole batch', () => {
  const event = sqsEvent([{ messageId: '1' }, { messageId: '2' }])

  it('that returns nothing has done all', async () => {
    expect(
      await invoke(
        sqs().handle(async () => {}),
        event,
      ),
    ).toEqual({ batchItemFailures: [] })
  })

  it('reports what it returns as failures, and tells of it', async () => {
    const ear = listen()
    const handler = sqs()
      .use(ear)
      .handle(async ({ records }) => failures(...records.filter(({ id }) => id === '2')))
    expect(await invoke(handler, event)).toEqual({ batchItemFailures: [{ itemIdentifier: '2' }] })
    expect(ear.said).toMatchObject([{ name: 'batch.failures', fields: { total: 2, failed: 1 } }])
  })

  it('reports a message once that it names twice', async () => {
    const handler = sqs()
      .use(listen())
      .handle(({ records }) => failures(...records, ...records))
    expect(ids(await invoke(handler, event))).toEqual(['1', '2'])
  })

  it('fails, and with it the batch, for a message of another batch', async () => {
    let earlier: readonly SqsBatchMessage[] = []
    const handler = sqs().handle(({ records }) => {
      const before = earlier
      earlier = records
      return failures(...before)
    })
    await invoke(handler, event)
    await expect(invoke(handler, event)).rejects.toThrow(
      '2 of the failures that the handler returned are no records of this batch',
    )
  })

  it.each([{ batchItemFailures: [] }, { batchItemFailures: [{ itemIdentifier: '1' }] }, [], 'text', 1, true])(
    'fails, and with it the batch, when it returns %j',
    async value => {
      await expect(
        invoke(
          sqs().handle(() => value as never),
          event,
        ),
      ).rejects.toThrow(`the handler of a batch returned ${typeof value}: return nothing, or failures(...)`)
    },
  )
})
