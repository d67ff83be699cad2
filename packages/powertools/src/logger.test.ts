import { setTimeout as sleep } from 'node:timers/promises'
import { LogFormatter, Logger, LogItem } from '@aws-lambda-powertools/logger'
import type { Middleware } from '@lambent/core'
import { deadLetter } from '@lambent/dead-letter'
import { eventBridge } from '@lambent/events/eventbridge'
import { s3 } from '@lambent/events/s3'
import { sqs } from '@lambent/events/sqs'
import { http } from '@lambent/http'
import { apiGatewayProxyEventV2, eventBridgeEvent, lambdaContext, s3Event, sqsEvent } from '@lambent/testing'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { output } from '../test/output.ts'
import { logger } from './logger.ts'

let out: ReturnType<typeof output>
beforeEach(() => {
  out = output()
})
afterEach(() => {
  vi.restoreAllMocks()
  vi.unstubAllEnvs()
})

const paid = (id = 'e-1') => eventBridgeEvent({ source: 'shop', 'detail-type': 'OrderPaid', detail: {}, id })
const messages = () => out.lines.map(({ message }) => message)
const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'

describe('a line says whose it is', () => {
  it('of a record, with what its sender said', async () => {
    const handler = sqs()
      .each()
      .use(logger({ serviceName: 'orders' }))
      .handle(({ log }) => log.info('taken', { cents: 7 }))
    const attribute = (stringValue: string) => ({ stringValue, dataType: 'String' as const })
    const event = sqsEvent([
      {
        messageId: 'm-1',
        attributes: { ApproximateReceiveCount: '3' },
        messageAttributes: {
          'x-correlation-id': attribute('c-1'),
          traceparent: attribute(`00-${TRACE}-00f067aa0ba902b7-01`),
        },
      },
    ])
    await handler(
      event,
      lambdaContext({ awsRequestId: 'r-1', functionName: 'pay', functionVersion: '7', tenantId: 'blue' }),
    )
    expect(out.lines).toMatchObject([
      {
        level: 'INFO',
        message: 'taken',
        service: 'orders',
        cents: 7,
        cold_start: false,
        function_name: 'pay',
        function_version: '7',
        function_request_id: 'r-1',
        function_arn: expect.stringContaining('function:pay'),
        function_memory_size: expect.any(String),
        tenant_id: 'blue',
        source: 'aws:sqs',
        record_id: 'm-1',
        attempt: 3,
        correlation_id: 'c-1',
        trace_id: TRACE,
      },
    ])
  })

  it('of an invocation', async () => {
    const handler = http()
      .use(logger())
      .handle(({ log }) => log.warn({ message: 'slow', ms: 900 }, new Error('why')))
    const event = apiGatewayProxyEventV2({ headers: { 'X-Correlation-Id': 'c-2' } })
    await handler(event, lambdaContext({ awsRequestId: 'r-2' }))
    expect(out.lines).toMatchObject([
      {
        level: 'WARN',
        message: 'slow',
        ms: 900,
        error: { message: 'why', stack: expect.any(String) },
        correlation_id: 'c-2',
        function_request_id: 'r-2',
        source: 'aws:apigateway',
      },
    ])
    expect(out.lines[0]).not.toHaveProperty('record_id')
    expect(out.lines[0]).not.toHaveProperty('tenant_id')
  })

  it('also after anything that can be caught', async () => {
    const handler = eventBridge()
      .use(logger())
      .handle(({ log }) => {
        for (const thrown of [new TypeError('a'), 'b', 7, undefined, null, Symbol('c'), { code: 5n }])
          log.error('x', thrown)
      })
    await handler(paid(), lambdaContext())
    expect(out.lines).toHaveLength(7)
    expect(out.lines.map(({ error, extra, code }) => (error as Error)?.message ?? extra ?? code)).toEqual([
      'a',
      'b',
      '7',
      undefined,
      undefined,
      'Symbol(c)',
      '5',
    ])
  })

  it('with keys that were added to it, and not to another', async () => {
    const handler = sqs()
      .use(logger())
      .use(async ({ log }, next) => {
        log.appendKeys({ shop: 'north', color: 'red' })
        return next()
      })
      .each({ concurrency: 1 })
      .use(logger())
      .handle(({ log, message }) => {
        if (message.id === '1') log.appendKeys({ order: 1, color: 'blue' })
        log.createChild({ persistentKeys: { part: 'child' } }).info('child')
        log.removeKeys(['order'])
        log.info('own')
      })
    await handler(sqsEvent([{ messageId: '1' }, { messageId: '2' }]), lambdaContext())
    expect(
      out.lines.map(({ message, record_id, shop, order, color, part }) => [
        message,
        record_id,
        shop,
        order,
        color,
        part,
      ]),
    ).toEqual([
      ['child', '1', 'north', 1, 'blue', 'child'],
      ['own', '1', 'north', undefined, 'blue', undefined],
      ['child', '2', 'north', undefined, 'red', 'child'],
      ['own', '2', 'north', undefined, 'red', undefined],
    ])
  })
})

const nothing: Middleware = (_ctx, next) => next()
it.each([
  ['a Logger of its own', logger(), nothing],
  ['a Logger of its own, for records', nothing, logger()],
  ['a Logger of the user’s', logger(new Logger()), nothing],
  ['a Logger of the user’s, for records', nothing, logger(new Logger())],
])('64 interleaved invocations of 4 concurrent records each keep their own ids: %s', async (_, whole, each) => {
  const handler = sqs()
    .use(whole as ReturnType<typeof logger>)
    .each()
    .use(each as ReturnType<typeof logger>)
    .handle(async ({ log, message, lambda }) => {
      log.appendKeys({ appended: message.id })
      for (let i = 0; i < 3; i++) {
        await sleep(Math.random() * 5)
        log.info(`${lambda.awsRequestId}/${message.id}`)
      }
    })
  const invocations = Array.from({ length: 64 }, (_, i) => {
    const ids = Array.from({ length: 4 }, (_, j) => ({ messageId: `${i}.${j}` }))
    return handler(sqsEvent(ids), lambdaContext({ awsRequestId: `r-${i}` }))
  })
  await Promise.all(invocations)
  const { lines } = out
  expect(lines).toHaveLength(64 * 4 * 3)
  for (const line of lines) {
    expect(`${line.function_request_id}/${line.record_id}`).toBe(line.message)
    expect(line).toMatchObject({ appended: line.record_id, correlation_id: line.record_id })
  }
  const order = lines.map(({ function_request_id }) => function_request_id)
  expect(order.filter((id, i) => id !== order[i - 1]).length).toBeGreaterThan(64) // they did interleave
})

describe('the framework’s own events', () => {
  it('are lines of their unit, with level and fields, once, wherever loggers stand', async () => {
    const handler = sqs()
      .use(logger())
      .each({ concurrency: 1 })
      .use(logger())
      .handle(({ message, telemetry, unit }) => {
        telemetry.emit({ name: 'shop.seen', level: 'info', message: 'seen', unit, fields: { count: 2 } })
        telemetry.emit({ name: 'shop.quiet', level: 'debug', message: 'quiet', unit })
        if (message.id === '2') throw new TypeError('no')
      })
    await handler(sqsEvent([{ messageId: '1' }, { messageId: '2' }]), lambdaContext())
    expect(out.lines).toMatchObject([
      { level: 'INFO', name: 'shop.seen', message: 'seen', record_id: '1', fields: { count: 2 } },
      { level: 'INFO', name: 'shop.seen', record_id: '2' },
      { level: 'WARN', name: 'batch.record.failed', record_id: '2', error: { name: 'TypeError', message: 'no' } },
      { level: 'WARN', name: 'batch.failures', fields: { total: 2, failed: 1 } },
    ])
    expect(out.lines).toHaveLength(4)
    expect(out.lines[3]).not.toHaveProperty('record_id')
  })

  it('name their record also where only the invocation has a logger', async () => {
    const handler = sqs()
      .use(logger())
      .each()
      .handle(({ log }) => {
        log.appendKeys({ order: 7 })
        throw new Error('no')
      })
    const messageAttributes = { 'x-correlation-id': { stringValue: 'c-1', dataType: 'String' as const } }
    await handler(sqsEvent([{ messageId: '1', messageAttributes }]), lambdaContext())
    expect(out.lines).toMatchObject([
      { name: 'batch.record.failed', record_id: '1', correlation_id: 'c-1', order: 7 },
      { name: 'batch.failures', level: 'ERROR' },
    ])
    expect(out.lines[1]).not.toHaveProperty('order')
  })

  it('without a unit, or of the batch, have no id and no keys of a record, where only records have loggers', async () => {
    const handler = sqs()
      .each({ concurrency: 1 })
      .use(logger())
      .handle(({ log, message, telemetry }) => {
        log.appendKeys({ of: message.id })
        telemetry.emit({ name: 'shop.shared', level: 'warn', message: 'shared' })
        throw new Error('no')
      })
    await handler(sqsEvent([{ messageId: '1' }, { messageId: '2' }]), lambdaContext({ awsRequestId: 'r-1' }))
    expect(out.lines.map(({ name, record_id, of }) => [name, record_id, of])).toEqual([
      ['shop.shared', undefined, undefined],
      ['batch.record.failed', '1', '1'],
      ['shop.shared', undefined, undefined],
      ['batch.record.failed', '2', '2'],
      ['batch.failures', undefined, undefined],
    ])
    for (const line of out.lines) expect(line).toMatchObject({ function_request_id: 'r-1', source: 'aws:sqs' })
  })

  it('of the response, when all middlewares have returned, are heard too', async () => {
    const handler = http()
      .use(logger())
      .handle(() => {
        throw new Error('down')
      })
    await handler(apiGatewayProxyEventV2(), lambdaContext({ awsRequestId: 'r-9' }))
    expect(out.lines).toMatchObject([
      {
        name: 'http.error',
        level: 'ERROR',
        function_request_id: 'r-9',
        fields: { status: 500 },
        error: { message: 'down' },
      },
    ])
  })
})

describe('buffering', () => {
  const work =
    (fails: (id: string) => boolean): Parameters<ReturnType<typeof piped>['handle']>[0] =>
    async ({ log, message }) => {
      log.debug('first', { at: message.id })
      await sleep(2)
      log.debug('second')
      if (fails(message.id)) throw new Error('no')
    }
  const piped = (options: Parameters<typeof logger>[0] = { logBufferOptions: {} }) => sqs().each().use(logger(options))
  const two = sqsEvent([{ messageId: '1' }, { messageId: '2' }])

  it('writes the debug lines of the record that failed, and of no other, before the failure', async () => {
    await piped().handle(work(id => id === '2'))(two, lambdaContext())
    expect(out.lines.map(({ level, message, record_id }) => [level, message, record_id])).toEqual([
      ['DEBUG', 'first', '2'],
      ['DEBUG', 'second', '2'],
      ['WARN', 'a record failed', '2'],
      ['WARN', '1 of 2 records failed', undefined],
    ])
  })

  it('writes nothing where nothing fails', async () => {
    await piped().handle(work(() => false))(two, lambdaContext())
    expect(out.text).toEqual([])
  })

  it('shows what was when the line was logged, at its time', async () => {
    const order = { state: 'new' }
    const handler = piped().handle(async ({ log }) => {
      log.debug('was', { order, big: 5n, error: new Error('e') })
      order.state = 'changed'
      await sleep(20)
      log.error('now')
    })
    await handler(sqsEvent([{}]), lambdaContext())
    const [was, now] = out.lines
    expect(was).toMatchObject({ order: { state: 'new' }, big: '5', error: { message: 'e' } })
    expect(Date.parse(now?.timestamp as string) - Date.parse(was?.timestamp as string)).toBeGreaterThanOrEqual(15)
  })

  it('is flushed by an error line once, unless it is told not to be', async () => {
    const handle = (options: object) =>
      piped({ logBufferOptions: options }).handle(({ log }) => {
        log.debug('d')
        log.error('e')
        log.error('f')
      })(sqsEvent([{}]), lambdaContext())
    await handle({})
    expect(messages()).toEqual(['d', 'e', 'f'])
    out.text.length = 0
    await handle({ flushOnErrorLog: false })
    expect(messages()).toEqual(['e', 'f'])
  })

  it('evicts the earliest lines beyond maxBytes, and says so', async () => {
    const handler = piped({ logBufferOptions: { maxBytes: 3000 } }).handle(({ log }) => {
      for (let i = 0; i < 20; i++) log.debug(`line ${i}`)
      throw new Error('no')
    })
    await handler(sqsEvent([{}]), lambdaContext())
    const written = messages()
    expect(written.slice(-4, -3)).toEqual(['line 19'])
    expect(written.at(-3)).toMatch(/^1\d earlier lines were evicted: logBufferOptions\.maxBytes is 3000$/)
    expect(written.length).toBeLessThan(12)
  })

  it('keeps lines up to the level that it is told, and no unit writes those of another when 64 run', async () => {
    const handler = eventBridge()
      .use(logger({ logBufferOptions: { bufferAtVerbosity: 'info' } }))
      .handle(async ({ log, unit }) => {
        log.info(unit.id)
        await sleep(Math.random() * 5)
        log.info(unit.id)
        if (unit.id === '13') throw new Error('no')
      })
    await Promise.allSettled(Array.from({ length: 64 }, (_, i) => handler(paid(`${i}`), lambdaContext())))
    expect(messages()).toEqual(['13', '13'])
  })

  it('is written for a record that a dead letter ends, and for no other', async () => {
    const handler = piped()
      .use(deadLetter({ to: { name: 'kept', send: async () => {} }, when: () => true }))
      .handle(work(id => id === '2'))
    expect(await handler(two, lambdaContext())).toEqual({ batchItemFailures: [] })
    expect(out.lines.map(({ message, record_id }) => [message, record_id])).toEqual([
      ['first', '2'],
      ['second', '2'],
      ['a unit became a dead letter, in kept', '2'],
      ['a record was dropped', '2'],
    ])
  })

  it('has the framework’s debug lines of a record among those of the invocation', async () => {
    const handler = sqs()
      .use(logger({ logBufferOptions: {} }))
      .each()
      .handle(({ telemetry, unit }) => {
        telemetry.emit({ name: 'shop.quiet', level: 'debug', message: 'quiet', unit })
        throw new Error('no')
      })
    await handler(sqsEvent([{ messageId: '1' }]), lambdaContext())
    expect(out.lines.map(({ message, record_id }) => [message, record_id])).toEqual([
      ['quiet', '1'],
      ['a record failed', '1'],
      ['1 of 1 records failed', undefined],
    ])
  })

  it('is of each record where the logger stands before .each(), too', async () => {
    const handler = sqs()
      .use(logger({ logBufferOptions: {} }))
      .each({ concurrency: 2 })
      .handle(work(id => id === '2'))
    await handler(two, lambdaContext())
    expect(out.lines.map(({ message, record_id }) => [message, record_id])).toEqual([
      ['first', '2'],
      ['second', '2'],
      ['a record failed', '2'],
      ['1 of 2 records failed', undefined],
    ])
  })
})

describe('sampling', () => {
  it('logs from debug on for that share of the invocations, all records of one alike', async () => {
    const random = vi.spyOn(Math, 'random')
    const handler = sqs()
      .each()
      .use(logger({ sampleRateValue: 0.1 }))
      .handle(({ log }) => log.debug('detail'))
    random.mockReturnValueOnce(0.09).mockReturnValueOnce(0.11)
    const two = sqsEvent([{}, {}])
    await handler(two, lambdaContext({ awsRequestId: 'a' }))
    await handler(two, lambdaContext({ awsRequestId: 'b' }))
    expect(out.lines.map(({ function_request_id, sampling_rate }) => [function_request_id, sampling_rate])).toEqual([
      ['a', 0.1],
      ['a', 0.1],
    ])
  })

  it('writes at once what would be kept back otherwise', async () => {
    const handler = eventBridge()
      .use(logger({ sampleRateValue: 0.5, logBufferOptions: {} }))
      .handle(({ log }) => log.debug('detail'))
    vi.spyOn(Math, 'random').mockReturnValueOnce(0.4).mockReturnValueOnce(0.6)
    await handler(paid(), lambdaContext())
    await handler(paid(), lambdaContext())
    expect(messages()).toEqual(['detail'])
  })

  it('is never decided for the whole process', async () => {
    vi.stubEnv('POWERTOOLS_LOGGER_SAMPLE_RATE', '0.5')
    const random = vi.spyOn(Math, 'random').mockReturnValue(0.4)
    const handler = eventBridge()
      .use(logger())
      .handle(({ log }) => log.debug('detail'))
    await handler(paid(), lambdaContext())
    random.mockReturnValue(0.6)
    await handler(paid(), lambdaContext())
    expect(messages()).toEqual(['detail'])
  })
})

describe('logging the event', () => {
  const event = {
    ...apiGatewayProxyEventV2({ headers: { Authorization: 'Bearer abc', 'x-tenant': 'blue', cookie: 'sid=1' } }),
    cookies: ['sid=1'],
    body: JSON.stringify({ card: { cardNumber: '4111', cvc: '123' }, email: 'a@b.c', amount: 7 }),
    isBase64Encoded: false,
  }
  const handler = (options: object) =>
    http()
      .use(logger(options))
      .handle(() => 'ok')

  it('is off by default', async () => {
    await handler({})(event, lambdaContext())
    expect(out.text).toEqual([])
  })

  it('shows no credentials, cookies and cards, also inside of a JSON body, nor what else it is told', async () => {
    await handler({ logEvent: true, redact: ['email'] })(event, lambdaContext())
    expect(out.text).toHaveLength(1)
    expect(out.text[0]).not.toMatch(/abc|sid=1|4111|123"|a@b\.c/)
    const [{ event: logged } = {}] = out.lines as [{ event: typeof event }]
    expect(logged?.headers).toMatchObject({ 'x-tenant': 'blue' })
    expect(JSON.parse(logged?.body ?? '')).toMatchObject({ amount: 7, email: '[redacted]' })
  })

  it('shows no form with a password, and no bytes', async () => {
    await handler({ logEvent: true })({ ...event, body: 'user=u&password=hunter2' }, lambdaContext())
    await handler({ logEvent: true })({ ...event, body: 'aHVudGVyMg==', isBase64Encoded: true }, lambdaContext())
    expect(out.text.join()).not.toMatch(/hunter2|aHVudGVyMg/)
  })

  it('changes nothing of the event', async () => {
    const before = structuredClone(event)
    await handler({ logEvent: true })(event, lambdaContext())
    expect(event).toEqual(before)
  })

  it('is turned on by Powertools’ variable, and is one line, not one more for each record', async () => {
    vi.stubEnv('POWERTOOLS_LOGGER_LOG_EVENT', 'true')
    const both = sqs()
      .use(logger())
      .each()
      .use(logger())
      .handle(() => {})
    await both(sqsEvent([{}, {}]), lambdaContext())
    expect(messages()).toEqual(['Lambda invocation event'])
  })
})

describe('a Logger that the user made', () => {
  it('is used, with its keys, level and formatter, and not changed', async () => {
    class Terse extends LogFormatter {
      formatAttributes(attributes: { message: string; logLevel: string }, more: object): LogItem {
        return new LogItem({ attributes: { m: attributes.message, l: attributes.logLevel, ...more } })
      }
    }
    const mine = new Logger({ persistentKeys: { team: 'blue' }, logLevel: 'WARN', logFormatter: new Terse() as never })
    const handler = sqs()
      .each()
      .use(logger(mine))
      .handle(({ log }) => {
        log.info('hidden')
        log.warn('shown')
      })
    await handler(sqsEvent([{ messageId: '1' }]), lambdaContext())
    mine.warn('mine')
    expect(out.lines).toMatchObject([
      { m: 'shown', l: 'WARN', team: 'blue', record_id: '1' },
      { m: 'mine', team: 'blue' },
    ])
    expect(out.lines[1]).toEqual({ m: 'mine', l: 'WARN', team: 'blue' })
    expect(mine.getLevelName()).toBe('WARN')
    expect(mine.getPersistentLogAttributes()).toEqual({ team: 'blue' })
  })

  it('may be changed by its user beside it', async () => {
    const mine = new Logger({ logLevel: 'INFO' })
    const handler = sqs()
      .each()
      .use(logger(mine))
      .handle(({ log }) => {
        mine.appendKeys({ from: 'user' })
        mine.setLogLevel('DEBUG')
        log.debug('seen')
      })
    await handler(sqsEvent([{}]), lambdaContext())
    expect(out.lines).toMatchObject([{ message: 'seen', from: 'user' }])
  })

  it('buffers by its own options, and is flushed when a unit fails', async () => {
    vi.stubEnv('_X_AMZN_TRACE_ID', 'Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1')
    const mine = new Logger({ logBufferOptions: { enabled: true } })
    const handler = eventBridge()
      .use(logger(mine))
      .handle(({ log }) => {
        log.debug('kept')
        throw new Error('no')
      })
    await expect(handler(paid(), lambdaContext())).rejects.toThrow('no')
    expect(messages()).toEqual(['kept'])
  })
})

it('costs a record that logs nothing no look at its ids', async () => {
  const read: string[] = []
  const watch: Middleware = (ctx, next) => {
    const get = (target: object, key: string) => {
      read.push(key)
      return Reflect.get(target, key)
    }
    return next({ unit: new Proxy(ctx.unit, { get: get as never }) })
  }
  const handler = sqs()
    .each()
    .use(watch)
    .use(logger())
    .handle(({ log }) => log.debug('not written'))
  await handler(sqsEvent([{}]), lambdaContext())
  expect(read).toEqual([])
})

it('works where there is no Lambda context, as in a test', async () => {
  const handler = s3()
    .each()
    .use(logger())
    .handle(({ log }) => log.info('x'))
  await handler(s3Event(), undefined as never)
  expect(messages()).toEqual(['x'])
})

it.each([
  [{ sampleRateValue: 2 }, /takes 0 to 1/],
  [{ logBufferOptions: { maxBytes: 0 } }, /above 0/],
  [{ logBufferOptions: { bufferAtVerbosity: 'ERROR' } }, /DEBUG, INFO or WARN/],
  [{ logBufferOptions: { bufferAtVerbosity: 'loud' } }, /DEBUG, INFO or WARN/],
  [{ redact: 'email' }, /array/],
  [null, /options or a Logger/],
])('refuses %j when it is defined', (options, message) => {
  expect(() => logger(options as never)).toThrow(message)
})
