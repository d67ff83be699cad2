// What becomes of a call when the wire, the server or the clock is wrong.
import { classify } from '@lambent/core'
import fc from 'fast-check'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import {
  type Answer,
  cut,
  type FaultServer,
  faultServer,
  json,
  reset,
  silent,
  text,
  throttled,
} from '../../test/fault-server.ts'
import { DynamoDB } from '../dynamodb/index.ts'
import { S3 } from '../s3/index.ts'
import { SNS } from '../sns/index.ts'
import { SQS } from '../sqs/index.ts'
import type { ClientConfig } from './client-config.ts'
import { AwsError } from './errors.ts'

let server: FaultServer
beforeAll(async () => {
  server = await faultServer()
})
afterAll(() => server.close())
beforeEach(() => void vi.spyOn(Math, 'random').mockReturnValue(0.001)) // no waiting
afterEach(() => void vi.restoreAllMocks())

const SECRET = 'wJalrXUtnFEMI-the-secret'
const client = (config: ClientConfig = {}) =>
  new DynamoDB({
    region: 'eu-west-1',
    endpoint: server.endpoint,
    credentials: { accessKeyId: 'AKID', secretAccessKey: SECRET, sessionToken: 'the-token' },
    ...config,
  })
const input = { TableName: 't', Key: { id: { S: 'the-payload' } } }
const ok = json({ Item: { id: { S: '1' } } })
const failure = async (call: Promise<unknown>): Promise<AwsError> => {
  const error = await call.then(
    () => new Error('it did not fail'),
    (thrown: unknown) => thrown,
  )
  if (!(error instanceof Error)) throw new Error('not an error')
  return error as AwsError
}

describe('a call that succeeds', () => {
  it('says how many attempts it took, and keeps its connection', async () => {
    server.answer(ok)
    const db = client()
    expect((await db.getItem(input)).$metadata).toMatchObject({ attempts: 1, httpStatusCode: 200, totalRetryDelay: 0 })
    const before = server.connections
    await db.getItem(input)
    await client().getItem(input)
    expect(server.connections).toBe(before)
    expect(server.seen[0]?.headers).toMatchObject({
      'x-amz-target': 'DynamoDB_20120810.GetItem',
      'x-amz-security-token': 'the-token',
    })
  })

  it('does nothing before it is made', () => {
    expect(() => new DynamoDB({ endpoint: 'no url' })).not.toThrow()
    expect(() => new DynamoDB({ maxAttempts: 0 })).toThrow(
      'new DynamoDB({ maxAttempts }) takes a whole number above 0, not 0',
    )
  })
})

describe('what passes is tried again', () => {
  it.each<[string, Answer]>([
    ['a throttle', throttled],
    ['a 500', json({ __type: 'InternalServerError' }, 500)],
    ['a 503 of a proxy, in HTML', text('<html>no</html>', 503)],
    ['an answer that is cut short', cut],
    ['a 429', text('', 429)],
  ])('%s', async (_name, answer) => {
    server.answer(answer, ok)
    const { $metadata } = await client().getItem(input)
    expect($metadata.attempts).toBe(2)
    expect($metadata.totalRetryDelay).toBeGreaterThan(0)
  })

  it('three times in all, then fails with the last error', async () => {
    server.answer(throttled)
    const error = await failure(client().getItem(input))
    expect(error).toMatchObject({
      name: 'ProvisionedThroughputExceededException',
      $fault: 'client',
      $service: 'DynamoDB',
      $retryable: { throttling: true },
      $metadata: { attempts: 3, httpStatusCode: 400 },
    })
    expect(server.seen).toHaveLength(3)
    expect(classify(error)).toBe('retryable')
  })

  it('as often as maxAttempts says, or AWS_MAX_ATTEMPTS', async () => {
    server.answer(throttled)
    await failure(client({ maxAttempts: 5 }).getItem(input))
    expect(server.seen).toHaveLength(5)
    vi.stubEnv('AWS_MAX_ATTEMPTS', '1')
    server.answer(throttled)
    await failure(client().getItem(input))
    vi.unstubAllEnvs()
    expect(server.seen).toHaveLength(1)
  })

  it('a reset', async () => {
    server.answer(reset)
    const error = await failure(client().getItem(input))
    expect(error).toMatchObject({ name: 'NetworkError', code: 'ECONNRESET' })
    expect(error.$metadata.totalRetryDelay).toBeGreaterThan(0)
    expect(classify(error)).toBe('retryable')
  })

  it('waits as Retry-After says, and no more than 5 s longer than it would', async () => {
    const delays: number[] = []
    const real = setTimeout
    vi.spyOn(globalThis, 'setTimeout').mockImplementation(((run: () => void, ms?: number) => {
      if (ms !== 10_000 && ms !== 2000) delays.push(ms ?? 0)
      return ms !== 10_000 && ms !== 2000 ? queueMicrotask(run) : real(run, ms)
    }) as never)
    server.answer(json({}, 503, { 'retry-after': '3' }), json({}, 503, { 'x-amz-retry-after': '60000' }), ok)
    await client().getItem(input)
    expect(delays[0]).toBe(3000)
    expect(delays[1]).toBeGreaterThan(4999)
    expect(delays[1]).toBeLessThan(5100)
  })

  it('not when most calls fail: the budget of 500 is spent', async () => {
    server.answer(throttled)
    const db = client({ maxAttempts: 100 })
    await failure(db.getItem(input))
    expect(server.seen).toHaveLength(100)
    server.answer(throttled)
    await failure(db.getItem(input))
    expect(server.seen).toHaveLength(2) // 99 retries took 495, the hundredth the rest
  }, 20_000)
})

describe('what does not pass is not tried again', () => {
  it.each<[string, Answer, string]>([
    [
      'a failed condition',
      json({ __type: 'x#ConditionalCheckFailedException', message: 'no', Item: { b: { B: 'AAE=' } } }, 400),
      'ConditionalCheckFailedException',
    ],
    ['a denied right', json({ __type: 'AccessDeniedException', Message: 'no' }, 400), 'AccessDeniedException'],
    ['an unknown 400 without a body', text('', 400), 'UnknownError'],
    [
      'a 200 that is HTML',
      text('<html>welcome</html>', 200, { 'content-type': 'text/html' }),
      'MalformedResponseError',
    ],
    ['a 200 that is an array', json([]), 'MalformedResponseError'],
    ['a 200 whose JSON is cut', text('{"Item":{"id', 200), 'MalformedResponseError'],
  ])('%s', async (_name, answer, name) => {
    server.answer(answer)
    const error = await failure(client().getItem(input))
    expect(error.name).toBe(name)
    expect(server.seen).toHaveLength(1)
    expect(classify(error)).toBe(name === 'ConditionalCheckFailedException' ? 'permanent' : 'unknown')
  })

  it('the item of a failed condition is in the error, its bytes as bytes', async () => {
    server.answer(json({ __type: 'x#ConditionalCheckFailedException', Item: { b: { B: 'AAE=' } } }, 400))
    const error = await failure(client().getItem(input))
    expect(error.Item).toEqual({ b: { B: new Uint8Array([0, 1]) } })
  })
})

it('what cannot be sent rejects, and is never thrown at whoever calls', async () => {
  const db = client()
  const s3 = new S3({ region: 'eu-west-1' })
  const outcomes = await Promise.allSettled([
    db.getItem({ TableName: 't', Key: { id: { N: 1n as never } } }),
    s3.getObject({ Bucket: '', Key: 'k' }),
    s3.headObject({ Bucket: 'bucket', Key: '\ud800' }),
    s3.putObject({ Bucket: 'bucket', Key: 'k', Body: 1 as never }),
    new SNS({ region: 'eu-west-1' }).publish({ Message: Symbol('m') as never }),
  ])
  expect(outcomes.map(({ status }) => status)).toEqual(Array(5).fill('rejected'))
})

describe('time', () => {
  it('an attempt that is not answered fails with a TimeoutError', async () => {
    server.answer(silent)
    const error = await failure(client({ requestTimeout: 30, maxAttempts: 2 }).getItem(input))
    expect(error).toMatchObject({ name: 'TimeoutError', message: 'DynamoDB GetItem: no answer within 30 ms' })
    expect(server.seen).toHaveLength(2)
    expect(classify(error)).toBe('retryable')
  })

  it('a call may have a timeout of its own', async () => {
    server.answer(silent)
    const error = await failure(client({ maxAttempts: 1 }).getItem(input, { requestTimeout: 20 }))
    expect(error.message).toBe('DynamoDB GetItem: no answer within 20 ms')
  })

  it('a connection that does not open fails with a TimeoutError', async () => {
    // An address of documentation (RFC 5737): nothing answers, or the network refuses at once.
    const error = await failure(
      client({ endpoint: 'http://192.0.2.1', connectionTimeout: 40, maxAttempts: 1 }).getItem(input),
    )
    expect(['TimeoutError', 'NetworkError']).toContain(error.name)
  })

  it.each<[string, Answer]>([
    ['while it waits for an answer', silent],
    ['while it waits for another attempt', throttled],
  ])('an abort ends it %s', async (_name, answer) => {
    vi.mocked(Math.random).mockReturnValue(0.99) // a second
    const reason = new Error('the deadline')
    const controller = new AbortController()
    server.answer((response, seen) => {
      answer(response, seen)
      setTimeout(() => controller.abort(reason), 20)
    })
    const error = await failure(client().getItem(input, { abortSignal: controller.signal }))
    expect(error).toMatchObject({ name: 'AbortError', cause: reason })
    expect(server.seen).toHaveLength(1)
  })

  it('an abort ends it while it waits for credentials', async () => {
    const db = client({ credentials: () => new Promise(() => {}) })
    for (const abortSignal of [AbortSignal.abort(), AbortSignal.timeout(20)])
      expect(await failure(db.getItem(input, { abortSignal }))).toMatchObject({ name: 'AbortError' })
  })

  it('an abort ends it before it is sent', async () => {
    server.answer(ok)
    const reason = new Error('the deadline')
    const error = await failure(client().getItem(input, { abortSignal: AbortSignal.abort(reason) }))
    expect(error).toMatchObject({ name: 'AbortError', cause: reason })
    expect(server.seen).toHaveLength(0)
  })
})

describe('a clock that is wrong', () => {
  const skewed = (date: Date): Answer =>
    json({ __type: 'InvalidSignatureException', message: 'Signature expired: 2020 is now earlier than 2026' }, 400, {
      date: date.toUTCString(),
    })

  it('is corrected once by the Date of the answer, at once, for all further calls', async () => {
    const theirs = new Date(Date.now() + 3 * 3600_000)
    server.answer(skewed(theirs), ok)
    const db = client()
    await db.getItem(input)
    await db.getItem(input)
    const ahead = server.seen.map(({ headers }) => {
      const [, date, hour, minute, second] = /^(\d{8})T(\d\d)(\d\d)(\d\d)Z$/.exec(String(headers['x-amz-date'])) ?? []
      const day = `${date?.slice(0, 4)}-${date?.slice(4, 6)}-${date?.slice(6)}`
      return Math.round((Date.parse(`${day}T${hour}:${minute}:${second}Z`) - Date.now()) / 3600_000) + 0 // not -0
    })
    expect(ahead).toEqual([0, 3, 3])
  })

  it('is corrected for all calls that were made with it', async () => {
    const theirs = new Date(Date.now() + 3 * 3600_000)
    const soon = new Date(Date.now() + 3600_000).toISOString().replace(/[:-]|\.\d{3}/g, '')
    server.answer((response, seen) => {
      const answer = String(seen.headers['x-amz-date']) < soon ? skewed(theirs) : ok
      answer(response, seen)
    })
    const db = client()
    const calls = await Promise.all(Array.from({ length: 4 }, () => db.getItem(input)))
    expect(calls.map(({ $metadata }) => $metadata.attempts)).toEqual([2, 2, 2, 2])
  })

  it('is corrected where S3 says no more than that it forbids a HEAD', async () => {
    const headers = { date: new Date(Date.now() + 3 * 3600_000).toUTCString() }
    server.answer(text('', 403, headers), text('', 200))
    const config = {
      region: 'eu-west-1',
      endpoint: server.endpoint,
      credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    }
    const head = () => new S3(config).headObject({ Bucket: 'bucket', Key: 'k' })
    expect((await head()).$metadata.attempts).toBe(2)
    server.answer(text('', 403))
    expect(await failure(head())).toMatchObject({ name: 'Forbidden', $metadata: { attempts: 1 } })
  })

  it('is not corrected again and again', async () => {
    server.answer(skewed(new Date(Date.now() + 3 * 3600_000)), skewed(new Date(Date.now() + 9 * 3600_000)))
    const error = await failure(client().getItem(input))
    expect(error.name).toBe('InvalidSignatureException')
    expect(server.seen).toHaveLength(2)
  })

  it('is not blamed for a signature that is wrong', async () => {
    server.answer(json({ __type: 'InvalidSignatureException', message: 'Signature expired' }, 400))
    await failure(client().getItem(input))
    expect(server.seen).toHaveLength(1)
  })
})

describe('a connection that was kept open', () => {
  it('and that the server has closed meanwhile is replaced, without a further attempt', async () => {
    let count = 0
    server.answer((response, seen) => {
      // The second request on a connection is not read: as of one that was closed while the function was frozen.
      if (count++ === 1) response.socket?.resetAndDestroy()
      else ok(response, seen)
    })
    const db = client({ maxAttempts: 1 })
    await db.getItem(input)
    const { $metadata } = await db.getItem(input)
    expect($metadata).toMatchObject({ attempts: 2, totalRetryDelay: 0 })
  })

  it('and that died with all its like costs one attempt', async () => {
    let dead = false
    const gone = new Set<unknown>()
    server.answer(async (response, seen) => {
      if (gone.has(response.socket)) response.socket?.resetAndDestroy()
      else ok(response, seen)
      if (!dead) gone.add(response.socket)
    })
    const db = client({ maxAttempts: 1 })
    await Promise.all(Array.from({ length: 6 }, () => db.getItem(input)))
    dead = true
    expect((await db.getItem(input)).$metadata.attempts).toBe(2)
  })

  it('may be opened before the first call', async () => {
    const own = await faultServer()
    own.answer(ok)
    const db = client({ endpoint: own.endpoint })
    await db.connect()
    await vi.waitFor(() => expect(own.connections).toBe(1), 30_000)
    await db.getItem(input)
    expect(own.connections).toBe(1)
    await own.close()
  })

  it('may be opened before the first call, TLS included', async () => {
    const { readFileSync } = await import('node:fs')
    const { createServer } = await import('node:https')
    const { getCACertificates, setDefaultCACertificates } = await import('node:tls')
    const file = (name: string) => readFileSync(new URL(`../../test/tls/localhost.${name}`, import.meta.url), 'utf8')
    setDefaultCACertificates([...getCACertificates('default'), file('crt')])
    let connections = 0
    const own = createServer({ key: file('key'), cert: file('crt') }, (request, response) => {
      request.resume().on('end', () => response.end('{"Item":{}}'))
    })
    own.on('secureConnection', () => {
      connections++
    })
    await new Promise<void>(resolve => own.listen(0, '127.0.0.1', resolve))
    const db = client({ endpoint: `https://localhost:${(own.address() as { port: number }).port}` })
    await db.connect()
    await vi.waitFor(() => expect(connections).toBe(1), 30_000)
    await db.getItem(input)
    await db.getItem(input)
    expect(connections).toBe(1)
    own.closeAllConnections()
    own.close()
  })

  it('and whose opening fails says nothing: the first call does', async () => {
    await expect(client({ endpoint: 'http://127.0.0.1:1' }).connect()).resolves.toBeUndefined()
    await expect(new DynamoDB({ endpoint: 'no url' }).connect()).resolves.toBeUndefined()
    expect(await failure(client({ endpoint: 'http://127.0.0.1:1', maxAttempts: 1 }).getItem(input))).toMatchObject({
      name: 'NetworkError',
      code: 'ECONNREFUSED',
    })
  })
})

describe('neither secrets nor payloads', () => {
  it.each<[string, Answer]>([
    ['throttled', throttled],
    ['malformed', text('{"SecretString":"the-answer"', 200)],
    ['denied', json({ __type: 'AccessDeniedException', Message: 'no' }, 400)],
    ['reset', reset],
  ])('are in an error: %s', async (_name, answer) => {
    const { inspect } = await import('node:util')
    server.answer(answer)
    const error = await failure(client({ maxAttempts: 1 }).getItem(input))
    const all = `${inspect(error, { depth: 9 })} ${JSON.stringify(error)} ${error.stack}`
    for (const hidden of [SECRET, 'the-token', 'the-payload', 'the-answer', 'AKID']) expect(all).not.toContain(hidden)
  })
})

describe('answers of other protocols', () => {
  const config = () => ({
    region: 'eu-west-1',
    endpoint: server.endpoint,
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    maxAttempts: 1,
  })

  it.each([
    ['empty', ''],
    ['HTML', '<html><body>hello<br></body></html>'],
    ['cut', '<PublishResponse><PublishResult><MessageId>1'],
    ['of another operation', '<OtherResponse/>'],
    ['with a document type', '<!DOCTYPE x [<!ENTITY y "z">]><PublishResponse>&y;</PublishResponse>'],
    [
      'with an entity that there is not',
      '<PublishResponse><PublishResult><MessageId>&x;</MessageId></PublishResult></PublishResponse>',
    ],
    ['too deep', '<a>'.repeat(1000)],
  ])('XML that is %s is a MalformedResponseError', async (_name, body) => {
    server.answer(text(body, 200, { 'content-type': 'text/xml' }))
    const error = await failure(new SNS(config()).publish({ TopicArn: 't', Message: 'm' }))
    expect(error).toMatchObject({ name: 'MalformedResponseError', $service: 'SNS' })
  })

  it('any bytes at all are an error, or an output', async () => {
    vi.mocked(Math.random).mockRestore()
    const bytes = fc.oneof(
      fc.string(),
      fc.json(),
      fc.constantFrom('<', '<a', '</a>', '<a/>', 'null', '"x"', '{}', '<Error><Code/></Error>'),
    )
    await fc.assert(
      fc.asyncProperty(bytes, fc.constantFrom(200, 204, 302, 400, 404, 500), async (body, status) => {
        server.answer(text(status === 204 ? '' : body, status))
        const calls = [
          new SNS(config()).publish({ TopicArn: 't', Message: 'm' }),
          new SQS(config()).sendMessage({ QueueUrl: 'q', MessageBody: 'm' }),
          new S3(config()).headObject({ Bucket: 'bucket', Key: 'k' }),
          new S3(config()).deleteObject({ Bucket: 'bucket', Key: 'k' }),
        ]
        for (const outcome of await Promise.allSettled(calls))
          if (outcome.status === 'rejected') expect(outcome.reason).toBeInstanceOf(AwsError)
      }),
      { numRuns: 150 },
    )
  })

  it('an object’s body that is cut short fails whoever reads it', async () => {
    server.answer(cut)
    const { Body } = await new S3(config()).getObject({ Bucket: 'bucket', Key: 'k' })
    await expect(Body?.transformToString()).rejects.toThrow('the answer was cut short')
  })

  it('an object’s body ends with the signal', async () => {
    server.answer(response => {
      response.writeHead(200, { 'content-length': '100' }).write('abc')
    })
    const controller = new AbortController()
    const { Body } = await new S3(config()).getObject(
      { Bucket: 'bucket', Key: 'k' },
      { abortSignal: controller.signal },
    )
    const reading = Body?.transformToString()
    controller.abort()
    await expect(reading).rejects.toMatchObject({ name: 'AbortError' })
  })
})
