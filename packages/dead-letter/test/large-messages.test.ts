// `largeMessages()` against S3 and SQS: pointers of the Extended Client, there and back, and who may delete what.
import { PermanentError } from '@lambent/core'
import { drop, sqs } from '@lambent/events/sqs'
import { json, parse } from '@lambent/schema'
import { lambdaContext, type SqsRecordOverrides, sqsEvent } from '@lambent/testing'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import * as z from 'zod'
import { deadLetter, largeMessages, parseDeadLetter, sqsQueue } from '../src/index.ts'
import { startWire, type Wire } from './wire.ts'

let wire: Wire
let number = 0
let key: string
beforeAll(async () => {
  wire = await startWire()
  for (const Bucket of ['payloads', 'others']) await wire.s3.createBucket({ Bucket })
})
afterAll(() => wire[Symbol.asyncDispose]())
beforeEach(async () => {
  key = `key-${++number}`
  wire.fault = undefined
  wire.requests.length = 0
  vi.spyOn(console, 'warn').mockImplementation(() => {})
  vi.spyOn(console, 'error').mockImplementation(() => {})
})

const CURRENT = 'software.amazon.payloadoffloading.PayloadS3Pointer'
const LEGACY = 'com.amazon.sqs.javamessaging.MessageS3Pointer'
const payload = JSON.stringify({ text: 'ä'.repeat(600_000) })
const context = () => lambdaContext({ getRemainingTimeInMillis: () => 20_000 })
const large = (options = {}) => largeMessages({ buckets: ['payloads'], client: wire.s3, ...options })

interface Given {
  readonly bucket?: string
  readonly type?: string
  readonly attribute?: string
  readonly stored?: boolean
}

async function pointing(given: Given = {}): Promise<SqsRecordOverrides> {
  const { bucket = 'payloads', type = CURRENT, attribute = 'ExtendedPayloadSize', stored = true } = given
  if (stored) await wire.s3.putObject({ Bucket: bucket, Key: key, Body: payload })
  return {
    body: JSON.stringify([type, { s3BucketName: bucket, s3Key: key }]),
    messageAttributes: { [attribute]: { dataType: 'Number', stringValue: '1200011' } },
  }
}
const exists = async (Bucket = 'payloads'): Promise<boolean> => {
  const { Contents = [] } = await wire.s3.listObjectsV2({ Bucket, Prefix: key })
  return Contents.some(({ Key }) => Key === key)
}
const reported = ({ batchItemFailures }: { batchItemFailures: readonly unknown[] }) => batchItemFailures.length
/** The errors that telemetry told of, without a listener as JSON lines. */
const codes = () =>
  [...vi.mocked(console.warn).mock.calls, ...vi.mocked(console.error).mock.calls]
    .map(([line]) => JSON.parse(line))
    .filter(({ name }) => name === 'batch.record.failed')
    .map(({ error }) => error.code)

describe('resolves before parsing', () => {
  it.each([
    ['the current class and attribute', CURRENT, 'ExtendedPayloadSize'],
    ['the Java names of version 1', LEGACY, 'SQSLargePayloadSize'],
    ['the names of different versions', CURRENT, 'SQSLargePayloadSize'],
  ])('%s', async (_, type, attribute) => {
    const seen: string[] = []
    const handler = sqs()
      .each()
      .use(large())
      .use(parse(json(z.object({ text: z.string() }))))
      .handle(({ body, unit }) => {
        seen.push(body.text)
        expect(unit.origin?.payload).toMatchObject({ bucket: 'payloads', key })
      })
    expect(reported(await handler(sqsEvent([await pointing({ type, attribute })]), context()))).toBe(0)
    expect(seen).toEqual([JSON.parse(payload).text])
    expect(await exists()).toBe(false)
  })

  it('passes other messages as they are, those too that only look like a pointer', async () => {
    const { body } = await pointing()
    const seen: unknown[] = []
    const handler = sqs()
      .each()
      .use(large())
      .handle(({ unit }) => {
        seen.push(unit.raw)
      })
    await handler(sqsEvent([{ body: 'plain' }, { body }]), context())
    expect(seen).toEqual(['plain', body])
    expect(await exists()).toBe(true)
  })
})

describe('deletes only what is done', () => {
  const after = (work: () => unknown, options = {}) =>
    sqs()
      .each()
      .use(large(options))
      .handle(work as () => undefined)

  it.each([
    ['a success', () => undefined, {}, false],
    ['a drop', () => drop('not wanted'), {}, false],
    ['a failure', () => Promise.reject(new Error('x')), {}, true],
    ['a success, when a lifecycle rule deletes', () => undefined, { deleteAfterSuccess: false }, true],
  ])('after %s', async (_, work, options, kept) => {
    await after(work, options)(sqsEvent([await pointing()]), context())
    expect(await exists()).toBe(kept)
  })

  it('not when it became a dead letter, inside or outside, which both keep the pointer', async () => {
    for (const outside of [true, false]) {
      const url = wire.queue(`dlq-${key}-${outside}`)
      const dead = deadLetter({ to: sqsQueue({ url, client: wire.sqs }) })
      const [first, second] = outside ? [dead, large()] : [large(), dead]
      const handler = sqs()
        .each()
        .use(first)
        .use(second)
        .handle(() => {
          throw new PermanentError('poison')
        })
      const record = await pointing()
      expect(reported(await handler(sqsEvent([record]), context()))).toBe(0)
      expect(await exists()).toBe(true)
      const [message] = await wire.drain(url)
      expect(message?.Body).toBe(record.body)
      expect(message?.MessageAttributes?.ExtendedPayloadSize?.StringValue).toBe('1200011')
      expect(parseDeadLetter(message)).toMatchObject({ format: 'lambent', pointer: { bucket: 'payloads', key } })
    }
  })

  it('a payload that cannot be deleted is told of, and the message is done', async () => {
    wire.fault = ({ target }, response) => {
      if (!target.startsWith('DELETE ')) return undefined
      response.writeHead(403).end()
      return 'answered'
    }
    expect(reported(await after(() => undefined)(sqsEvent([await pointing()]), context()))).toBe(0)
    expect(console.warn).toHaveBeenCalledWith(expect.stringContaining('largeMessage.notDeleted'))
  })
})

describe('is not led by the sender', () => {
  const handler = (options = {}) =>
    sqs()
      .each()
      .use(large(options))
      .handle(() => {})

  it.each<[string, Given, object, string]>([
    ['a bucket that is not in the list', { bucket: 'others' }, {}, 'BucketNotAllowed'],
    ['a class that is none', { type: 'java.lang.Runtime' }, {}, 'PointerMalformed'],
    ['a payload that is too large', {}, { maxBytes: 1000 }, 'PayloadTooLarge'],
    ['a payload that is not there', { stored: false }, {}, 'PayloadMissing'],
  ])('%s is permanent: %s', async (_, given, options, code) => {
    expect(reported(await handler(options)(sqsEvent([await pointing(given)]), context()))).toBe(1)
    expect(codes()).toEqual([code])
    if (given.stored !== false) expect(await exists(given.bucket)).toBe(true)
  })

  it('does not ask another bucket for anything', async () => {
    const record = await pointing({ bucket: 'others' })
    wire.requests.length = 0
    await handler()(sqsEvent([record]), context())
    expect(wire.requests).toEqual([])
  })

  it('a payload that is larger than it says is not read to its end', async () => {
    let read = 0
    const client = {
      async getObject() {
        const body = async function* () {
          for (;;) {
            read++
            yield new Uint8Array(1000)
          }
        }
        return { Body: body(), ContentLength: 10 }
      },
      deleteObject: async () => {},
    }
    const run = sqs()
      .each()
      .use(large({ client, maxBytes: 5000 }))
      .handle(() => {})
    expect(reported(await run(sqsEvent([await pointing()]), context()))).toBe(1)
    expect(read).toBe(6)
  })

  it.each([
    ['bytes', new TextEncoder().encode('ä')],
    ['text', 'ä'],
    ['what collects itself', { transformToByteArray: async () => new TextEncoder().encode('ä') }],
  ])('takes a body of a client that is %s', async (_, Body) => {
    const client = { getObject: async () => ({ Body }), deleteObject: async () => {} }
    const seen: unknown[] = []
    const run = (maxBytes: number) =>
      sqs()
        .each()
        .use(large({ client, maxBytes }))
        .handle(({ unit }) => {
          seen.push(unit.raw)
        })
    const event = sqsEvent([await pointing()])
    expect(reported(await run(2)(event, context()))).toBe(0)
    expect(reported(await run(1)(event, context()))).toBe(1)
    expect(seen).toEqual(['ä'])
  })

  it('S3 that fails for a moment is not permanent', async () => {
    const record = await pointing()
    wire.fault = ({ target }, response) => {
      if (!target.startsWith('GET /payloads')) return undefined
      response.writeHead(503).end('<Error><Code>SlowDown</Code></Error>')
      return 'answered'
    }
    const url = wire.queue(`none-${key}`)
    const run = sqs()
      .each()
      .use(deadLetter({ to: sqsQueue({ url, client: wire.sqs }) }))
      .use(large())
      .handle(() => {})
    expect(reported(await run(sqsEvent([record]), context()))).toBe(1)
    expect(await wire.drain(url)).toEqual([])
  })
})

it('refuses wrong options where they are given', () => {
  expect(() => largeMessages({ buckets: [], client: wire.s3 })).toThrow('names of the buckets')
  expect(() => largeMessages({ buckets: [undefined as never], client: wire.s3 })).toThrow('is the environment variable')
  expect(() => large({ maxBytes: 0 })).toThrow(RangeError)
  expect(large().permissions).toEqual([
    { actions: ['s3:GetObject', 's3:DeleteObject'], resources: ['arn:aws:s3:::payloads/*'] },
  ])
})
