import type { Middleware } from '@lambent/core'
import { firehoseTransformationEvent, invoke, lambdaContext } from '@lambent/testing'
import fc from 'fast-check'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { listen } from '../test/telemetry.ts'
import { drop, type FirehoseEvent, type FirehoseReturn, fail, firehose, partitioned } from './firehose.ts'

afterEach(() => {
  vi.useRealTimers()
})

const base64 = (data: string | Uint8Array) => Buffer.from(data).toString('base64')
const text = (data: string | undefined) => Buffer.from(data ?? '', 'base64').toString()
const STREAM = 'arn:aws:firehose:eu-west-1:123456789012:deliverystream/orders'

/** The records of the response, for what a handler returns or throws for each of these texts. */
async function transform(work: (data: string) => FirehoseReturn | Promise<FirehoseReturn>, ...data: string[]) {
  const ear = listen()
  const handler = firehose()
    .use(ear)
    .each()
    .handle(({ record }) => work(new TextDecoder().decode(record.data)))
  const { records } = await invoke(handler, firehoseTransformationEvent(data.map(data => ({ data: base64(data) }))))
  return { records, said: ear.said }
}

describe('what a handler returns', () => {
  it.each<[string, FirehoseReturn, Uint8Array | string]>([
    ['text goes as it is', 'grün\n', 'grün\n'],
    ['an empty text too', '', ''],
    ['bytes go as they are', Uint8Array.of(0, 255), Uint8Array.of(0, 255)],
    ['a part of a buffer goes as that part', Buffer.from('abc').subarray(1, 2), 'b'],
    ['an object is one line of JSON', { a: 'ü' }, '{"a":"ü"}\n'],
    ['an array is one line of JSON', [1, 2], '[1,2]\n'],
    [
      'an object with data and partitionKeys is data like any other',
      { data: 1, partitionKeys: {} },
      '{"data":1,"partitionKeys":{}}\n',
    ],
    ['nothing leaves the record as it is', undefined, 'given'],
  ])('%s', async (_, value, data) => {
    const { records } = await transform(() => value, 'given')
    expect(records).toEqual([{ recordId: expect.any(String), result: 'Ok', data: base64(data) }])
  })

  it('drop() leaves the record out', async () => {
    const { records, said } = await transform(data => (data === 'b' ? drop('robot') : data), 'a', 'b')
    expect(records).toMatchObject([{ result: 'Ok' }, { result: 'Dropped' }])
    expect(records[1]).not.toHaveProperty('data')
    expect(said).toMatchObject([{ name: 'batch.record.dropped', fields: { reason: 'robot' } }])
  })

  it('partitioned() adds the keys of dynamic partitioning', async () => {
    const keys = { customer: '42' }
    const { records } = await transform(data => partitioned(data === 'a' ? { a: 1 } : undefined, keys), 'a', 'b')
    expect(records).toMatchObject([
      { result: 'Ok', data: base64('{"a":1}\n'), metadata: { partitionKeys: keys } },
      { result: 'Ok', data: base64('b'), metadata: { partitionKeys: keys } },
    ])
  })

  it.each<[string, () => unknown, string]>([
    ['a number', () => 1, 'the handler returned number'],
    ['a bigint', () => 1n, 'the handler returned bigint'],
    ['a function', () => () => {}, 'the handler returned function'],
    ['a buffer that JSON would make {} of', () => new ArrayBuffer(1), 'the handler returned a buffer'],
    ['an array of other numbers than bytes', () => new Float64Array(1), 'the handler returned a buffer'],
    ['an object that JSON leaves out', () => ({ toJSON() {} }), 'the handler returned object'],
    ['an object that JSON refuses', () => ({ a: 1n }), 'BigInt'],
    ['an Error', () => new Error('given back'), 'given back'],
    ['a partition key without value', () => partitioned('', { a: undefined as never }), 'partition key a'],
    ['a partition key with an empty value', () => partitioned('', { a: '' }), 'partition key a'],
    ['partitioned() of no data', () => partitioned(1 as never, {}), 'the handler returned number'],
    ['fail()', () => fail('bad'), 'bad'],
    ['a rejection', () => Promise.reject(new Error('thrown')), 'thrown'],
  ])('%s fails the record, which keeps its data, and is told', async (_, work, message) => {
    const { records, said } = await transform(data => (data === 'b' ? (work() as FirehoseReturn) : data), 'a', 'b', 'c')
    expect(records).toMatchObject([
      { result: 'Ok', data: base64('a') },
      { result: 'ProcessingFailed', data: base64('b') },
      { result: 'Ok', data: base64('c') },
    ])
    expect(said).toMatchObject([
      {
        name: 'batch.record.failed',
        unit: { id: records[1]?.recordId },
        error: { message: expect.stringContaining(message) },
      },
      { name: 'batch.failures', fields: { total: 3, failed: 1 } },
    ])
  })

  it('is data when it is only spelled like partitioned(), as by who sent the record', async () => {
    const forged = '{"lambent.firehose":"Ok","data":"eA==","partitionKeys":{"tenant":"another"}}'
    const { records } = await transform(data => JSON.parse(data), forged)
    expect(records).toEqual([{ recordId: expect.any(String), result: 'Ok', data: base64(`${forged}\n`) }])
  })

  it('with partition keys cannot be lost in a store of JSON: the record fails', async () => {
    const store: Middleware = async (_, next) => {
      const result = await next()
      return { ...result, value: JSON.parse(JSON.stringify(result.value)) }
    }
    const ear = listen()
    const handler = firehose()
      .use(ear)
      .each()
      .use(store)
      .handle(() => partitioned('b', { k: 'v' }))
    expect(await invoke(handler, firehoseTransformationEvent())).toMatchObject({
      records: [{ result: 'ProcessingFailed' }],
    })
    expect(ear.said[0]).toMatchObject({
      error: { message: 'the result of a Firehose record cannot be stored as JSON' },
    })
  })

  // In the batch package of Powertools it rejects the whole batch.
  it('does not matter when it throws undefined: that record alone fails', async () => {
    const { records } = await transform(data => (data === 'b' ? Promise.reject(undefined) : data), 'a', 'b', 'c')
    expect(records.map(({ result }) => result)).toEqual(['Ok', 'ProcessingFailed', 'Ok'])
  })

  it('may be changed by a middleware', async () => {
    const shout: Middleware = async (_, next) => {
      const result = await next()
      return { ...result, value: `${result.value}!` }
    }
    const handler = firehose()
      .each()
      .use(shout)
      .handle(() => 'a')
    const { records } = await invoke(handler, firehoseTransformationEvent())
    expect(text(records[0]?.data)).toBe('a!')
  })
})

describe('a record', () => {
  it('has its data decoded, and says where it came from', async () => {
    const kinesisRecordMetadata = {
      shardId: 'shardId-000000000000',
      partitionKey: 'p',
      approximateArrivalTimestamp: 1,
      sequenceNumber: '1',
      subsequenceNumber: '',
    }
    const sourceKinesisStreamArn = 'arn:aws:kinesis:eu-west-1:123456789012:stream/orders'
    const event = firehoseTransformationEvent([{ recordId: 'r', data: base64('{}'), kinesisRecordMetadata }], {
      sourceKinesisStreamArn,
    })
    const seen = vi.fn()
    const handler = firehose()
      .each()
      .handle(({ record, event, unit }) => {
        const { recordId, data, approximateArrivalTimestamp, kinesisRecordMetadata, mskRecordMetadata } = record
        seen({ recordId, data, approximateArrivalTimestamp, kinesisRecordMetadata, mskRecordMetadata }, event, {
          ...unit,
        })
      })
    await invoke(handler, event)
    const data = new TextEncoder().encode('{}')
    const approximateArrivalTimestamp = Date.UTC(2026, 0, 15, 12)
    expect(seen).toHaveBeenCalledWith(
      { recordId: 'r', data, approximateArrivalTimestamp, kinesisRecordMetadata, mskRecordMetadata: undefined },
      event.records[0],
      {
        kind: 'record',
        source: 'aws:firehose',
        id: 'r',
        sourceArn: STREAM,
        raw: data,
        sentAt: approximateArrivalTimestamp,
        origin: { sourceArn: sourceKinesisStreamArn, kinesisRecordMetadata, mskRecordMetadata: undefined },
      },
    )
  })

  it('of a stream that Amazon MSK feeds is read from and answered in kafkaRecordValue', async () => {
    const mskRecordMetadata = { offset: '0', partitionId: '1', approximateArrivalTimestamp: 1716369573887 }
    const record = { recordId: 'r', approximateArrivalTimestamp: 1716369573887, mskRecordMetadata }
    const event: FirehoseEvent = {
      invocationId: 'i',
      sourceMSKArn: 'arn:aws:kafka:eu-west-1:123456789012:cluster/orders/1',
      deliveryStreamArn: STREAM,
      region: 'eu-west-1',
      records: ['a', 'b', 'c'].map(data => ({ ...record, kafkaRecordValue: base64(data) })),
    }
    const handler = firehose()
      .use(listen())
      .each()
      .handle(({ record, unit }) => {
        const data = new TextDecoder().decode(record.data)
        if (data === 'c') throw new Error('no')
        return data === 'a' ? `${data} of ${unit.origin?.sourceArn} at ${record.mskRecordMetadata?.offset}` : undefined
      })
    expect(await handler(event, lambdaContext())).toEqual({
      records: [
        { recordId: 'r', result: 'Ok', kafkaRecordValue: base64(`a of ${event.sourceMSKArn} at 0`) },
        { recordId: 'r', result: 'Ok', kafkaRecordValue: base64('b') },
        { recordId: 'r', result: 'ProcessingFailed', kafkaRecordValue: base64('c') },
      ],
    })
  })

  it('that nobody reads is not decoded', async () => {
    const event = firehoseTransformationEvent([{ data: base64('x') }])
    const handler = firehose()
      .each()
      .handle(({ record }) => void record.recordId)
    const decode = vi.spyOn(Buffer, 'from')
    const answer = await handler(event, lambdaContext())
    expect(decode).not.toHaveBeenCalled()
    decode.mockRestore()
    expect(answer).toMatchObject({ records: [{ result: 'Ok', data: base64('x') }] })
  })

  it('that lacks what is read fails, and says what', async () => {
    const ear = listen()
    const handler = firehose()
      .use(ear)
      .each()
      .handle(({ record }) => void record.approximateArrivalTimestamp)
    const event = firehoseTransformationEvent([{ recordId: 'r', approximateArrivalTimestamp: undefined }])
    expect(await invoke(handler, event)).toMatchObject({ records: [{ result: 'ProcessingFailed' }] })
    expect(ear.said[0]).toMatchObject({ error: { message: 'record r: approximateArrivalTimestamp is not a number' } })
  })
})

describe('a batch', () => {
  it('is answered once for every id, in order, whatever happens to its records', async () => {
    const outcomes = fc.constantFrom(
      'keep',
      'text',
      'json',
      'bytes',
      'drop',
      'partitioned',
      'throw',
      'undefined',
      'fail',
    )
    const results: Record<string, string> = {
      drop: 'Dropped',
      throw: 'ProcessingFailed',
      undefined: 'ProcessingFailed',
      fail: 'ProcessingFailed',
    }
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(outcomes, fc.nat(3)), { minLength: 1, maxLength: 40 }),
        fc.integer({ min: 1, max: 8 }),
        async (given, concurrency) => {
          const handler = firehose()
            .use(listen())
            .each({ concurrency })
            .handle(async ({ record }): Promise<FirehoseReturn> => {
              const [outcome, ticks] = JSON.parse(new TextDecoder().decode(record.data)) as [string, number]
              for (let tick = 0; tick < ticks; tick++) await undefined
              if (outcome === 'throw') throw new Error('no')
              if (outcome === 'undefined') throw undefined
              if (outcome === 'drop') return drop()
              if (outcome === 'fail') return fail()
              if (outcome === 'partitioned') return partitioned({ outcome }, { outcome })
              if (outcome === 'text') return outcome
              if (outcome === 'json') return { outcome }
              return outcome === 'bytes' ? new TextEncoder().encode(outcome) : undefined
            })
          const event = firehoseTransformationEvent(given.map(data => ({ data: base64(JSON.stringify(data)) })))
          const { records } = await invoke(handler, event)
          expect(records.map(({ recordId, result }) => [recordId, result])).toEqual(
            event.records.map(({ recordId }, index) => [recordId, results[given[index]?.[0] ?? ''] ?? 'Ok']),
          )
          for (const [index, { data, metadata }] of records.entries()) {
            const outcome = given[index]?.[0] ?? ''
            const own = {
              text: outcome,
              bytes: outcome,
              json: `{"outcome":"json"}\n`,
              partitioned: `{"outcome":"partitioned"}\n`,
            }
            if (outcome === 'drop') expect(data).toBeUndefined()
            else expect(text(data)).toBe(own[outcome as 'text'] ?? JSON.stringify(given[index]))
            expect(metadata).toEqual(outcome === 'partitioned' ? { partitionKeys: { outcome } } : undefined)
          }
        },
      ),
    )
  })

  it('has those failed that the deadline leaves no time to start, and the others delivered', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    const ear = listen()
    const handler = firehose()
      .use(ear)
      .each({ concurrency: 1 })
      .handle(() => {
        vi.setSystemTime(Date.now() + 450)
        return 'done'
      })
    const event = firehoseTransformationEvent([{}, {}, {}])
    const { records } = await invoke(handler, event, lambdaContext({ timeout: 1000 }))
    expect(records).toEqual([
      { recordId: event.records[0]?.recordId, result: 'Ok', data: base64('done') },
      { recordId: event.records[1]?.recordId, result: 'Ok', data: base64('done') },
      { recordId: event.records[2]?.recordId, result: 'ProcessingFailed', data: event.records[2]?.data },
    ])
    expect(ear.said).toMatchObject([{ name: 'batch.failures', fields: { total: 3, failed: 1, notStarted: 1 } }])
  })

  it('of which the handler fails as a whole before .each() fails', async () => {
    const handler = firehose()
      .use(() => Promise.reject(new Error('no')))
      .each()
      .handle(() => {})
    await expect(invoke(handler, firehoseTransformationEvent())).rejects.toThrow('no')
  })

  it.each<[string, unknown, string]>([
    ['no recordId', firehoseTransformationEvent([{}, { recordId: undefined }]), 'records[1] has no recordId'],
    ['an empty recordId', firehoseTransformationEvent([{ recordId: '' }]), 'records[0] has no recordId'],
    ['no data', { ...firehoseTransformationEvent(), records: [{ recordId: 'r' }] }, 'records[0] has no data'],
    ['null as a record', { ...firehoseTransformationEvent(), records: [null] }, 'records[0] has no recordId'],
    ['no records', { ...firehoseTransformationEvent(), records: [] }, 'got a Firehose event'],
    ['no stream', { records: firehoseTransformationEvent().records }, 'got an object with the keys "records"'],
  ])('with %s fails as a whole', async (_, event, message) => {
    const handler = firehose()
      .each()
      .handle(() => {})
    await expect(handler(event as never, lambdaContext())).rejects.toMatchObject({
      name: 'UnexpectedEventError',
      message: expect.stringContaining(message),
    })
  })
})

describe('a batch that is handled whole', () => {
  it('is answered by an array in the order of its records', async () => {
    const ear = listen()
    const handler = firehose()
      .use(ear)
      .handle(({ records }) => [undefined, drop(), fail('no'), partitioned({ id: records[3]?.recordId }, { a: 'b' })])
    const event = firehoseTransformationEvent([{}, {}, {}, { recordId: 'r' }])
    expect((await invoke(handler, event)).records).toMatchObject([
      { result: 'Ok', data: event.records[0]?.data },
      { result: 'Dropped' },
      { result: 'ProcessingFailed', data: event.records[2]?.data },
      { recordId: 'r', result: 'Ok', data: base64('{"id":"r"}\n'), metadata: { partitionKeys: { a: 'b' } } },
    ])
    expect(ear.said).toMatchObject([
      { name: 'batch.record.failed', unit: { id: event.records[2]?.recordId }, error: { message: 'no' } },
      { name: 'batch.failures', fields: { total: 4, failed: 1, notStarted: 0 } },
    ])
  })

  it.each<[string, unknown, string]>([
    ['nothing', undefined, 'returned undefined'],
    ['too few', [''], 'returned 1 results'],
    ['too many', ['', '', ''], 'returned 3 results'],
    ['a response', { records: [] }, 'returned object'],
  ])('and for which its handler returns %s fails', async (_, value, message) => {
    const handler = firehose().handle(() => value as never)
    await expect(invoke(handler, firehoseTransformationEvent([{}, {}]))).rejects.toMatchObject({
      code: 'WrongResults',
      message: expect.stringContaining(message),
    })
  })
})

// Lambda refuses a response over 6 MiB, and then the whole batch is lost.
describe('a response that would be larger than 6 MiB', () => {
  const MAX = 6 * 1024 * 1024
  const size = (response: unknown) => Buffer.byteLength(JSON.stringify(response))

  /** Each record becomes a text of this many bytes, or fails. */
  async function grow(...sizes: (number | 'fails')[]) {
    const ear = listen()
    const handler = firehose()
      .use(ear)
      .handle(() => sizes.map(size => (size === 'fails' ? fail() : 'x'.repeat(size))))
    const response = await invoke(handler, firehoseTransformationEvent(sizes.map(() => ({ data: base64('given') }))))
    return { response, results: response.records.map(({ result }) => result), said: ear.said }
  }

  it('has those failed that have no place in it, is as large as it may be, and tells', async () => {
    const mebibyte = 1024 * 1024
    const { response, results, said } = await grow(3 * mebibyte, 2 * mebibyte, mebibyte, 10)
    expect(results).toEqual(['Ok', 'ProcessingFailed', 'Ok', 'Ok'])
    expect(response.records[1]?.data).toBe(base64('given'))
    expect(size(response)).toBeLessThanOrEqual(MAX)
    expect(said).toMatchObject([{ name: 'firehose.oversize', level: 'error', fields: { total: 4, failed: 1 } }])
  })

  it('counts every byte: base64, names, ids, keys and quotes', async () => {
    const overhead = size({
      records: [{ recordId: firehoseTransformationEvent().records[0]?.recordId, result: 'Ok', data: '' }],
    })
    const most = Math.floor((MAX - overhead - 'ProcessingFailed'.length) / 4) * 3
    expect((await grow(most)).results).toEqual(['Ok'])
    expect((await grow(most + 30)).results).toEqual(['ProcessingFailed'])
  })

  it('is not made so by the records that then fail: ProcessingFailed is longer than Ok', async () => {
    const small = Array.from({ length: 200 }, () => 100)
    const { records } = firehoseTransformationEvent([0, ...small].map(() => ({})))
    const empty = size({ records: records.map(({ recordId }) => ({ recordId, result: 'Ok', data: '' })) })
    const { response } = await grow(Math.floor((MAX - empty) / 4) * 3, ...small)
    expect(size(response)).toBeLessThanOrEqual(MAX)
  })

  it('is never sent, whatever the sizes, and a record fails only where there is no place', async () => {
    const sizes = fc.array(fc.oneof(fc.nat(2_000_000), fc.nat(100), fc.constant('fails' as const)), {
      minLength: 1,
      maxLength: 12,
    })
    await fc.assert(
      fc.asyncProperty(sizes, async sizes => {
        const { response, results } = await grow(...sizes)
        expect(size(response)).toBeLessThanOrEqual(MAX)
        for (const [index, bytes] of sizes.entries()) {
          if (bytes === 'fails') expect(results[index]).toBe('ProcessingFailed')
          else if (results[index] !== 'Ok') {
            const before = sizes
              .slice(0, index)
              .reduce<number>((sum, size, i) => sum + (results[i] === 'Ok' ? (size as number) : 0), bytes)
            expect(before * (4 / 3) + 200 * sizes.length).toBeGreaterThan(MAX)
          }
        }
      }),
      { numRuns: 20 },
    )
  })

  it('leaves out what failed records came with where there is no place for that either', async () => {
    const given = base64('x'.repeat(2 * 1024 * 1024))
    const handler = firehose()
      .use(listen())
      .handle(() => [fail(), 'y'.repeat(3 * 1024 * 1024)])
    const { records } = await invoke(handler, firehoseTransformationEvent([{ data: given }, { data: base64('') }]))
    expect(records).toMatchObject([{ result: 'ProcessingFailed' }, { result: 'Ok' }])
    expect(records[0]).not.toHaveProperty('data')
  })

  it('counts the bytes of partition keys, not their characters', async () => {
    const handler = firehose()
      .use(listen())
      .handle(() => [partitioned('x'.repeat(3 * 1024 * 1024), { a: 'ü'.repeat(1_200_000) })])
    const response = await invoke(handler, firehoseTransformationEvent())
    expect(response.records).toMatchObject([{ result: 'ProcessingFailed' }])
    expect(response.records[0]).not.toHaveProperty('metadata')
    expect(size(response)).toBeLessThanOrEqual(MAX)
  })
})
