// The commands against SQS's protocol, on dead letters that real handlers made.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Message } from '@aws-sdk/client-sqs'
import { parseDeadLetter, type Redact } from '@lambent/dead-letter'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Cause } from '../src/dlq/explain.ts'
import { poison } from './letters.ts'
import { type Queues, startQueues } from './queues.ts'

let queues: Queues
let folder: string
beforeAll(async () => {
  queues = await startQueues()
  folder = await mkdtemp(join(tmpdir(), 'lambent-cli-'))
})
afterAll(async () => {
  await queues.stop()
  await rm(folder, { recursive: true })
})
beforeEach(() => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'key')
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret')
  vi.stubEnv('NO_COLOR', '1')
  vi.spyOn(console, 'warn').mockImplementation(() => {}) // of the functions, that a unit is dead
})
afterEach(() => {
  vi.unstubAllEnvs()
  vi.restoreAllMocks()
})

let count = 0
/** A queue, and one for its dead letters. */
function pair(suffix = '') {
  const name = `orders-${++count}`
  const main = queues.create(`${name}${suffix}`, suffix ? { FifoQueue: 'true' } : {})
  const dlq = queues.create(`${name}-dlq${suffix}`, suffix ? { FifoQueue: 'true' } : {})
  return { main, dlq, arn: `arn:aws:sqs:eu-west-1:000000000000:${name}${suffix}`, name: `${name}-dlq${suffix}` }
}

const MIXED = ['poison 1', 'bank 1', 'poison 2', 'text 17', 'poison 3', 'text 18', 'bank 2']

async function mixed(suffix = '') {
  const made = pair(suffix)
  const { dlq, arn } = made
  await poison({ url: dlq, client: queues.sqs, arn, records: MIXED.map(body => ({ body })) })
  return made
}

/** A message that a redrive policy has moved here, as SQS says it: fauxqs leaves out which queue it came from. */
async function moved(name: string, arn: string) {
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: arn.replace(/[^:]+$/, name), maxReceiveCount: 1 })
  const source = queues.create(`moved-${name}`, { RedrivePolicy, VisibilityTimeout: '0' })
  await queues.sqs.sendMessage({ QueueUrl: source, MessageBody: 'unread' })
  await queues.drainOnce(source)
  const proxy = await queues.proxy((target, body) => {
    if (target !== 'AmazonSQS.ReceiveMessage') return undefined
    const { Messages = [] } = JSON.parse(body)
    for (const { Body, Attributes } of Messages)
      if (Body === 'unread') Attributes.DeadLetterQueueSourceArn = arn.replace(/[^:]+$/, `moved-${name}`)
    return { Messages }
  })
  return { source, proxy }
}

const lambentHelp = (command: string) => queues.lambent('dlq', command, '--help')

const bodies = (messages: readonly Message[]) => messages.map(({ Body }) => Body).sort()

describe('peek', () => {
  it('shows dead letters and leaves them where they are', async () => {
    const { dlq, name } = await mixed()
    const { code, out } = await queues.lambent('dlq', 'peek', name, '--max', '3')
    expect(code).toBe(0)
    expect(out.match(/cause [0-9a-f]{6}/g)).toHaveLength(3)
    expect(out).toContain('PermanentError (NoCustomer): no such customer')
    expect(out).toContain('aws:sqs')
    expect(out).toContain('→ take-orders · received 1 time · lambent')
    expect(await queues.count(dlq)).toEqual([7, 0])
  })

  it('gives one JSON object a line', async () => {
    const { name } = await mixed()
    const { out } = await queues.lambent('dlq', 'peek', name, '--json', '--error', 'BankDown')
    const found = out
      .trim()
      .split('\n')
      .map(line => JSON.parse(line))
    expect(found.map(({ body }) => body).sort()).toEqual(['bank 1', 'bank 2'])
    expect(found[0]).toMatchObject({ format: 'lambent', error: { code: 'BankDown', cause: {} }, receiveCount: 1 })
  })

  it('shows what a terminal would obey, instead of sending it there', async () => {
    const { dlq, arn, name } = pair()
    const body = 'poison \u009b31m\u202e'
    await poison({ url: dlq, client: queues.sqs, arn, records: [{ body }] })
    const { out } = await queues.lambent('dlq', 'peek', name)
    expect(out).toContain('\\u009b31m\\u202e')
    expect(out).not.toContain('\u009b')
  })

  it('says that a queue is empty, and that nothing matches', async () => {
    const { name } = pair()
    expect((await queues.lambent('dlq', 'peek', name)).out).toContain('empty')
    const other = await mixed()
    expect((await queues.lambent('dlq', 'peek', other.name, '--error', 'Nothing')).out).toContain('none of 7 messages')
  })
})

describe('explain', () => {
  it('groups by error and origin, the most frequent first; what differs in numbers only is one cause', async () => {
    const { dlq, name } = await mixed()
    const { out } = await queues.lambent('dlq', 'explain', name, '--json')
    const { causes, read, complete } = JSON.parse(out) as { causes: Cause[]; read: number; complete: boolean }
    expect([read, complete]).toEqual([7, true])
    expect(causes.map(({ count, error }) => [count, error?.code])).toEqual(
      [
        [3, 'NoCustomer'],
        [2, 'BankDown'],
        [2, 'NoTotal'],
      ].sort((a, b) => Number(b[0]) - Number(a[0]) || 0),
    )
    const [customers, bank, total] = ['NoCustomer', 'BankDown', 'NoTotal'].map(code =>
      causes.find(({ error }) => error?.code === code),
    )
    expect(total?.error?.message).toBe('order # has no total')
    expect(bank).toMatchObject({ root: { message: 'connect ECONNREFUSED' }, classification: 'retryable' })
    expect(customers).toMatchObject({ function: 'take-orders', receiveCount: { least: 1, most: 1 } })
    expect(customers?.stack?.[0]).toContain('letters.ts')
    expect(Date.parse(`${customers?.firstAt}`)).toBeLessThanOrEqual(Date.parse(`${customers?.lastAt}`))
    expect(await queues.count(dlq)).toEqual([7, 0])
  })

  it('is plain text where it is piped', async () => {
    const { name } = await mixed()
    const { out, err } = await queues.lambent('dlq', 'explain', name)
    expect(out).toContain(`${name}: 7 dead letters, 3 causes`)
    expect(out).toMatch(/ 3 {2}PermanentError \(NoCustomer\): no such customer\n/)
    expect(out).toMatch(/caused by Error: connect ECONNREFUSED/)
    expect(out + err).not.toContain('\u001b')
  })

  it('tells two origins apart, and a message that a redrive policy moved, which says no error', async () => {
    const { dlq, name, arn } = await mixed()
    await poison({ url: dlq, client: queues.sqs, arn: `${arn}-other`, records: [{ body: 'poison 1' }] })
    const { proxy } = await moved(name, arn)
    const { out } = await queues.lambent('dlq', 'explain', name, '--json', '--endpoint-url', proxy.url)
    proxy.stop()
    const { causes } = JSON.parse(out) as { causes: Cause[] }
    expect(causes.map(({ count }) => count)).toEqual([3, 2, 2, 1, 1])
    expect(causes.find(({ format }) => format === 'sqs-redrive')).toMatchObject({
      origin: { sourceArn: expect.stringContaining('moved-') },
    })
  })
})

describe('redrive', () => {
  it('sends those of a cause back to their queue, byte for byte, and leaves the others', async () => {
    const { main, dlq, name, arn } = pair()
    const body = '{ "note": "ü \\u0000",\n\t"n": 1.0 }'
    const messageAttributes = {
      tenant: { dataType: 'String' as const, stringValue: 'a', stringListValues: [], binaryListValues: [] },
      digest: { dataType: 'Binary' as const, binaryValue: 'AQI=', stringListValues: [], binaryListValues: [] },
    }
    await poison({ url: dlq, client: queues.sqs, arn, records: [{ body, messageAttributes }, { body: 'bank 1' }] })
    const { out } = await queues.lambent('dlq', 'redrive', name, '--error', 'NoCustomer')
    expect(out).toContain('1 message redriven (1 to')
    const [message, ...others] = await queues.drain(main)
    expect(others).toEqual([])
    expect(message?.Body).toBe(body)
    expect(message?.MessageAttributes).toMatchObject({
      tenant: { DataType: 'String', StringValue: 'a' },
      digest: { DataType: 'Binary', BinaryValue: new Uint8Array([1, 2]) },
    })
    expect(await queues.count(dlq)).toEqual([1, 0])
  })

  it('counts on, where a message dies again', async () => {
    const { main, dlq, name, arn } = pair()
    await poison({ url: dlq, client: queues.sqs, arn, records: [{ body: 'poison' }] })
    await queues.lambent('dlq', 'redrive', name)
    const [message] = await queues.drain(main)
    const stringValue = message?.MessageAttributes?.['lambent.deadLetter']?.StringValue ?? ''
    const attribute = { dataType: 'String' as const, stringValue, stringListValues: [], binaryListValues: [] }
    await poison({
      url: dlq,
      client: queues.sqs,
      arn,
      records: [{ body: 'poison', messageAttributes: { 'lambent.deadLetter': attribute } }],
    })
    const letter = parseDeadLetter((await queues.drain(dlq))[0])
    expect(letter.format === 'lambent' && letter.letter.times).toBe(2)
  })

  it('does not take again what fails again while it runs', async () => {
    const { main, dlq, name, arn } = await mixed()
    let taken = 0
    const consumer = setInterval(async () => {
      for (const { Body = '' } of await queues.drain(main)) {
        taken++
        await poison({ url: dlq, client: queues.sqs, arn, records: [{ body: Body }] })
      }
    }, 50)
    const { out } = await queues.lambent('dlq', 'redrive', name, '--rate', '5', '--json')
    clearInterval(consumer)
    expect(JSON.parse(out)).toMatchObject({ redriven: 7, failed: [], left: 0 })
    await vi.waitFor(() => expect(taken).toBe(7), 30_000)
    await vi.waitFor(async () => expect(await queues.count(dlq)).toEqual([7, 0]), 30_000)
  })

  it('sends what a redrive policy moved to the queue that it came from', async () => {
    const { dlq, name, arn } = pair()
    const { source, proxy } = await moved(name, arn)
    expect(await queues.count(dlq)).toEqual([1, 0])
    await queues.lambent('dlq', 'redrive', name, '--endpoint-url', proxy.url)
    proxy.stop()
    expect([await queues.count(source), await queues.count(dlq)]).toEqual([
      [1, 0],
      [0, 0],
    ])
  })

  it('keeps groups and their order on a FIFO queue, and does not lose one to its deduplication', async () => {
    const { main, dlq, name, arn } = pair('.fifo')
    const records = Array.from({ length: 24 }, (_, index) => ({
      body: `poison ${index}`,
      messageId: `00000000-0000-4000-8000-0000000000${index + 10}`,
      attributes: { MessageGroupId: `g${index % 3}`, MessageDeduplicationId: `d${index}` },
    }))
    // The queue has taken them before, with these deduplication ids, less than 5 minutes ago.
    for (const { body, attributes } of records)
      await queues.sqs.sendMessage({ QueueUrl: main, MessageBody: body, ...attributes })
    expect(await queues.drain(main)).toHaveLength(24)
    for (const record of records) await poison({ url: dlq, client: queues.sqs, arn, records: [record] })
    const { out } = await queues.lambent('dlq', 'redrive', name)
    expect(out).toContain('24 messages redriven')
    const sent = await queues.drain(main)
    for (const group of ['g0', 'g1', 'g2'])
      expect(sent.filter(({ Attributes }) => Attributes?.MessageGroupId === group).map(({ Body }) => Body)).toEqual(
        records.filter(({ attributes }) => attributes.MessageGroupId === group).map(({ body }) => body),
      )
  })

  it('applies an edit, keeps what it gives null for, and what it fails for', async () => {
    const { main, dlq, name } = await mixed()
    const edit = join(folder, 'edit.mjs')
    await writeFile(
      edit,
      `export default ({ body, letter }) => {
        if (letter.error.code === 'BankDown') return null
        if (letter.error.code === 'NoTotal') throw new Error('cannot')
        return { body: body.toUpperCase() }
      }`,
    )
    const { code, err, out } = await queues.lambent('dlq', 'redrive', name, '--edit', edit)
    expect(code).toBe(1)
    expect(err).toMatch(/^2 messages failed: cannot \([\da-f-]{36} [\da-f-]{36}\)$/m)
    expect(out).toContain('3 messages redriven')
    expect(bodies(await queues.drain(main))).toEqual(['POISON 1', 'POISON 2', 'POISON 3'])
    expect(await queues.count(dlq)).toEqual([4, 0])
  })

  it('sends nothing in a dry run, and says what it would', async () => {
    const { main, dlq, name } = await mixed()
    const { out } = await queues.lambent('dlq', 'redrive', name, '--dry-run')
    expect(out).toContain('7 messages would be redriven')
    expect(out).toContain('poison 1')
    expect([await queues.count(main), await queues.count(dlq)]).toEqual([
      [0, 0],
      [7, 0],
    ])
  })

  it('loses nothing when it is interrupted, and goes on with the next call', async () => {
    const { main, dlq, arn, name } = pair()
    const records = Array.from({ length: 40 }, (_, index) => ({ body: `poison ${index}` }))
    for (let i = 0; i < 40; i += 10)
      await poison({ url: dlq, client: queues.sqs, arn, records: records.slice(i, i + 10) })
    const interruption = new AbortController()
    const running = queues.interruptible(interruption.signal, 'dlq', 'redrive', name, '--rate', '20')
    await vi.waitFor(async () => expect((await queues.count(main))[0]).toBeGreaterThan(0), {
      interval: 5,
      timeout: 30_000,
    })
    interruption.abort()
    const { code, err } = await running
    expect(code).toBe(130)
    expect(err).toContain('The same command goes on')
    const [sent] = await queues.count(main)
    expect(sent).toBeLessThan(40)
    expect(await queues.count(dlq)).toEqual([40 - sent, 0])
    expect((await queues.lambent('dlq', 'redrive', name)).code).toBe(0)
    expect(bodies(await queues.drain(main))).toEqual(records.map(({ body }) => body).sort())
    expect(await queues.count(dlq)).toEqual([0, 0])
  })

  it('ends at Ctrl-C, as a process', async () => {
    const { main, dlq, arn, name } = pair()
    for (let i = 0; i < 4; i++)
      await poison({
        url: dlq,
        client: queues.sqs,
        arn,
        records: Array.from({ length: 10 }, (_, n) => ({ body: `poison ${i * 10 + n}` })),
      })
    const bin = join(import.meta.dirname, '../dist/bin.mjs')
    const argv = ['dlq', 'redrive', name, '--rate', '20', '--region', 'eu-west-1', '--endpoint-url', queues.endpoint]
    const child = spawn(process.execPath, [bin, ...argv], { stdio: ['ignore', 'pipe', 'inherit'] })
    await vi.waitFor(async () => expect((await queues.count(main))[0]).toBeGreaterThan(0), {
      interval: 10,
      timeout: 10_000,
    })
    child.kill('SIGINT')
    const [code] = await once(child, 'exit')
    const [sent] = await queues.count(main)
    expect([code, sent < 40, await queues.count(dlq)]).toEqual([130, true, [40 - sent, 0]])
  })

  it('keeps what SQS did not take of a batch', async () => {
    const { main, dlq, name } = await mixed()
    let refused = 0
    const proxy = await queues.proxy((target, body) => {
      if (target !== 'AmazonSQS.SendMessageBatch' || refused++ > 0) return undefined
      const { Successful, ...rest } = JSON.parse(body)
      return {
        Successful: Successful.slice(1),
        ...rest,
        Failed: [{ Id: '0', Code: 'InternalError', SenderFault: false }],
      }
    })
    const { code, err, out } = await queues.lambent('dlq', 'redrive', name, '--json', '--endpoint-url', proxy.url)
    proxy.stop()
    expect(code).toBe(1)
    expect(err).toContain('InternalError')
    expect(JSON.parse(out)).toMatchObject({
      redriven: 6,
      failed: [{ error: expect.stringContaining('InternalError') }],
    })
    expect([(await queues.count(main))[0], await queues.count(dlq)]).toEqual([7, [1, 0]])
  })

  it('says which messages were sent and could not be deleted', async () => {
    const { dlq, name } = await mixed()
    const proxy = await queues.proxy((target, body) =>
      target === 'AmazonSQS.DeleteMessageBatch'
        ? {
            Successful: [],
            Failed: JSON.parse(body).Successful.map(({ Id }: { Id: string }) => ({
              Id,
              Code: 'No',
              SenderFault: true,
            })),
          }
        : undefined,
    )
    const { code, err } = await queues.lambent('dlq', 'redrive', name, '--endpoint-url', proxy.url)
    proxy.stop()
    expect(code).toBe(1)
    expect(err).toContain('could not be deleted')
    expect(dlq).toBeTruthy()
  })

  it('stops where nothing can be sent, and leaves all where it is', async () => {
    const { dlq, arn, name } = pair()
    const records = Array.from({ length: 10 }, (_, index) => ({ body: `poison ${index}` }))
    for (let i = 0; i < 5; i++) await poison({ url: dlq, client: queues.sqs, arn, records })
    const proxy = await queues.proxy(target =>
      target === 'AmazonSQS.SendMessageBatch'
        ? { status: 403, __type: 'com.amazonaws.sqs#AccessDenied', message: 'no' }
        : undefined,
    )
    const { code, err } = await queues.lambent('dlq', 'redrive', name, '--endpoint-url', proxy.url)
    proxy.stop()
    expect(code).toBe(1)
    expect(err).toContain('nothing could be sent')
    expect(await queues.count(dlq)).toEqual([50, 0])
  })

  it('selects by age, and says what came from no queue', async () => {
    const { dlq, name } = await mixed()
    await queues.sqs.sendMessage({ QueueUrl: dlq, MessageBody: 'whatever' })
    expect((await queues.lambent('dlq', 'redrive', name, '--older-than', '1h')).out).toContain(
      '0 messages redriven, 8 left',
    )
    const { code, err, out } = await queues.lambent('dlq', 'redrive', name, '--newer-than', '1h')
    expect(code).toBe(1) // not all that was meant was sent
    expect(out).toContain('7 messages redriven')
    expect(err).toContain('1 message did not come from a queue')
    const other = pair()
    await queues.lambent('dlq', 'redrive', name, '--to', other.main)
    expect(bodies(await queues.drain(other.main))).toEqual(['whatever'])
  })

  it('brings back a body that deadLetter() put into S3', async () => {
    const { main, dlq, arn, name } = pair()
    const bucket = `payloads-${name}`
    const { S3 } = await import('@aws-sdk/client-s3')
    const s3 = new S3({ endpoint: queues.endpoint, region: 'eu-west-1', forcePathStyle: true })
    await s3.createBucket({ Bucket: bucket })
    const { deadLetter, sqsQueue } = await import('@lambent/dead-letter')
    const { sqs } = await import('@lambent/events/sqs')
    const { lambdaContext, sqsEvent } = await import('@lambent/testing')
    const body = `poison ${'x'.repeat(5000)}`
    const handler = sqs()
      .each()
      .use(
        deadLetter({
          to: sqsQueue({ url: dlq, client: queues.sqs, maxBytes: 4000 }),
          claimCheck: { bucket, client: s3 },
          after: 1,
        }),
      )
      .handle(() => {
        throw new Error('no')
      })
    await handler(sqsEvent([{ body, eventSourceARN: arn }]), lambdaContext())
    s3.destroy()
    vi.stubEnv('AWS_ENDPOINT_URL_S3', queues.endpoint)
    await queues.lambent('dlq', 'redrive', name)
    const [message] = await queues.drain(main)
    expect(message?.Body).toBe(body)
    expect(Object.keys(message?.MessageAttributes ?? {})).toEqual(['lambent.deadLetter'])
  })
})

describe('redrive of what is not as it should be', () => {
  it('does not send what was redacted, unless an edit makes it whole', async () => {
    const { main, dlq, name, arn } = pair()
    const redact: Redact = letter => ({ ...letter, body: 'poison [card]' })
    await poison({ url: dlq, client: queues.sqs, arn, records: [{ body: 'poison 4111' }], redact })
    const { code, err } = await queues.lambent('dlq', 'redrive', name)
    expect([code, err]).toEqual([1, expect.stringContaining('it was redacted, and is no longer what came')])
    expect([await queues.count(main), await queues.count(dlq)]).toEqual([
      [0, 0],
      [1, 0],
    ])
    const edit = join(folder, 'whole.mjs')
    await writeFile(edit, 'export default () => ({ body: "poison 4111" })')
    expect((await queues.lambent('dlq', 'redrive', name, '--edit', edit)).code).toBe(0)
    expect(bodies(await queues.drain(main))).toEqual(['poison 4111'])
  })

  it('sends the others where one makes the whole call invalid', async () => {
    const { main, dlq, name } = await mixed()
    const proxy = await queues.proxy(
      () => undefined,
      (target, body) =>
        target === 'AmazonSQS.SendMessageBatch' && body.includes('text 17')
          ? { status: 400, __type: 'com.amazonaws.sqs#InvalidMessageContents', message: 'no' }
          : undefined,
    )
    const { code, err } = await queues.lambent('dlq', 'redrive', name, '--endpoint-url', proxy.url)
    proxy.stop()
    expect([code, err.match(/failed: \w+/g)]).toEqual([1, ['failed: InvalidMessageContents']])
    expect(bodies(await queues.drain(main))).toEqual(MIXED.filter(body => body !== 'text 17').sort())
    expect(await queues.count(dlq)).toEqual([1, 0])
  })

  it('does not send a message where its own letter says, when SQS knows of another queue', async () => {
    const { main, dlq, name, arn } = pair()
    await poison({ url: dlq, client: queues.sqs, arn, records: [{ body: 'poison' }] })
    const proxy = await queues.proxy((target, body) => {
      if (target !== 'AmazonSQS.ReceiveMessage') return undefined
      const { Messages = [] } = JSON.parse(body)
      for (const { Attributes } of Messages) Attributes.DeadLetterQueueSourceArn = `${arn}-public`
      return { Messages }
    })
    const { code, err } = await queues.lambent('dlq', 'redrive', name, '--endpoint-url', proxy.url)
    proxy.stop()
    expect([code, err]).toEqual([1, expect.stringContaining(`and SQS says ${arn}-public: name a queue by --to`)])
    expect([await queues.count(main), await queues.count(dlq)]).toEqual([
      [0, 0],
      [1, 0],
    ])
  })

  it('says once why many failed', async () => {
    const { dlq, name, arn } = pair()
    const records = Array.from({ length: 10 }, (_, index) => ({ body: `poison ${index}` }))
    await poison({ url: dlq, client: queues.sqs, arn: `${arn}-deleted`, records })
    const { code, err } = await queues.lambent('dlq', 'redrive', name)
    expect([code, err.match(/QueueDoesNotExist/g)]).toEqual([1, ['QueueDoesNotExist']])
    expect(err).toMatch(/^10 messages failed: the queue \S+-deleted can’t be opened: .+ \(\S+ \S+ \S+ …\)$/m)
    expect(await queues.count(dlq)).toEqual([10, 0])
  })

  it('says of an edit that gives no attributes what it has to give, and goes on', async () => {
    const { dlq, name } = await mixed()
    const edit = join(folder, 'attributes.mjs')
    await writeFile(
      edit,
      `export default ({ body }) =>
        body === 'bank 1' ? { attributes: null } : body === 'bank 2' ? { attributes: { a: 'text' } } : undefined`,
    )
    const { code, err, out } = await queues.lambent('dlq', 'redrive', name, '--edit', edit)
    expect([code, out]).toEqual([1, expect.stringContaining('5 messages redriven')])
    expect(err).toContain('2 messages failed: TypeError: the edit has to give')
    expect(await queues.count(dlq)).toEqual([2, 0])
  })

  it('says what was done until the queue could not be read any more', async () => {
    const { dlq, arn, name } = pair()
    const records = Array.from({ length: 10 }, (_, index) => ({ body: `poison ${index}` }))
    for (let i = 0; i < 3; i++) await poison({ url: dlq, client: queues.sqs, arn, records })
    let receives = 0
    const proxy = await queues.proxy(target =>
      target === 'AmazonSQS.ReceiveMessage' && ++receives > 2
        ? { status: 403, __type: 'com.amazonaws.sqs#ExpiredToken', message: 'the session has ended' }
        : undefined,
    )
    const { code, out, err } = await queues.lambent('dlq', 'redrive', name, '--json', '--endpoint-url', proxy.url)
    proxy.stop()
    expect([code, err]).toEqual([1, expect.stringContaining('the session has ended')])
    expect(JSON.parse(out)).toMatchObject({ redriven: 20, undeleted: [] })
  })

  it('shows a program what a dry run would send', async () => {
    const { main, name } = await mixed()
    const { out } = await queues.lambent('dlq', 'redrive', name, '--dry-run', '--json', '--error', 'BankDown')
    const { messages, redriven } = JSON.parse(out)
    expect(messages.map(({ body }: { body: string }) => body).sort()).toEqual(['bank 1', 'bank 2'])
    expect([redriven, messages[0].to]).toEqual([2, main])
  })

  it('sends no more in a call than it may in a second', async () => {
    const { dlq, name } = await mixed()
    const calls: number[] = []
    const proxy = await queues.proxy((target, body) => {
      if (target === 'AmazonSQS.SendMessageBatch') calls.push(JSON.parse(body).Successful.length)
      return undefined
    })
    await queues.lambent('dlq', 'redrive', name, '--rate', '3', '--endpoint-url', proxy.url)
    proxy.stop()
    expect(calls).toEqual([3, 3, 1])
    expect(await queues.count(dlq)).toEqual([0, 0])
  })
})

describe('Ctrl-C', () => {
  it.each([['peek'], ['explain']])('ends %s with the exit code 130', async command => {
    const { name } = await mixed()
    const { code } = await queues.interruptible(AbortSignal.abort(), 'dlq', command, name)
    expect(code).toBe(130)
  })

  it.runIf(process.platform === 'linux')('at a terminal with a progress bar loses nothing either', async () => {
    const { main, dlq, arn, name } = pair()
    const records = Array.from({ length: 10 }, (_, index) => ({ body: `poison ${index}` }))
    for (let i = 0; i < 4; i++) await poison({ url: dlq, client: queues.sqs, arn, records })
    const argv = ['dlq', 'redrive', name, '--rate', '10', '--region', 'eu-west-1', '--endpoint-url', queues.endpoint]
    const command = [process.execPath, join(import.meta.dirname, '../dist/bin.mjs'), ...argv].join(' ')
    // A terminal of its own, by util-linux.
    const child = spawn('script', ['--quiet', '--return', '--command', command, '/dev/null'])
    let shown = ''
    child.stdout.on('data', chunk => {
      shown += chunk
    })
    await vi.waitFor(() => expect(shown).toContain('10 redriven'), { interval: 10, timeout: 60_000 })
    child.stdin.write('\u0003')
    const [code] = await once(child, 'exit')
    const [sent] = await queues.count(main)
    expect([code, shown]).toEqual([130, expect.stringContaining('The same command goes on')])
    expect([sent < 40, await queues.count(dlq)]).toEqual([true, [40 - sent, 0]])
  })
})

describe('run', () => {
  const handler = (code: string) => `export const handler = async (event) => { ${code} }`
  const fixture = async (name: string, code: string) => {
    await writeFile(join(folder, `${name}.mjs`), handler(code))
    return join(folder, `${name}.handler`)
  }

  it('gives one to a handler on this machine, says whether it did it, and deletes it if wanted', async () => {
    const { dlq, name } = await mixed()
    const good = await fixture('good', 'console.log(event.Records[0].body); return { batchItemFailures: [] }')
    const done = await queues.lambent('dlq', 'run', name, '--error', 'BankDown', '--handler', good)
    expect([done.code, done.out]).toEqual([
      0,
      expect.stringMatching(/bank \d[\s\S]*done in \d+ ms; the dead letter is still/),
    ])
    expect(await queues.count(dlq)).toEqual([7, 0])
    const bad = await fixture('bad', 'return { batchItemFailures: [{ itemIdentifier: event.Records[0].messageId }] }')
    const failed = await queues.lambent('dlq', 'run', name, '--handler', bad, '--delete')
    expect([failed.code, failed.out]).toEqual([1, expect.stringContaining('failed: the handler reported')])
    const throws = await fixture('throws', 'throw new TypeError("broken")')
    const thrown = await queues.lambent('dlq', 'run', name, '--handler', throws, '--json')
    expect([thrown.code, JSON.parse(thrown.out)]).toEqual([
      1,
      expect.objectContaining({ ok: false, failure: 'TypeError: broken' }),
    ])
    await queues.lambent('dlq', 'run', name, '--error', 'BankDown', '--handler', good, '--delete')
    expect(await queues.count(dlq)).toEqual([6, 0])
  })

  it('gives the function the variables of a file, and none of ours', async () => {
    const { name } = await mixed()
    const file = join(folder, '.env')
    await writeFile(file, 'TABLE="orders"\n')
    vi.stubEnv('OURS', 'secret')
    const env = await fixture('env', 'return [process.env.TABLE, process.env.OURS ?? null]')
    const { out } = await queues.lambent('dlq', 'run', name, '--handler', env, '--env-file', file, '--json')
    expect(JSON.parse(out).payload).toEqual(['orders', null])
  })

  it('does not take it for done when it became a dead letter again', async () => {
    const { dlq, name } = await mixed()
    const from = (module: string) => JSON.stringify(import.meta.resolve(module))
    await writeFile(
      join(folder, 'again.mjs'),
      `import { PermanentError } from ${from('@lambent/core')}
      import { deadLetter, sqsQueue } from ${from('@lambent/dead-letter')}
      import { sqs } from ${from('@lambent/events/sqs')}
      const to = sqsQueue(process.env.DLQ_URL)
      export const handler = sqs().each().use(deadLetter({ to })).handle(() => { throw new PermanentError('no') })`,
    )
    const file = join(folder, 'again.env')
    const variables = {
      DLQ_URL: dlq,
      AWS_ENDPOINT_URL: queues.endpoint,
      AWS_ACCESS_KEY_ID: 'k',
      AWS_SECRET_ACCESS_KEY: 's',
    }
    await writeFile(
      file,
      Object.entries(variables)
        .map(each => each.join('='))
        .join('\n'),
    )
    const argv = ['dlq', 'run', name, '--handler', join(folder, 'again.handler'), '--env-file', file, '--delete']
    const { code, out } = await queues.lambent(...argv)
    expect([code, out]).toEqual([1, expect.stringContaining('failed: it became a dead letter again')])
    expect(await queues.count(dlq)).toEqual([8, 0])
  })

  it('sees that in a log that is indented, too', async () => {
    const { dlq, name } = await mixed()
    const log = 'console.warn(JSON.stringify({ level: "WARN", name: "deadLetter.sent" }, undefined, 2))'
    const again = await fixture('indented', `${log}; return { batchItemFailures: [] }`)
    const { code } = await queues.lambent('dlq', 'run', name, '--handler', again, '--delete')
    expect([code, await queues.count(dlq)]).toEqual([1, [7, 0]])
  })

  it('takes place in the region of the queue, by the name of the function that gave it up', async () => {
    const { name } = await mixed()
    const where = await fixture('where', 'return [process.env.AWS_REGION, process.env.AWS_LAMBDA_FUNCTION_NAME]')
    const { out } = await queues.lambent('dlq', 'run', name, '--handler', where, '--json')
    expect(JSON.parse(out).payload).toEqual(['eu-west-1', 'take-orders'])
  })

  it('prints the event without a handler, and runs nothing', async () => {
    const { dlq, name } = await mixed()
    const { code, out } = await queues.lambent('dlq', 'run', name, '--error', 'BankDown', '--event')
    expect([code, JSON.parse(out).Records]).toEqual([
      0,
      [expect.objectContaining({ body: expect.stringMatching(/^bank \d/) })],
    ])
    expect(await queues.count(dlq)).toEqual([7, 0])
  })

  it('says of a handler that fails without variables how it gets them', async () => {
    const { name } = await mixed()
    const unset = await fixture('unset', 'throw new TypeError("is the environment variable set?")')
    const { code, err } = await queues.lambent('dlq', 'run', name, '--handler', unset)
    expect([code, err]).toEqual([1, expect.stringContaining('--env-file')])
  })
})

describe('what is written wrongly', () => {
  it.each([
    [['dlq', 'peek'], 'missing required argument'],
    [['dlq', 'peek', 'q', '--max', '0'], 'whole number'],
    [['dlq', 'redrive', 'q', '--rate', 'fast'], 'messages a second'],
    [['dlq', 'peek', 'q', '--older-than', 'yesterday'], '"yesterday" is no duration'],
    [['dlq', 'peek', 'q', '--endpoint-url', 'localhost'], 'a URL is needed, such as http'],
    [['dlq', 'run', 'q'], '--handler'],
    [['dql'], 'unknown command'],
  ])('%j', async (argv, message) => {
    const { code, err } = await queues.lambent(...argv)
    expect([code, err]).toEqual([2, expect.stringContaining(message)])
  })

  it('a queue that is not there', async () => {
    const { code, err } = await queues.lambent('dlq', 'peek', 'nowhere')
    expect([code, err]).toEqual([
      1,
      expect.stringMatching(/^lambent: the queue nowhere can’t be opened: .*QueueDoesNotExist/),
    ])
  })

  it('a queue that is not there says where it was looked for', async () => {
    const { err } = await queues.lambent('dlq', 'explain', 'nowhere')
    expect(err).toContain('It was looked for in eu-west-1: is it in another region (--region)')
  })

  it('help shows what to do, and the exit codes', async () => {
    expect((await queues.lambent('dlq', '--help')).out).toContain('lambent dlq explain orders-dlq  ')
    expect((await lambentHelp('redrive')).out).toContain('Exit codes: 0 done; 1 something failed')
    expect((await lambentHelp('run')).out).toContain('(default: 30s)') // as one writes it
  })

  it('a queue that is no dead-letter queue is not touched', async () => {
    const { main, arn } = pair()
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: arn, maxReceiveCount: 2 })
    const live = queues.create(`live-${count}`, { RedrivePolicy })
    await queues.sqs.sendMessage({ QueueUrl: live, MessageBody: 'x' })
    const { code, err } = await queues.lambent('dlq', 'explain', live)
    expect([code, err]).toEqual([1, expect.stringContaining('redrive policy of its own (maxReceiveCount 2)')])
    expect((await queues.lambent('dlq', 'explain', live, '--force')).out).toContain('1 dead letter')
    expect(main).toBeTruthy()
  })

  it('a dead letter does not go back into its own queue', async () => {
    const { dlq, name } = await mixed()
    const { err } = await queues.lambent('dlq', 'redrive', name, '--to', dlq, '--max', '1')
    expect(err).toContain('name another by --to')
    expect(await queues.count(dlq)).toEqual([7, 0])
  })
})
