import { classify, type Middleware, PermanentError } from '@lambent/core'
import { invoke, lambdaContext, s3Event, type s3Record, s3TestEvent } from '@lambent/testing'
import fc from 'fast-check'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { listen } from '../test/telemetry.ts'
import { type S3Notification, s3 } from './s3.ts'

afterEach(() => {
  vi.useRealTimers()
})

const read = async (...records: Parameters<typeof s3Record>[0][]): Promise<S3Notification> => {
  let seen: S3Notification | undefined
  await invoke(
    s3()
      .each()
      .handle(ctx => {
        seen = ctx
      }),
    s3Event(records as never),
  )
  if (!seen) throw new Error('the handler was not called')
  return seen
}

describe('an object', () => {
  it('has bucket, key, version, size and the name of the event', async () => {
    const { eventName, object } = await read({
      bucket: 'photos',
      key: 'in/a b.jpg',
      eventName: 'ObjectCreated:Copy',
      s3: { object: { versionId: 'v1', size: 5, eTag: 'e', sequencer: '0A' } },
    })
    expect(eventName).toBe('ObjectCreated:Copy')
    expect(object).toEqual({
      bucket: 'photos',
      key: 'in/a b.jpg',
      rawKey: 'in/a+b.jpg',
      versionId: 'v1',
      size: 5,
      eTag: 'e',
      sequencer: '0A',
    })
  })

  it('that was removed has no size and no eTag', async () => {
    const { object } = await read({ eventName: 'ObjectRemoved:Delete' })
    expect(object).toMatchObject({ size: undefined, eTag: undefined })
  })

  it('has its key decoded, whatever it is', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme', minLength: 1 }), async key => {
        expect((await read({ key })).object.key).toBe(key)
      }),
    )
  })

  it.each([
    ['a+b', 'a b'],
    ['a%2Bb', 'a+b'],
    ['%C3%A4%2F%F0%9F%8E%89', 'ä/🎉'],
    ['100%', '100%'],
    ['a+%zz', 'a+%zz'],
    ['%ff+', '%ff+'],
    ['%', '%'],
  ])('with the raw key %s has the key %s', async (rawKey, key) => {
    expect((await read({ s3: { object: { key: rawKey } } })).object).toMatchObject({ key, rawKey })
  })
})

describe('a unit', () => {
  const units = async (event: ReturnType<typeof s3Event>) => {
    const seen = vi.fn()
    await s3()
      .each()
      .handle(({ unit }) => seen(unit))(event, lambdaContext())
    return seen.mock.calls.map(([unit]) => unit)
  }

  it('has the record as its payload', async () => {
    const event = s3Event([{ bucket: 'photos', key: 'a b', eventTime: '2026-01-15T12:00:00.123Z' }])
    expect(await units(event)).toEqual([
      {
        kind: 'record',
        source: 'aws:s3',
        id: expect.stringMatching(/^[0-9A-F]+\/[0-9a-f]+\/a\+b$/),
        sourceArn: 'arn:aws:s3:::photos',
        raw: event.Records[0],
        sentAt: Date.UTC(2026, 0, 15, 12, 0, 0, 123),
        origin: {
          eventName: 'ObjectCreated:Put',
          eventTime: '2026-01-15T12:00:00.123Z',
          awsRegion: 'eu-west-1',
          bucket: 'photos',
          key: 'a b',
          versionId: undefined,
        },
      },
    ])
  })

  it('has the same id when it is delivered again, and another for another key or version of one request', async () => {
    const responseElements = { 'x-amz-request-id': 'R', 'x-amz-id-2': 'H' }
    const of = async (key: string, versionId: string) => {
      const [unit] = await units(
        s3Event([{ key, responseElements, s3: { object: { versionId, sequencer: undefined } } }]),
      )
      return unit.id
    }
    expect(await of('a', '1')).toBe(await of('a', '1'))
    expect(new Set([await of('a', '1'), await of('a', '2'), await of('b', '1')]).size).toBe(3)
  })

  it('has an id also where the record has little', async () => {
    const record = {
      eventTime: 'soon',
      responseElements: undefined,
      s3: { object: { sequencer: undefined, eTag: undefined } },
    }
    expect(await units(s3Event([{ key: 'a', ...record }]))).toMatchObject([{ id: 'soon//a', sentAt: undefined }])
  })
})

describe('an event', () => {
  const records = ['a', 'b', 'c'].map(key => ({ key }))

  it('succeeds with nothing when all records do', async () => {
    expect(
      await s3()
        .each()
        .handle(() => {})(s3Event(records), lambdaContext()),
    ).toBeUndefined()
  })

  it('has all records tried, then fails with one AggregateError that names those that failed', async () => {
    const tried: string[] = []
    const ear = listen()
    const handler = s3()
      .use(ear)
      .each()
      .handle(({ object }) => {
        tried.push(object.key)
        if (object.key !== 'b') throw new Error(`no ${object.key}`)
      })
    const error = await invoke(handler, s3Event(records)).catch((error: AggregateError) => error)
    expect(tried).toEqual(['a', 'b', 'c'])
    expect(error).toBeInstanceOf(AggregateError)
    expect(error).toMatchObject({
      message: expect.stringMatching(/^2 of 3 records failed: \S+\/a, \S+\/c$/),
      errors: [{ message: 'no a' }, { message: 'no c' }],
    })
    expect(ear.said.map(({ name }) => name)).toEqual(['batch.record.failed', 'batch.record.failed', 'batch.failures'])
  })

  it.each([new Error('no'), undefined, 'text'])('of one record fails with what was thrown: %s', async thrown => {
    const handler = s3()
      .use(listen())
      .each()
      .handle(() => Promise.reject(thrown))
    await expect(
      invoke(handler, s3Event()).then(
        () => 'succeeded',
        error => [error],
      ),
    ).resolves.toEqual([thrown])
  })

  it('of which all failures are permanent fails permanently', async () => {
    const handler = s3()
      .use(listen())
      .each()
      .handle(() => Promise.reject(new PermanentError('no')))
    expect(classify(await invoke(handler, s3Event(records)).catch(error => error))).toBe('permanent')
  })

  it('fails with a retryable TimeoutError for what was not started before the deadline', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    const handler = s3()
      .use(listen())
      .each()
      .handle(() => void vi.setSystemTime(Date.now() + 600))
    const error = await invoke(handler, s3Event(records), lambdaContext({ timeout: 1000 })).catch(error => error)
    expect(error).toMatchObject({ errors: [{ name: 'TimeoutError' }] })
    expect(classify(error)).toBe('retryable')
  })

  it('can be handled whole', async () => {
    const seen = vi.fn()
    await invoke(
      s3().handle(({ records }) => seen(records.map(({ object }) => object.key))),
      s3Event(records),
    )
    expect(seen).toHaveBeenCalledWith(['a', 'b', 'c'])
  })

  it('handled whole fails with what the handler throws', async () => {
    await expect(
      invoke(
        s3().handle(() => Promise.reject(new Error('no'))),
        s3Event(),
      ),
    ).rejects.toThrow('no')
  })
})

describe("S3's test event", () => {
  const handlers = {
    'record by record': (ear: Middleware, work: () => void) => s3().use(ear).each().handle(work),
    whole: (ear: Middleware, work: () => void) => s3().use(ear).handle(work),
  }

  it.each(Object.entries(handlers))('succeeds without the handler, and is told: %s', async (_, handlerOf) => {
    const ear = listen()
    const work = vi.fn()
    const handler = handlerOf(ear, work)
    await expect(invoke(handler, s3TestEvent())).resolves.toBeNull()
    expect(work).not.toHaveBeenCalled()
    expect(ear.said).toMatchObject([{ name: 's3.test', level: 'info', unit: { sourceArn: 'arn:aws:s3:::orders' } }])
  })

  it('is an event without records to the middlewares around it', async () => {
    const seen = vi.fn()
    const handler = s3()
      .use((ctx, next) => {
        seen(ctx.event, ctx.records)
        return next()
      })
      .each()
      .handle(() => {})
    await invoke(handler, s3TestEvent())
    expect(seen).toHaveBeenCalledWith({ Records: [] }, [])
  })

  it('is nothing else: an event whose records a middleware has taken away is handled', async () => {
    const work = vi.fn()
    await invoke(
      s3()
        .use((_, next) => next({ records: [] }))
        .handle(work),
      s3Event(),
    )
    expect(work).toHaveBeenCalledOnce()
  })
})
