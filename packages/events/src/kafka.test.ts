import { classify, PermanentError } from '@lambent/core'
import { invoke, lambdaContext, mskEvent, type mskRecord } from '@lambent/testing'
import type { MSKEvent, SelfManagedKafkaEvent } from 'aws-lambda'
import fc from 'fast-check'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { listen } from '../test/telemetry.ts'
import { drop, fail, failures, type KafkaRecord, kafka } from './kafka.ts'

afterEach(() => {
  vi.useRealTimers()
})

const read = async (record: Parameters<typeof mskRecord>[0]): Promise<KafkaRecord> => {
  let seen: KafkaRecord | undefined
  const handler = kafka()
    .each()
    .handle(({ record }) => {
      seen = record
    })
  await invoke(handler, mskEvent([record ?? {}]))
  if (!seen) throw new Error('the handler was not called')
  return seen
}
const bytes = (text: string) => new TextEncoder().encode(text)

describe('a record', () => {
  it('has its coordinates, times, key and value in plain values', async () => {
    const { topic, partition, offset, timestamp, timestampType, key, value, headers } = await read({
      topic: 'orders-eu',
      partition: 3,
      offset: 17,
      timestamp: 1545084650987,
      timestampType: 'LOG_APPEND_TIME',
      key: bytes('k'),
      value: Uint8Array.of(0, 255, 128),
    })
    expect({ topic, partition, offset, timestamp, timestampType, key, value, headers }).toEqual({
      topic: 'orders-eu',
      partition: 3,
      offset: 17,
      timestamp: 1545084650987,
      timestampType: 'LOG_APPEND_TIME',
      key: bytes('k'),
      value: Uint8Array.of(0, 255, 128),
      headers: {},
    })
  })

  it('has all values of its headers, also of a name that repeats, and bytes that Java counts from -128 on', async () => {
    const { headers } = await read({
      headers: [{ trace: [97] }, { __proto__x: [1] }, { trace: [98, -1, -128] }, { empty: [] }],
    })
    expect(headers).toEqual({
      trace: [Uint8Array.of(97), Uint8Array.of(98, 255, 128)],
      __proto__x: [Uint8Array.of(1)],
      empty: [new Uint8Array()],
    })
  })

  it('with a header named __proto__ pollutes nothing', async () => {
    const event = JSON.parse(JSON.stringify(mskEvent()).replace('"headers":[]', '"headers":[{"__proto__":[1]}]'))
    let names: string[] = []
    const handler = kafka()
      .each()
      .handle(({ record }) => {
        names = Object.keys(record.headers)
      })
    await handler(event, lambdaContext())
    expect(names).toEqual(['__proto__'])
  })

  it('that is a tombstone has no value, and one without key none', async () => {
    for (const absent of [undefined, null]) {
      const event = mskEvent()
      Object.assign(event.records['orders-0']?.[0] ?? {}, { key: absent, value: absent })
      const seen = vi.fn()
      await kafka()
        .each()
        .handle(({ record, unit }) => seen(record.key, record.value, unit.raw))(event, lambdaContext())
      expect(seen).toHaveBeenCalledWith(null, null, null)
    }
  })

  it('with an empty value is no tombstone', async () => {
    expect((await read({ value: '' })).value).toEqual(new Uint8Array())
  })

  it('that nobody reads is not decoded', async () => {
    const event = mskEvent()
    const decode = vi.spyOn(Buffer, 'from')
    const handler = kafka()
      .each()
      .handle(({ record, unit }) => void [record.offset, unit.id])
    await handler(event, lambdaContext())
    expect(decode).not.toHaveBeenCalled()
    decode.mockRestore()
  })

  it('that lacks what is read fails when it is read, and says what', async () => {
    const one = await read({ timestamp: undefined, headers: [{ h: 'secret' as never }], key: undefined })
    expect(() => one.timestamp).toThrow('record orders-0-0: timestamp is not a number')
    expect(() => one.headers).toThrow(/^record orders-0-0: header h is no array of bytes$/)
    const event = mskEvent()
    Object.assign(event.records['orders-0']?.[0] ?? {}, { value: { secret: 1 } })
    const handler = kafka()
      .use(listen())
      .each()
      .handle(({ record }) => void record.value)
    await expect(invoke(handler, event)).rejects.toThrow(/^record orders-0-0: value is no base64 text$/)
  })

  it('is a unit with its value as the payload and what a dead letter needs', async () => {
    const event = mskEvent([{ topic: 'a-1', partition: 2, offset: 5, headers: [{ h: [1] }], value: bytes('v') }])
    const seen = vi.fn()
    await kafka()
      .each()
      .handle(ctx => seen({ ...ctx.unit }, ctx.event))(event, lambdaContext())
    const record = event.records['a-1-2']?.[0]
    expect(seen).toHaveBeenCalledWith(
      {
        kind: 'record',
        source: 'aws:kafka',
        id: 'a-1-2-5',
        sourceArn: event.eventSourceArn,
        raw: bytes('v'),
        groupId: 'a-1-2',
        sentAt: record?.timestamp,
        origin: {
          topic: 'a-1',
          partition: 2,
          offset: 5,
          timestampType: 'CREATE_TIME',
          key: record?.key,
          headers: [{ h: [1] }],
        },
      },
      record,
    )
  })
})

/** Two partitions: `a-0` with the offsets 0 to 2, `b-0` with 0 and 1. */
const batch = () => mskEvent(['a', 'a', 'b', 'a', 'b'].map(topic => ({ topic })))
const idOf = ({ topic, partition, offset }: KafkaRecord) => `${topic}-${partition}-${offset}`
const identifier = (partition: string, offset: number) => ({ itemIdentifier: { partition, offset } })

describe('a batch', () => {
  it('of a self-managed cluster has no ARN', async () => {
    const { records, bootstrapServers } = mskEvent()
    const event: SelfManagedKafkaEvent = { eventSource: 'SelfManagedKafka', bootstrapServers, records }
    const seen = vi.fn()
    await kafka()
      .each()
      .handle(({ unit }) => seen(unit.source, unit.id, unit.sourceArn))(event, lambdaContext())
    expect(seen).toHaveBeenCalledWith('aws:kafka', 'orders-0-0', undefined)
  })

  it('that fails has the other partitions done, and fails with what was thrown', async () => {
    const tried: string[] = []
    const ear = listen()
    const handler = kafka()
      .use(ear)
      .each()
      .handle(({ record }) => {
        tried.push(idOf(record))
        if (record.topic === 'a' && record.offset === 1) throw new PermanentError('no')
      })
    const error = await invoke(handler, batch()).catch(error => error)
    expect(tried).toEqual(['a-0-0', 'a-0-1', 'b-0-0', 'b-0-1'])
    expect(error).toMatchObject({ name: 'AggregateError', errors: [{ message: 'no' }] })
    expect(error.message).toBe('1 of 5 records failed: a-0-1')
    expect(classify(error)).toBe('permanent')
    expect(ear.said.at(-1)).toMatchObject({ name: 'batch.failures', fields: { total: 5, failed: 2, notStarted: 1 } })
  })

  // In the batch package of Powertools it rejects the whole batch with an error of its own.
  it('in which undefined is thrown fails, after the other partitions', async () => {
    const tried: string[] = []
    const handler = kafka()
      .use(listen())
      .each()
      .handle(({ record }) => {
        tried.push(idOf(record))
        return record.topic === 'a' ? Promise.reject(undefined) : undefined
      })
    const error = await invoke(handler, batch()).catch(error => error)
    expect(tried).toEqual(['a-0-0', 'b-0-0', 'b-0-1'])
    expect(error).toMatchObject({ name: 'AggregateError', errors: [undefined] })
  })

  it('of one record fails with the error itself', async () => {
    const thrown = new Error('no')
    const handler = kafka()
      .use(listen())
      .each()
      .handle(() => Promise.reject(thrown))
    await expect(invoke(handler, mskEvent())).rejects.toBe(thrown)
  })

  it('that reports names the failed record and the later ones of its partition, as Lambda reads them', async () => {
    const handler = kafka({ reportBatchItemFailures: true })
      .use(listen())
      .each()
      .handle(({ record }) => {
        if (record.topic === 'a' && record.offset === 1) throw new Error('no')
      })
    expect(await invoke(handler, batch())).toEqual({
      batchItemFailures: [identifier('a-0', 1), identifier('a-0', 2)],
    })
  })

  it('reports a drop as done, a fail() as failed', async () => {
    const ear = listen()
    const handler = kafka({ reportBatchItemFailures: true })
      .use(ear)
      .each()
      .handle(({ record }) => (record.topic === 'a' ? drop('old') : fail('no')))
    expect(await invoke(handler, batch())).toEqual({ batchItemFailures: [identifier('b-0', 0), identifier('b-0', 1)] })
    expect(ear.said.map(({ name }) => name)).toEqual([
      ...Array(3).fill('batch.record.dropped'),
      'batch.record.failed',
      'batch.failures',
    ])
  })

  it('that reports fails if it is to when nothing at all is done', async () => {
    const handler = kafka({ reportBatchItemFailures: true })
      .use(listen())
      .each({ throwOnFullFailure: true })
      .handle(() => Promise.reject(new Error('no')))
    await expect(invoke(handler, batch())).rejects.toBeInstanceOf(AggregateError)
  })

  it.each([0, 1.5, Number.NaN])('takes no concurrency of %s', concurrency => {
    expect(() => kafka().each({ concurrency })).toThrow(RangeError)
  })

  it('that reports, and is done, has an empty list', async () => {
    const handler = kafka({ reportBatchItemFailures: true })
      .each()
      .handle(() => {})
    expect(await invoke(handler, batch())).toEqual({ batchItemFailures: [] })
  })

  it('that is done without reporting answers nothing', async () => {
    const handler = kafka()
      .each()
      .handle(() => {})
    expect(await handler(batch(), lambdaContext())).toBeUndefined()
  })

  it('that the deadline leaves no time for is reported from there on', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    const handler = kafka({ reportBatchItemFailures: true })
      .use(listen())
      .each()
      .handle(({ record }) => {
        if (idOf(record) === 'a-0-1') vi.setSystemTime(Date.now() + 900)
      })
    const { batchItemFailures } = await invoke(handler, batch(), lambdaContext({ timeout: 1000 }))
    expect(batchItemFailures).toEqual([identifier('a-0', 2), identifier('b-0', 0), identifier('b-0', 1)])
  })

  it('handled whole reports the records given, and the later ones of their partitions', async () => {
    const ear = listen()
    const handler = kafka({ reportBatchItemFailures: true })
      .use(ear)
      .handle(({ records }) => failures(...records.filter(({ offset }) => offset === 1)))
    expect(await invoke(handler, batch())).toEqual({
      batchItemFailures: [identifier('a-0', 1), identifier('a-0', 2), identifier('b-0', 1)],
    })
    expect(ear.said).toMatchObject([{ name: 'batch.failures', fields: { total: 5, failed: 3 } }])
  })

  // What Lambda does not read would be a success, and the records lost.
  it('handled whole that does not report refuses failures', async () => {
    const handler = kafka()
      .use(listen())
      .handle(({ records }) => failures(...records) as never)
    await expect(invoke(handler, batch())).rejects.toMatchObject({ name: 'LambentError', code: 'NotReported' })
  })

  it.each<[string, (event: MSKEvent) => unknown, string]>([
    ['no offset', ({ records }) => set(records, 'offset', undefined), 'offset'],
    ['an offset that was rounded', ({ records }) => set(records, 'offset', 2 ** 53), 'offset that is a safe integer'],
    ['a text as offset', ({ records }) => set(records, 'offset', '1'), 'offset that is a safe integer'],
    ['a negative offset', ({ records }) => set(records, 'offset', -1), 'offset that is a safe integer'],
    ['no topic', ({ records }) => set(records, 'topic', undefined), 'topic'],
    ['no partition', ({ records }) => set(records, 'partition', undefined), 'partition'],
  ])('with a record that has %s fails as a whole', async (_, spoil, lack) => {
    const event = mskEvent([{}, {}])
    spoil(event)
    const handler = kafka()
      .each()
      .handle(() => {})
    await expect(invoke(handler, event)).rejects.toMatchObject({
      name: 'UnexpectedEventError',
      message: expect.stringContaining(`records["orders-0"][1] has no ${lack}`),
    })
  })

  it.each<[string, unknown]>([
    ['no records', {}],
    ['an empty partition', { 'orders-0': [] }],
    ['a partition that is no array', { 'orders-0': { 0: {} } }],
    ['null', null],
  ])('with %s is not an event of Kafka', async (_, records) => {
    const handler = kafka()
      .each()
      .handle(() => {})
    await expect(handler({ ...mskEvent(), records } as never, lambdaContext())).rejects.toMatchObject({
      name: 'UnexpectedEventError',
      message: expect.stringMatching(/^expected a Kafka event with records/),
    })
  })
})

function set(records: MSKEvent['records'], name: string, value: unknown): void {
  Object.assign(records['orders-0']?.[1] ?? {}, { [name]: value })
}

describe('for random batches, failures and concurrencies', () => {
  const partitions = fc.array(fc.array(fc.constantFrom('ok', 'ok', 'ok', 'fails'), { minLength: 1, maxLength: 8 }), {
    minLength: 1,
    maxLength: 6,
  })
  const cases = fc.record({
    partitions,
    concurrency: fc.integer({ min: 1, max: 8 }),
    ticks: fc.infiniteStream(fc.nat(3)),
  })

  it('a partition is in order, up to its first failure, and exactly the rest of it is reported', async () => {
    await fc.assert(
      fc.asyncProperty(cases, async ({ partitions, concurrency, ticks }) => {
        const ran = new Map<string, number[]>()
        const running = new Set<string | undefined>()
        const handler = kafka({ reportBatchItemFailures: true })
          .use(listen())
          .each({ concurrency })
          .handle(async ({ record, unit }) => {
            expect(running).not.toContain(unit.groupId) // never two of a partition at once
            running.add(unit.groupId)
            expect(running.size).toBeLessThanOrEqual(concurrency)
            const seen = ran.get(record.topic) ?? []
            ran.set(record.topic, [...seen, record.offset])
            for (let tick = ticks.next().value ?? 0; tick > 0; tick--) await undefined
            running.delete(unit.groupId)
            if (partitions[Number(record.topic)]?.[record.offset] === 'fails') throw new Error('no')
          })
        const event = mskEvent(partitions.flatMap((records, index) => records.map(() => ({ topic: `${index}` }))))
        const { batchItemFailures } = await invoke(handler, event)
        const firstFailure = (records: string[]) => (records.includes('fails') ? records.indexOf('fails') : Infinity)
        for (const [index, records] of partitions.entries()) {
          const offsets = records.map((_, offset) => offset)
          expect(ran.get(`${index}`)).toEqual(offsets.filter(offset => offset <= firstFailure(records)))
          expect(batchItemFailures.filter(({ itemIdentifier }) => itemIdentifier.partition === `${index}-0`)).toEqual(
            offsets.filter(offset => offset >= firstFailure(records)).map(offset => identifier(`${index}-0`, offset)),
          )
        }
      }),
    )
  })

  it('without reporting the invocation fails if and only if a record did, with the errors of all partitions', async () => {
    await fc.assert(
      fc.asyncProperty(partitions, async partitions => {
        const handler = kafka()
          .use(listen())
          .each({ concurrency: 3 })
          .handle(async ({ record }) => {
            if (partitions[Number(record.topic)]?.[record.offset] === 'fails') throw record.topic
          })
        const event = mskEvent(partitions.flatMap((records, index) => records.map(() => ({ topic: `${index}` }))))
        const error = await handler(event, lambdaContext()).then(
          () => undefined,
          error => error,
        )
        const failed = partitions.flatMap((records, index) => (records.includes('fails') ? [`${index}`] : []))
        if (failed.length === 0) expect(error).toBeUndefined()
        else expect(error instanceof AggregateError ? error.errors : [error]).toEqual(failed)
      }),
    )
  })
})
