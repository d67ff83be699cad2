import { type dynamoDbRecord, dynamoDbStreamEvent, invoke, lambdaContext } from '@lambent/testing'
import fc from 'fast-check'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { listen } from '../test/telemetry.ts'
import {
  type Change,
  type DynamoDbStreamOptions,
  dynamoDbStream,
  failures,
  type StreamViewType,
} from './dynamodb-streams.ts'

afterEach(() => {
  vi.useRealTimers()
})

const Keys = { pk: { S: 'o-1' } }
const NewImage = { ...Keys, total: { N: '2' } }
const OldImage = { ...Keys, total: { N: '1' } }

async function read<const View extends StreamViewType = 'NEW_AND_OLD_IMAGES'>(
  record: Parameters<typeof dynamoDbRecord>[0],
  options?: DynamoDbStreamOptions<View>,
): Promise<Change<View>> {
  let seen: Change<View> | undefined
  const handler = dynamoDbStream(options)
    .each()
    .handle(({ change }) => {
      seen = change
    })
  await invoke(handler, dynamoDbStreamEvent([record ?? {}]))
  if (!seen) throw new Error('the handler was not called')
  return seen
}

describe('a change', () => {
  // Powertools fails it: its schema requires OldImage.
  it('INSERT has a new image and no old one', async () => {
    const change = await read({ eventName: 'INSERT', dynamodb: { Keys, NewImage } })
    expect(change).toMatchObject({ eventName: 'INSERT', keys: { pk: 'o-1' }, newImage: { pk: 'o-1', total: 2 } })
    expect(change.oldImage).toBeUndefined()
  })

  it('MODIFY has both images', async () => {
    const change = await read({ eventName: 'MODIFY', dynamodb: { Keys, NewImage, OldImage } })
    expect(change).toMatchObject({ newImage: { total: 2 }, oldImage: { total: 1 } })
  })

  it('REMOVE has an old image and no new one', async () => {
    const change = await read({ eventName: 'REMOVE', dynamodb: { Keys, OldImage } })
    expect(change).toMatchObject({ eventName: 'REMOVE', oldImage: { total: 1 }, expired: false })
    expect(change.newImage).toBeUndefined()
  })

  it('REMOVE tells what DynamoDB expired from what somebody deleted', async () => {
    const service = { type: 'Service', principalId: 'dynamodb.amazonaws.com' }
    expect(await read({ eventName: 'REMOVE', userIdentity: service })).toMatchObject({ expired: true })
    expect(await read({ eventName: 'REMOVE', userIdentity: { ...service, type: 'User' } })).toMatchObject({
      expired: false,
    })
    expect(await read({ eventName: 'MODIFY', userIdentity: service })).toMatchObject({ expired: false })
  })

  it('has its sequence number, and its time in milliseconds', async () => {
    const change = await read({ dynamodb: { SequenceNumber: '111', ApproximateCreationDateTime: 1479499740 } })
    expect(change).toMatchObject({ sequenceNumber: '111', approximateCreationDateTime: 1479499740000 })
  })

  it('never rounds a number, and gives strings by option', async () => {
    const record = { dynamodb: { Keys, NewImage: { n: { N: '9007199254740993' }, f: { N: '1.50' } } } }
    expect((await read(record)).newImage).toEqual({ n: 9007199254740993n, f: 1.5 })
    expect((await read(record, { numbers: 'string' })).newImage).toEqual({ n: '9007199254740993', f: '1.50' })
  })

  it('unmarshals on access, once', async () => {
    const change = await read({ dynamodb: { Keys, NewImage: { a: { N: 'x' } } } })
    expect(change.keys).toBe(change.keys)
    expect(() => change.newImage).toThrow('malformed DynamoDB attribute value at a')
  })

  it('with an eventName that is none fails when it is read', async () => {
    const change = await read({ eventName: 'TRUNCATE' as never, dynamodb: { SequenceNumber: '111' } })
    expect(() => change.eventName).toThrow('change 111: eventName is none of INSERT, MODIFY, REMOVE')
  })
})

describe('the view type of the stream', () => {
  it.each([
    ['KEYS_ONLY', false, false],
    ['NEW_IMAGE', true, false],
    ['OLD_IMAGE', false, true],
    ['NEW_AND_OLD_IMAGES', true, true],
  ] as const)('%s by option says which images there are', async (view, hasNew, hasOld) => {
    const change = await read({ eventName: 'MODIFY', dynamodb: { Keys, StreamViewType: view } }, { view })
    expect(change.keys).toEqual({ pk: 'o-1' })
    expect([change.newImage !== undefined, change.oldImage !== undefined]).toEqual([hasNew, hasOld])
  })

  it('that has not the image that is read is an error that says what to set', async () => {
    const change = await read({ dynamodb: { Keys, StreamViewType: 'KEYS_ONLY', SequenceNumber: '111' } })
    expect(change.keys).toEqual({ pk: 'o-1' })
    expect(() => change.newImage).toThrow(
      "change 111: INSERT without dynamodb.NewImage, the stream's view type is KEYS_ONLY: set dynamoDbStream({ view: 'KEYS_ONLY' })",
    )
  })

  it('does not matter where the image is not read', async () => {
    const event = dynamoDbStreamEvent([{ dynamodb: { StreamViewType: 'KEYS_ONLY' } }])
    expect(
      await invoke(
        dynamoDbStream()
          .each()
          .handle(() => {}),
        event,
      ),
    ).toEqual({ batchItemFailures: [] })
  })
})

describe('a unit', () => {
  const units = async (event: ReturnType<typeof dynamoDbStreamEvent>) => {
    const seen = vi.fn()
    await dynamoDbStream()
      .each()
      .handle(({ unit }) => seen(unit))(event, lambdaContext())
    return seen.mock.calls.map(([unit]) => unit)
  }

  it('has what a dead letter needs', async () => {
    const userIdentity = { type: 'Service', principalId: 'dynamodb.amazonaws.com' }
    const event = dynamoDbStreamEvent([{ eventName: 'REMOVE', userIdentity }])
    const [record] = event.Records
    expect(await units(event)).toEqual([
      {
        kind: 'record',
        source: 'aws:dynamodb',
        // Not `eventID`, which @skyleague/event-horizon reports: Lambda wants the sequence number.
        id: record?.dynamodb?.SequenceNumber,
        sourceArn: record?.eventSourceARN,
        raw: record?.dynamodb,
        groupId: expect.any(String),
        sentAt: Number(record?.dynamodb?.ApproximateCreationDateTime) * 1000,
        origin: {
          eventID: record?.eventID,
          eventName: 'REMOVE',
          eventVersion: '1.1',
          awsRegion: 'eu-west-1',
          tableName: 'orders',
          userIdentity,
        },
      },
    ])
  })

  it('is in one group with the changes of the same item, whatever the order of its key attributes', async () => {
    const keys = [
      { pk: { S: 'a' }, sk: { N: '1' } },
      { sk: { N: '1' }, pk: { S: 'a' } },
      { pk: { S: 'a' }, sk: { N: '2' } },
      { pk: { S: 'a' }, sk: { S: '1' } },
    ]
    const groups = (await units(dynamoDbStreamEvent(keys.map(Keys => ({ dynamodb: { Keys } }))))).map(
      unit => unit.groupId,
    )
    expect(groups[0]).toBe(groups[1])
    expect(new Set(groups).size).toBe(3)
  })

  it('is there also where the record has little', async () => {
    const event = dynamoDbStreamEvent([
      { eventSourceARN: undefined, dynamodb: { Keys: undefined, ApproximateCreationDateTime: undefined } },
    ])
    expect(await units(event)).toMatchObject([{ groupId: undefined, sentAt: undefined, sourceArn: undefined }])
  })
})

describe('any batch', () => {
  const batches = fc
    .array(fc.boolean(), { minLength: 1, maxLength: 15 })
    .chain(fails => fc.tuple(fc.constant(fails), fc.nat({ max: fails.length * 2 }), fc.anything()))

  it('stops at the first change that fails or comes too late, and reports that one number', async () => {
    await fc.assert(
      fc.asyncProperty(batches, async ([fails, late, thrown]) => {
        const start = Date.now()
        vi.useFakeTimers({ toFake: ['Date'], now: start })
        const ear = listen()
        let tried = 0
        const handler = dynamoDbStream()
          .use(ear)
          .each()
          .handle(() => {
            const failing = fails[tried++]
            if (tried === late) vi.setSystemTime(start + 60_000)
            if (failing) throw thrown
          })
        const event = dynamoDbStreamEvent(fails.map(() => ({})))
        const { batchItemFailures } = await handler(event, lambdaContext())
        vi.useRealTimers()

        const end = fails.length
        const failed = fails.includes(true) ? fails.indexOf(true) : end
        const first = Math.min(failed, late || end)
        expect(tried).toBe(Math.min(first + (first === failed && first < (late || end) ? 1 : 0), end))
        expect(batchItemFailures).toEqual(
          event.Records.slice(first, first + 1).map(({ dynamodb }) => ({ itemIdentifier: dynamodb?.SequenceNumber })),
        )
        const summary = ear.said.filter(({ name }) => name === 'batch.failures')
        expect(summary.map(({ fields }) => fields?.failed)).toEqual(first < end ? [end - first] : [])
      }),
    )
  })

  it('handled whole reports the lowest of the failures only', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.boolean(), { minLength: 1, maxLength: 15 }), async fails => {
        const handler = dynamoDbStream()
          .use(listen())
          .handle(({ records }) => failures(...records.filter((_, i) => fails[i]).reverse()))
        const event = dynamoDbStreamEvent(fails.map(() => ({})))
        const first = event.Records[fails.indexOf(true)]
        expect(await handler(event, lambdaContext())).toEqual({
          batchItemFailures: first ? [{ itemIdentifier: first.dynamodb?.SequenceNumber }] : [],
        })
      }),
    )
  })
})

it('a malformed image fails its record alone, from there on the batch comes again', async () => {
  const event = dynamoDbStreamEvent([{}, { dynamodb: { Keys, NewImage: { a: { N: 'x' } } } }, {}])
  const handler = dynamoDbStream()
    .use(listen())
    .each()
    .handle(({ change }) => void change.newImage)
  expect(await invoke(handler, event)).toEqual({
    batchItemFailures: [{ itemIdentifier: event.Records[1]?.dynamodb?.SequenceNumber }],
  })
})
