import { invoke, kinesisStreamEvent, lambdaContext } from '@lambent/testing'
import { describe, expect, it, vi } from 'vitest'
import { listen } from '../test/telemetry.ts'
import { failures, type KinesisRecord, kinesis } from './kinesis.ts'

type Overrides = NonNullable<NonNullable<Parameters<typeof kinesisStreamEvent>[0]>[number]>

const read = async (record: Overrides): Promise<KinesisRecord> => {
  let seen: KinesisRecord | undefined
  const handler = kinesis()
    .each()
    .handle(({ record }) => {
      seen = record
    })
  await handler(kinesisStreamEvent([record]), lambdaContext())
  if (!seen) throw new Error('the handler was not called')
  return seen
}
const number = (i: number) => `${49590338271490256608559692538361571095921575989136588898n + BigInt(i)}`
const numbered = (length: number, keyOf = (i: number) => `${i}`) =>
  kinesisStreamEvent(
    Array.from({ length }, (_, i) => ({ kinesis: { sequenceNumber: number(i), partitionKey: keyOf(i) } })),
  )

describe('a record', () => {
  it('has its data as bytes, and what Kinesis knows of it', async () => {
    const record = await read({
      eventID: `shardId-000000000006:${number(0)}`,
      kinesis: {
        data: Uint8Array.of(0, 255, 10),
        partitionKey: 'k',
        sequenceNumber: number(0),
        approximateArrivalTimestamp: 1545084650.987,
      },
    })
    const { data, partitionKey, sequenceNumber, approximateArrivalTimestamp, shardId } = record
    expect({ data, partitionKey, sequenceNumber, approximateArrivalTimestamp, shardId }).toEqual({
      data: Uint8Array.of(0, 255, 10),
      partitionKey: 'k',
      sequenceNumber: number(0),
      approximateArrivalTimestamp: 1545084650987,
      shardId: 'shardId-000000000006',
    })
    expect(record.data).toBe(data)
  })

  it('decodes its data when it is read, and no earlier', async () => {
    const event = numbered(3)
    const decode = vi.spyOn(Buffer, 'from')
    const data: unknown[] = []
    await kinesis()
      .each()
      .handle(({ record, unit }) => {
        expect(decode).toHaveBeenCalledTimes(data.length)
        data.push(record.data)
        expect(unit.raw).toBe(record.data)
      })(event, lambdaContext())
    expect(decode).toHaveBeenCalledTimes(3)
    decode.mockRestore()
  })

  it('that lacks what is read fails when it is read, and says what', async () => {
    const record = await read({
      eventID: 'x',
      kinesis: { sequenceNumber: '5', partitionKey: 1 as never, approximateArrivalTimestamp: 'soon' as never },
    })
    expect(() => record.partitionKey).toThrow('record 5: kinesis.partitionKey is not a string')
    expect(() => record.approximateArrivalTimestamp).toThrow('approximateArrivalTimestamp is not a number')
    expect(() => record.shardId).toThrow('eventID names no shard')
  })

  it('is a unit with what a dead letter needs', async () => {
    const seen = vi.fn()
    const event = kinesisStreamEvent([
      { kinesis: { data: new TextEncoder().encode('x'), partitionKey: 'k', sequenceNumber: number(0) } },
    ])
    await kinesis()
      .each()
      .handle(({ unit, event }) => void seen({ ...unit }, event))(event, lambdaContext())
    const [record] = event.Records
    expect(seen).toHaveBeenCalledWith(
      {
        kind: 'record',
        source: 'aws:kinesis',
        id: number(0),
        sourceArn: record?.eventSourceARN,
        raw: new TextEncoder().encode('x'),
        groupId: 'k',
        sentAt: Math.round((record?.kinesis.approximateArrivalTimestamp ?? 0) * 1000),
        origin: {
          eventID: record?.eventID,
          partitionKey: 'k',
          awsRegion: 'eu-west-1',
          streamName: 'orders',
        },
      },
      record,
    )
  })
})

describe('a batch', () => {
  it('without a sequence number is refused: such a record could not be reported', async () => {
    const event = kinesisStreamEvent([{}, { kinesis: { sequenceNumber: '' } }])
    await expect(
      kinesis()
        .each()
        .handle(() => {})(event, lambdaContext()),
    ).rejects.toThrow('expected a Kinesis event with records: Records[1] has no kinesis.sequenceNumber')
  })

  it('stops at the first failure and reports that one', async () => {
    const tried: string[] = []
    const handler = kinesis()
      .use(listen())
      .each()
      .handle(({ record }) => {
        tried.push(record.sequenceNumber)
        if (record.sequenceNumber === number(1)) throw undefined
      })
    expect(await invoke(handler, numbered(4))).toEqual({ batchItemFailures: [{ itemIdentifier: number(1) }] })
    expect(tried).toEqual([number(0), number(1)])
  })

  it('goes on with onFailure: continue, but for those of the same key, and reports the lowest', async () => {
    const tried: string[] = []
    const handler = kinesis()
      .use(listen())
      .each({ onFailure: 'continue' })
      .handle(({ record }) => {
        tried.push(record.sequenceNumber)
        if (record.sequenceNumber === number(1) || record.sequenceNumber === number(2)) throw new Error('no')
      })
    // The keys: 0, 1, 2, 0, 1, 2
    expect(
      await invoke(
        handler,
        numbered(6, i => `${i % 3}`),
      ),
    ).toEqual({
      batchItemFailures: [{ itemIdentifier: number(1) }],
    })
    expect(tried).toEqual([0, 1, 2, 3].map(number))
  })

  it('awaits what runs when a record fails, and still starts what comes before that one', async () => {
    const log: string[] = []
    const handler = kinesis()
      .use(listen())
      .each({ concurrency: 2 })
      .handle(async ({ record }) => {
        const index = [0, 1, 2, 3].map(number).indexOf(record.sequenceNumber)
        log.push(`start ${index}`)
        await new Promise(resolve => setTimeout(resolve, index === 0 ? 20 : 1))
        log.push(`end ${index}`)
        if (index === 2) throw new Error('no')
      })
    // 1 waits for 0, which has the same key; meanwhile 2 fails: 1 is run, 3 is not.
    expect(
      await invoke(
        handler,
        numbered(4, i => (i < 2 ? 'a' : `${i}`)),
      ),
    ).toEqual({
      batchItemFailures: [{ itemIdentifier: number(2) }],
    })
    expect(log).toEqual(['start 0', 'start 2', 'end 2', 'end 0', 'start 1', 'end 1'])
  })

  it('starts nothing past its lowest failure, also when a later record fails after it', async () => {
    const tried: number[] = []
    const handler = kinesis()
      .use(listen())
      .each({ concurrency: 3 })
      .handle(async ({ record }) => {
        const index = [0, 1, 2, 3].map(number).indexOf(record.sequenceNumber)
        tried.push(index)
        await new Promise(resolve => setTimeout(resolve, [1, 20, 0, 10][index]))
        if (index !== 1) throw new Error('no')
      })
    // 2 waits for 1, which has the same key.
    expect(
      await invoke(
        handler,
        numbered(4, i => (i === 1 || i === 2 ? 'a' : `${i}`)),
      ),
    ).toEqual({
      batchItemFailures: [{ itemIdentifier: number(0) }],
    })
    expect(tried).toEqual([0, 1, 3])
  })

  it('handled whole reports the lowest of its failures', async () => {
    const handler = kinesis()
      .use(listen())
      .handle(({ records }) => failures(...records.slice(2).reverse()))
    expect(await invoke(handler, numbered(4))).toEqual({ batchItemFailures: [{ itemIdentifier: number(2) }] })
  })
})
