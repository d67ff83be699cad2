// The format itself: any payload there and back, any error, any unit, within the limits, by the published schema.
import { type Context, done, type Unit } from '@lambent/core'
import { sqs } from '@lambent/events/sqs'
import { lambdaContext, sqsEvent } from '@lambent/testing'
import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { decodeBody, encodeBody } from '../src/body.ts'
import {
  type DeadLetterMessage,
  type DeadLetterOptions,
  deadLetter,
  type LetterDocument,
  parseDeadLetter,
  type Sink,
} from '../src/index.ts'
import { messageBytes } from '../src/sink.ts'
import { violations } from './schema.ts'

vi.spyOn(console, 'warn').mockImplementation(() => {})
vi.spyOn(console, 'error').mockImplementation(() => {})

const unit: Unit = { kind: 'record', source: 'test', id: 'id-1', raw: 'raw' }
const telemetry = { emit() {}, subscribe() {} }

interface Memory extends Sink {
  readonly messages: DeadLetterMessage[]
}

function memory(settings: Partial<Sink> = {}): Memory {
  const messages: DeadLetterMessage[] = []
  return { name: 'memory', messages, send: async message => messages.push(message), ...settings }
}

/** The middleware on a context of its own: any unit and error, without a source. */
async function bury(given: Partial<Unit>, error: unknown, options: Partial<DeadLetterOptions> = {}): Promise<Memory> {
  const to = memory(options.to as Partial<Sink> | undefined)
  const ctx = {
    unit: { ...unit, ...given },
    event: undefined,
    lambda: lambdaContext(),
    deadline: { at: Infinity, remaining: () => 10_000 },
    telemetry,
  } as unknown as Context
  const middleware = deadLetter({ when: () => true, ...options, to, respond: () => done() })
  await middleware(ctx, (() => Promise.reject(error)) as never)
  return to
}

/** As the SDK would receive it. */
const received = ({ body, attributes }: DeadLetterMessage) => ({
  Body: body,
  MessageAttributes: Object.fromEntries(
    Object.entries(attributes).map(([name, { dataType, stringValue, binaryValue }]) => [
      name,
      { DataType: dataType, StringValue: stringValue, BinaryValue: binaryValue },
    ]),
  ),
})

// https://www.w3.org/TR/REC-xml/#charsets, what SQS takes
const allowed = (text: string): boolean =>
  [...text].every(char => {
    const code = char.codePointAt(0) ?? 0
    return (
      [9, 10, 13].includes(code) ||
      (code >= 0x20 && code <= 0xd7ff) ||
      (code >= 0xe000 && code <= 0xfffd) ||
      code >= 0x10000
    )
  })

const text = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.constantFrom('\0', '\ud800', '\uffff', 'a', '\u{1f600}') }),
)
const payload = fc.oneof(
  text,
  fc.uint8Array(),
  text.map(each => new TextEncoder().encode(each)),
  fc.json().map(each => JSON.parse(each)),
)

describe('the body', () => {
  it.each([
    ['text', 'plain \u{1f600}\t\r\n', 'text', 'plain \u{1f600}\t\r\n'],
    ['text that no message can have', 'a\0b', 'json', '"a\\u0000b"'],
    ['text with half of a pair', 'a\ud800', 'json', '"a\\ud800"'],
    ['text with a character that is none', '\uffff', 'json', '"\\uffff"'],
    ['no text', '', 'json', '""'],
    ['bytes that are text', new TextEncoder().encode('ä'), 'utf-8', 'ä'],
    ['bytes that are none', new Uint8Array([255, 0]), 'base64', '/wA='],
    ['bytes with a byte order mark', new Uint8Array([0xef, 0xbb, 0xbf, 0x61]), 'utf-8', '\ufeffa'],
    ['no bytes', new Uint8Array(), 'empty', '-'],
    ['an object', { a: [1, null] }, 'json', '{"a":[1,null]}'],
    ['null', null, 'json', 'null'],
    ['nothing', undefined, 'json', 'null'],
  ])('%s', (_, raw, encoding, body) => {
    expect(encodeBody(raw)).toEqual({ encoding, body })
    expect(decodeBody(encodeBody(raw))).toEqual(raw ?? null)
  })

  it('property: there and back, by a message that SQS takes', async () => {
    await fc.assert(
      fc.asyncProperty(payload, async raw => {
        const [message = expect.unreachable()] = (await bury({ raw }, new Error('x'))).messages
        expect(message.body).not.toBe('')
        expect(allowed(message.body)).toBe(true)
        const parsed = parseDeadLetter(received(message))
        expect(parsed).toMatchObject({ format: 'lambent' })
        if (parsed.format === 'lambent') expect(parsed.payload).toEqual(raw ?? null)
      }),
      { numRuns: 500 },
    )
  })

  it.each([
    ['base64', 'not base64!'],
    ['json', '{'],
  ] as const)('of the encoding %s that is none says so, and shows nothing of it', (encoding, body) => {
    expect(() => decodeBody({ encoding, body })).toThrow(SyntaxError)
  })
})

describe('the letter', () => {
  const anything = fc.anything({
    withBigInt: true,
    withDate: true,
    withTypedArray: true,
    withMap: true,
    withNullPrototype: true,
  })
  it('property: is of the schema, whatever is thrown, wherever it came from', async () => {
    const unit = fc.record({
      id: fc.string(),
      raw: payload,
      groupId: fc.option(fc.string(), { nil: undefined }),
      attempt: fc.option(fc.nat(), { nil: undefined }),
      sentAt: fc.option(fc.oneof(fc.nat(), fc.double()), { nil: undefined }),
      origin: fc.option(fc.dictionary(fc.string(), anything), { nil: undefined }) as fc.Arbitrary<Unit['origin']>,
    })
    await fc.assert(
      fc.asyncProperty(unit, anything, async (unit, error) => {
        const [message = expect.unreachable()] = (await bury(unit, error)).messages
        const json = message.attributes['lambent.deadLetter']?.stringValue ?? ''
        expect(allowed(json)).toBe(true)
        expect(violations(JSON.parse(json))).toEqual([])
        expect(Object.keys(message.attributes).length).toBeLessThanOrEqual(10)
        expect(message.groupId).toMatch(/^[!-~]{1,128}$/)
        expect(message.deduplicationId).toMatch(/^[\da-f]{64}$/)
        expect(parseDeadLetter(received(message)).format).toBe('lambent')
      }),
      { numRuns: 500 },
    )
  })

  it('has the chain of causes and the members, and no other property of an error', async () => {
    const root = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED', password: 'hunter2' })
    const error = new AggregateError([new TypeError('one'), 'two'], 'all', {
      cause: new Error('outer', { cause: root }),
    })
    const [message = expect.unreachable()] = (await bury({}, error)).messages
    expect(message.letter.error).toMatchObject({
      name: 'AggregateError',
      cause: { message: 'outer', cause: { code: 'ECONNREFUSED' } },
      errors: [{ name: 'TypeError' }, { name: 'string', message: 'two' }],
    })
    expect(JSON.stringify(message.letter)).not.toContain('hunter2')
  })

  it('has nothing of the environment', async () => {
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'environment-secret')
    const [message = expect.unreachable()] = (await bury({}, new Error('x'))).messages
    vi.unstubAllEnvs()
    expect(JSON.stringify(message)).not.toContain('environment-secret')
  })

  it('ends circles of causes and of details', async () => {
    const error: Error & { cause?: unknown } = new Error('x')
    error.cause = error
    const origin: Record<string, unknown> = {}
    origin.self = origin
    const [message = expect.unreachable()] = (await bury({ origin }, error)).messages
    expect(violations(message.letter)).toEqual([])
  })

  it('leaves out a time that has no four digits for its year', async () => {
    const [message = expect.unreachable()] = (await bury({ sentAt: 8e15 }, new Error('x'))).messages
    expect(message.letter.origin).not.toHaveProperty('sentAt')
  })

  it('keeps the tenant of the invocation', async () => {
    const to = memory()
    const handler = sqs()
      .each()
      .use(deadLetter({ to, when: () => true }))
      .handle(() => {
        throw new Error('x')
      })
    await handler(sqsEvent(), { ...lambdaContext(), tenantId: 'acme' })
    expect(to.messages[0]?.letter.function?.tenantId).toBe('acme')
  })
})

describe('attributes of the original', () => {
  const attributes = (total: number) =>
    Object.fromEntries(
      Array.from({ length: total }, (_, i) => [`attribute-${i}`, { dataType: 'String', stringValue: `${i}` }]),
    )

  it.each([
    [0, 1],
    [8, 9],
    [9, 10],
    [10, 10],
  ])('%i of them: %i on the message, and all when it is read again', async (total, sent) => {
    const messageAttributes = attributes(total)
    const [message = expect.unreachable()] = (await bury({ origin: { messageAttributes } }, new Error('x'))).messages
    expect(Object.keys(message.attributes)).toHaveLength(sent)
    expect(violations(message.letter)).toEqual([])
    expect(parseDeadLetter(received(message)).attributes).toEqual(messageAttributes)
  })

  it('leaves those that SQS would refuse in the origin', async () => {
    const messageAttributes = {
      'AWS.Internal': { dataType: 'String', stringValue: 'a' },
      empty: { dataType: 'String', stringValue: '' },
      good: { dataType: 'Binary', binaryValue: 'AAE=' },
    }
    const [message = expect.unreachable()] = (await bury({ origin: { messageAttributes } }, new Error('x'))).messages
    expect(Object.keys(message.attributes).sort()).toEqual(['good', 'lambent.deadLetter'])
    expect(Object.keys(message.letter.origin.messageAttributes ?? {}).sort()).toEqual(['AWS.Internal', 'empty'])
  })
})

describe('what does not fit', () => {
  const chatty = () => {
    const inner = new Error('i'.repeat(3000))
    return new Error('m'.repeat(3000), { cause: new Error('c'.repeat(3000), { cause: inner }) })
  }

  it('loses detail of the error first, and says so', async () => {
    const { messages } = await bury({ raw: 'x'.repeat(1000) }, chatty(), { to: { maxBytes: 4000 } as Sink })
    const [message = expect.unreachable()] = messages
    expect(messageBytes(message)).toBeLessThanOrEqual(4000)
    expect(message.body).toHaveLength(1000)
    expect(message.letter).toMatchObject({ truncated: true, error: { name: 'Error' } })
    expect(violations(message.letter)).toEqual([])
  })

  it('keeps where it was thrown to the last', async () => {
    async function chargeCard() {
      throw chatty()
    }
    const error = await chargeCard().catch(caught => caught)
    const { messages } = await bury({ raw: 'x'.repeat(1000) }, error, { to: { maxBytes: 2500 } as Sink })
    const [{ letter } = expect.unreachable()] = messages
    expect(letter.error).toMatchObject({ name: 'Error', stack: expect.stringContaining('at chargeCard (') })
    expect(letter.error).not.toHaveProperty('cause')
    expect(violations(letter)).toEqual([])
  })

  it('then goes to S3 in the format of the Extended Client', async () => {
    const objects = new Map<string, unknown>()
    const client = {
      putObject: async (input: { Bucket: string; Key: string; Body: string }) =>
        objects.set(`${input.Bucket}/${input.Key}`, input.Body),
    }
    const raw = '{"large":"'.padEnd(2_000_000, 'ä').concat('"}')
    const claimCheck = { bucket: 'payloads', prefix: 'p/', client }
    const [message = expect.unreachable()] = (await bury({ raw }, chatty(), { claimCheck })).messages
    expect(messageBytes(message)).toBeLessThanOrEqual(1_048_576)
    const [, { s3BucketName, s3Key }] = JSON.parse(message.body)
    expect(JSON.parse(message.body)[0]).toBe('software.amazon.payloadoffloading.PayloadS3Pointer')
    expect(message.attributes.ExtendedPayloadSize).toEqual({
      dataType: 'Number',
      stringValue: `${Buffer.byteLength(raw)}`,
    })
    expect(objects.get(`${s3BucketName}/${s3Key}`)).toBe(raw)
    expect(parseDeadLetter(received(message))).toMatchObject({
      format: 'lambent',
      pointer: { bucket: 'payloads', key: s3Key },
    })
  })

  it('else fails with what to do, and is not acknowledged', async () => {
    await expect(bury({ raw: 'x'.repeat(2_000_000) }, new Error('x'))).rejects.toMatchObject({
      name: 'DeadLetterError',
      errors: [{ message: 'x' }, { code: 'DeadLetterTooLarge', message: expect.stringContaining('Set claimCheck') }],
    })
  })

  it('is not acknowledged either when S3 refuses', async () => {
    const client = { putObject: async () => Promise.reject(new Error('no bucket')) }
    const claimCheck = { bucket: 'payloads', client }
    await expect(bury({ raw: 'x'.repeat(2_000_000) }, new Error('x'), { claimCheck })).rejects.toMatchObject({
      errors: [{ message: 'x' }, { message: 'no bucket' }],
    })
  })
})

it('a sink that does not answer is given up in the middle of the reserve', async () => {
  let signal: AbortSignal | undefined
  const to = memory({
    send(_, options) {
      signal = options.signal
      return new Promise(() => {})
    },
  })
  const deadline = { at: Date.now() + 50, remaining: () => 50 }
  const lambda = lambdaContext({ getRemainingTimeInMillis: () => 100 })
  const ctx = { unit, event: undefined, lambda, deadline, telemetry } as unknown as Context
  const buried = deadLetter({ to, when: () => true })(ctx as never, (() => Promise.reject(new Error('x'))) as never)
  await expect(buried).rejects.toMatchObject({
    name: 'DeadLetterError',
    retryable: true,
    errors: [{ message: 'x' }, { name: 'TimeoutError' }],
  })
  expect(signal?.aborted).toBe(true)
})

it('the identity is that of the unit: the same when it comes again, another one else', async () => {
  const id = async (unit: Partial<Unit>) => (await bury(unit, new Error('x'))).messages[0]?.deduplicationId
  const unit = { id: '1', sourceArn: 'arn:a', groupId: 'g', origin: { eventID: 'shard-1:1' } }
  expect(await id({ ...unit, raw: 'a', attempt: 1 })).toBe(await id({ ...unit, raw: 'b', attempt: 2 }))
  const others = [
    { ...unit, id: '2' },
    { ...unit, sourceArn: 'arn:b' },
    { ...unit, groupId: 'h' },
    { ...unit, origin: { eventID: 'shard-2:1' } },
    { ...unit, kind: 'invocation' as const },
  ]
  const ids = await Promise.all([unit, ...others].map(id))
  expect(new Set(ids).size).toBe(ids.length)
})

it('a document of its own has the body beside the letter', async () => {
  const { documentOf } = await import('../src/sink.ts')
  const messageAttributes = { a: { dataType: 'Binary', binaryValue: 'AAE=' } }
  const [message = expect.unreachable()] = (await bury({ origin: { messageAttributes } }, new Error('x'))).messages
  const document: LetterDocument = documentOf(message)
  expect(violations(document)).toEqual([])
  expect(document).toMatchObject({ body: 'raw', attributes: messageAttributes })
  for (const carried of [document, JSON.stringify(document), { 'detail-type': 'Dead Letter', detail: document }])
    expect(parseDeadLetter(carried)).toMatchObject({ format: 'lambent', payload: 'raw', body: 'raw' })
})
