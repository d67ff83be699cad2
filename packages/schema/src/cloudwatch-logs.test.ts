import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { bodyOf, lateRefusal, parseErrorOf } from '../test/source.ts'
import { cloudWatchLogs, json } from './index.ts'

const data = (...messages: string[]) => ({
  messageType: 'DATA_MESSAGE',
  owner: '123456789012',
  logGroup: '/aws/lambda/orders',
  logStream: '2026/11/23/[$LATEST]abc',
  subscriptionFilters: ['all'],
  logEvents: messages.map((message, index) => ({ id: `${index}`, timestamp: 1_764_000_000_000 + index, message })),
})
const compressed = (value: unknown) => gzipSync(JSON.stringify(value))

describe('cloudWatchLogs', () => {
  it('gives the log events back: of a Lambda event, of its data, of a Kinesis record', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.string({ unit: 'binary' }), { maxLength: 3 }), async messages => {
        const given = data(...messages)
        const bytes = compressed(given)
        const base64 = bytes.toString('base64')
        for (const raw of [{ awslogs: { data: base64 } }, base64, bytes, Buffer.from(base64)])
          expect(await bodyOf(cloudWatchLogs(), raw)).toEqual(given)
      }),
    )
  })

  it('decodes the messages', async () => {
    const Line = z.object({ level: z.string() })
    const body = await bodyOf(cloudWatchLogs(json(Line)), compressed(data('{"level":"warn","x":1}')))
    expect(body.logEvents[0]?.message).toEqual({ level: 'warn' })
    const error = await parseErrorOf(bodyOf(cloudWatchLogs(json(Line)), compressed(data('{"level":"a"}', 'START'))))
    expect(error.message).toContain('body.logEvents[1].message: malformed JSON')
  })

  it('decodes the messages by asynchronous schemas', async () => {
    const Late = z.object({ a: z.number() }).transform(async ({ a }) => a)
    const body = await bodyOf(cloudWatchLogs(json(Late)), compressed(data('{"a":1}', '{"a":2}')))
    expect(body.logEvents.map(({ message }) => message)).toEqual([1, 2])
  })

  it('leaves no promise behind that rejects when a later message is malformed: the first error is told', async () => {
    const { schema, ended } = lateRefusal()
    const error = await parseErrorOf(bodyOf(cloudWatchLogs(json(schema)), compressed(data('1', 'START', '3'))))
    expect(error.message).toBe('body.logEvents[0].message: does not match its schema: refused')
    expect(ended()).toBe(1)
  })

  it('keeps what the filter extracted', async () => {
    const given = data('a b')
    const event = { ...given.logEvents[0], extractedFields: { first: 'a' } }
    expect(await bodyOf(cloudWatchLogs(), compressed({ ...given, logEvents: [event] }))).toMatchObject({
      logEvents: [{ extractedFields: { first: 'a' } }],
    })
  })

  it('has no log events in a control message, which only asks whether anybody is there', async () => {
    const control = {
      ...data('CWL CONTROL MESSAGE: Checking health of destination Kinesis stream.'),
      messageType: 'CONTROL_MESSAGE',
    }
    const body = await bodyOf(cloudWatchLogs(json(z.object({}))), compressed(control))
    expect(body).toMatchObject({ messageType: 'CONTROL_MESSAGE', logEvents: [] })
  })

  it('inflates up to a limit', async () => {
    const bomb = gzipSync(Buffer.alloc(11 * 1024 * 1024))
    expect((await parseErrorOf(bodyOf(cloudWatchLogs(), bomb))).status).toBe(413)
    const small = compressed(data('x'.repeat(100)))
    expect((await parseErrorOf(bodyOf(cloudWatchLogs(undefined, { maxBytes: 99 }), small))).status).toBe(413)
  })

  it.each([
    ['not base64', { awslogs: { data: '{}' } }, 'MalformedBase64'],
    ['not gzip', { awslogs: { data: 'YWJj' } }, 'MalformedGzip'],
    ['not JSON', gzipSync('START'), 'MalformedJson'],
    ['another JSON', compressed({}), 'MalformedEnvelope'],
    ['another JSON yet', compressed([]), 'UnexpectedType'],
    ['a broken log event', compressed({ ...data(), logEvents: [{}] }), 'MalformedEnvelope'],
    ['another event', { Records: [] }, 'UnexpectedType'],
    ['nothing', undefined, 'EmptyBody'],
  ])('fails clearly for %s', async (_name, raw, code) => {
    expect(await parseErrorOf(bodyOf(cloudWatchLogs(), raw))).toMatchObject({ code, retryable: false })
  })
})
