import fc from 'fast-check'
import { afterEach, describe, expect, it, vi } from 'vitest'
import {
  type Correlation,
  correlate,
  correlationOf,
  eventBridgeDetail,
  httpHeaders,
  snsAttributes,
  sqsAttributes,
} from './correlation.ts'

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
const PARENT = `00-${TRACE}-00f067aa0ba902b7-01`
const XRAY = 'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1'

const lambda = { awsRequestId: 'request-1' } as never
const invocation = (event: unknown, rest: object = {}) =>
  correlationOf({ event, lambda, unit: { kind: 'invocation', source: 'x', id: 'request-1', raw: null }, ...rest })
const record = (event: unknown, id = 'message-1') =>
  correlationOf({ event, lambda, unit: { kind: 'record', source: 'x', id, raw: null } })
const attribute = (stringValue: string) => ({ stringValue, dataType: 'String' })
const message = (messageAttributes: object, rest: object = {}) => ({
  eventSource: 'aws:sqs',
  body: '{}',
  attributes: {},
  messageAttributes,
  ...rest,
})

afterEach(() => {
  vi.unstubAllEnvs()
  vi.unstubAllGlobals()
})

describe('where a correlation id comes from', () => {
  it.each([
    ['headers of HTTP', { headers: { 'X-Correlation-Id': 'c-1', 'x-request-id': 'r' } }],
    ['correlation-id', { headers: { 'x-request-id': 'r', 'correlation-id': 'c-1' } }],
    ['x-request-id, where there is nothing better', { headers: { 'X-Request-ID': 'c-1' } }],
    ['headers of a load balancer with multi-value headers', { multiValueHeaders: { 'x-correlation-id': ['c-1'] } }],
    ['metadata of a detail', { detail: { correlationId: 'other', metadata: { correlationId: 'c-1' } } }],
    ['metadata with other separators', { detail: { metadata: { correlation_id: 'c-1' } } }],
    ['a detail', { detail: { correlationId: 'c-1' } }],
  ])('%s', (_, event) => {
    expect(invocation(event).correlationId).toBe('c-1')
  })

  it.each([
    ['attributes of SQS', message({ 'x-correlation-id': attribute('c-1') })],
    ['attributes of SQS in camel case', message({ correlationId: attribute('c-1') })],
    ['attributes of SNS', { Sns: { MessageAttributes: { 'x-correlation-id': { Type: 'String', Value: 'c-1' } } } }],
    ['headers of Kafka', { headers: [{ other: [1] }, { 'x-correlation-id': [...Buffer.from('c-1')] }] }],
    [
      'an envelope of SNS in a message of SQS',
      message(
        {},
        {
          body: JSON.stringify(
            { Type: 'Notification', MessageAttributes: { correlationId: { Type: 'String', Value: 'c-1' } } },
            null,
            2,
          ),
        },
      ),
    ],
    [
      'an envelope of EventBridge in a message of SQS',
      message({}, { body: JSON.stringify({ version: '0', id: 'e', detail: { metadata: { correlationId: 'c-1' } } }) }),
    ],
  ])('%s', (_, event) => {
    expect(record(event).correlationId).toBe('c-1')
  })

  const letter = { format: 'lambent.deadLetter', trace: { correlationId: 'c-1', traceparent: PARENT } }
  it.each([
    ['of SQS', record(message({ 'lambent.deadLetter': attribute(JSON.stringify(letter)) }))],
    [
      'of SNS',
      record({
        Sns: { MessageAttributes: { 'lambent.deadLetter': { Type: 'String', Value: JSON.stringify(letter) } } },
      }),
    ],
    ['of EventBridge', invocation({ detail: letter })],
  ])('a dead letter %s, whose trace is that of what failed', (_, correlation) => {
    expect(correlation).toMatchObject({ correlationId: 'c-1', traceId: TRACE, traceparent: PARENT })
  })

  it('what its sender called the trail, before a dead letter; and one that is none is ignored', () => {
    const both = { correlationId: attribute('mine'), 'lambent.deadLetter': attribute(JSON.stringify(letter)) }
    expect(record(message(both))).toMatchObject({ correlationId: 'mine', traceparent: PARENT })
    for (const text of ['{', 'null', '7', '{"trace":[]}', '{"trace":{"correlationId":7}}'])
      expect(record(message({ 'lambent.deadLetter': attribute(text) })).correlationId).toBe('message-1')
    expect(invocation({ detail: { trace: { correlationId: 'c-1' } } }).correlationId).toBe('request-1')
  })

  it('the attribute of a message stands before its envelope', () => {
    const body = JSON.stringify({ version: '0', id: 'e', detail: { metadata: { correlationId: 'inner' } } })
    expect(record(message({ correlationId: attribute('outer') }, { body })).correlationId).toBe('outer')
  })

  it('is the trace id, then the id of the unit, then the request id, where nobody named the trail', () => {
    expect(invocation({ headers: { traceparent: PARENT } }).correlationId).toBe(TRACE)
    expect(record(message({})).correlationId).toBe('message-1')
    expect(record({ s3: {} }, 'request/seq/private/report of ö.pdf').correlationId).toBe('request-1')
  })

  it.each(['', 'a b', 'a\nb', '{"level":"error"}', '<script>', 'ö', 'x'.repeat(129)])(
    'is never taken from what could break a header or a line of a log: %j',
    id => {
      expect(invocation({ headers: { 'x-correlation-id': id, 'x-request-id': 'good' } }).correlationId).toBe('good')
    },
  )
})

describe('W3C trace context', () => {
  const of = (traceparent: string, tracestate?: string) => invocation({ headers: { traceparent, tracestate } })

  it('is taken up with its state', () => {
    expect(of(PARENT, 'congo=t61rcWkgMzE, rojo=00f067aa0ba902b7')).toMatchObject({
      traceparent: PARENT,
      tracestate: 'congo=t61rcWkgMzE,rojo=00f067aa0ba902b7',
      traceId: TRACE,
    })
  })

  it.each([
    ['version ff', `ff-${TRACE}-00f067aa0ba902b7-01`],
    ['a trace id of zeros', `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`],
    ['a parent id of zeros', `00-${TRACE}-${'0'.repeat(16)}-01`],
    ['upper case', PARENT.toUpperCase()],
    ['more than version 00 has', `${PARENT}-01`],
    ['a short trace id', `00-${TRACE.slice(1)}-00f067aa0ba902b7-01`],
    ['no flags', PARENT.slice(0, -3)],
    ['more than one', `${PARENT},${PARENT}`],
    ['nothing', ''],
  ])('with %s is ignored, and its state too', (_, traceparent) => {
    const { traceparent: taken, tracestate, traceId } = of(traceparent, 'a=1')
    expect([taken, tracestate, traceId]).toEqual([undefined, undefined, undefined])
  })

  it('that was repeated is ignored', () => {
    const event = { multiValueHeaders: { traceparent: [PARENT, PARENT] }, headers: { traceparent: PARENT } }
    expect(invocation(event).traceparent).toBeUndefined()
  })

  it('of a later version is sent on as version 00, with the flag that is known', () => {
    expect(of(`cc-${TRACE}-00f067aa0ba902b7-ff-what-comes`).traceparent).toBe(`00-${TRACE}-00f067aa0ba902b7-01`)
    expect(of(`cc-${TRACE}-00f067aa0ba902b7-02`).traceparent).toBe(`00-${TRACE}-00f067aa0ba902b7-00`)
    expect(of(`cc-${TRACE}-00f067aa0ba902b7-01.x`).traceparent).toBeUndefined()
  })

  it.each([
    ['a key twice', 'a=1,a=2'],
    ['a key with upper case', 'A=1'],
    ['no value', 'a='],
    ['an equals sign in a value', 'a=b=c'],
    ['33 members', Array.from({ length: 33 }, (_, i) => `k${i}=1`).join()],
  ])('keeps its parent where the state has %s', (_, tracestate) => {
    expect(of(PARENT, tracestate)).toMatchObject({ traceparent: PARENT, tracestate: undefined })
  })

  it('takes the keys and the empty members that the recommendation allows', () => {
    for (const state of ['fw529a3039@dt=FfAG-6', 'a/b*c-d_1=x y', '1t@v=!'])
      expect(of(PARENT, state).tracestate).toBe(state)
    expect(of(PARENT, 'a=1, ,,b=2').tracestate).toBe('a=1,b=2')
  })

  it('drops long members of the state first, then the last ones, until it has 512 characters', () => {
    const long = `long=${'x'.repeat(200)}`
    const short = Array.from({ length: 10 }, (_, i) => `k${i}=${'y'.repeat(60)}`)
    const { tracestate = '' } = of(PARENT, [short[0], long, ...short.slice(1)].join())
    expect(tracestate).toBe(short.slice(0, 8).join())
    expect(tracestate.length).toBeLessThanOrEqual(512)
  })

  it('is that of Lambda where the event has none', () => {
    vi.stubGlobal('awslambda', { InvokeStore: { getTraceparent: () => PARENT, getTracestate: () => 'a=1' } })
    expect(invocation({})).toMatchObject({ traceparent: PARENT, tracestate: 'a=1', traceId: TRACE })
    const other = PARENT.replace('4bf9', '4bf0')
    expect(invocation({ headers: { traceparent: other } })).toMatchObject({ traceparent: other, tracestate: undefined })
  })
})

describe('X-Ray', () => {
  const root = '5759e988bd862e3fe1be46a994272793'
  const other = XRAY.replace('5759', '5758')

  it('of a message of SQS is its AWSTraceHeader, and not what this invocation has', () => {
    vi.stubEnv('_X_AMZN_TRACE_ID', other)
    vi.stubGlobal('awslambda', { InvokeStore: { getTraceparent: () => PARENT } })
    const { xray, traceId, traceparent } = record(message({}, { attributes: { AWSTraceHeader: XRAY } }))
    expect([xray, traceId, traceparent]).toEqual([XRAY, root, undefined])
  })

  it('of a record without one is that of the invocation', () => {
    vi.stubEnv('_X_AMZN_TRACE_ID', XRAY)
    expect(record(message({}))).toMatchObject({ xray: XRAY, traceId: root })
  })

  it('of an invocation is Lambda’s, which the header led to', () => {
    expect(invocation({ headers: { 'X-Amzn-Trace-Id': XRAY } }).xray).toBe(XRAY)
    vi.stubEnv('_X_AMZN_TRACE_ID', other)
    expect(invocation({ headers: { 'X-Amzn-Trace-Id': XRAY } }).xray).toBe(other)
  })

  it('is not read from the environment on Managed Instances, where it would be of another invocation', () => {
    vi.stubEnv('_X_AMZN_TRACE_ID', XRAY)
    vi.stubEnv('AWS_LAMBDA_MAX_CONCURRENCY', '64')
    expect(invocation({}).xray).toBeUndefined()
    vi.stubGlobal('awslambda', { InvokeStore: { getXRayTraceId: () => other } })
    expect(invocation({}).xray).toBe(other)
    expect(invocation({}, { lambda: { xRayTraceId: XRAY } }).xray).toBe(XRAY)
  })

  it.each(['Root=2-5759e988-bd862e3fe1be46a994272793', 'Parent=53995c3f42cd8ad8', `${XRAY}\nx: y`, `x${XRAY}`, ''])(
    'that is none is ignored: %j',
    AWSTraceHeader => {
      expect(record(message({}, { attributes: { AWSTraceHeader } })).xray).toBeUndefined()
    },
  )

  it('may hold what load balancers and Lambda add', () => {
    for (const more of [`Self=1-67891234-12456789abcdef012345678;${XRAY}`, `${XRAY};Lineage=25:a87bd80c:1|68fd508a:5`])
      expect(record(message({}, { attributes: { AWSTraceHeader: more } })).traceId).toBe(root)
  })
})

describe('what is sent on', () => {
  const whole: Correlation = {
    correlationId: 'c-1',
    traceId: TRACE,
    traceparent: PARENT,
    tracestate: 'a=1',
    xray: XRAY,
  }

  it('comes back as it went: by headers, SQS, SNS and EventBridge', () => {
    const sqs = sqsAttributes(whole)
    const plain = (attributes: object) =>
      Object.fromEntries(
        Object.entries(attributes).map(([name, { StringValue }]) => [
          name,
          { stringValue: StringValue, Value: StringValue },
        ]),
      )
    expect(invocation({ headers: httpHeaders(whole) })).toEqual(whole)
    expect(
      record(
        message(plain(sqs.MessageAttributes), {
          attributes: { AWSTraceHeader: sqs.MessageSystemAttributes?.AWSTraceHeader.StringValue },
        }),
      ),
    ).toEqual(whole)
    const { xray: _, ...withoutXray } = whole
    expect(record({ Sns: { MessageAttributes: plain(snsAttributes(whole).MessageAttributes) } })).toEqual(withoutXray)
    const { Detail, TraceHeader } = eventBridgeDetail(whole, { orderId: 7, metadata: { domain: 'shop' } })
    expect(TraceHeader).toBe(XRAY)
    expect(invocation({ detail: JSON.parse(Detail) })).toEqual(withoutXray)
    expect(JSON.parse(Detail)).toMatchObject({ orderId: 7, metadata: { domain: 'shop' } })
  })

  it('says nothing that is not there', () => {
    const only: Correlation = { correlationId: 'c-1' }
    expect(httpHeaders(only)).toEqual({ 'x-correlation-id': 'c-1' })
    expect(sqsAttributes(only)).toEqual({
      MessageAttributes: { 'x-correlation-id': { DataType: 'String', StringValue: 'c-1' } },
    })
    expect(eventBridgeDetail(only, {})).toEqual({ Detail: '{"metadata":{"correlationId":"c-1"}}' })
    expect(httpHeaders({ correlationId: 'c', tracestate: 'a=1' })).toEqual({ 'x-correlation-id': 'c' })
  })

  it('leaves the attributes of the message as they are, and never makes more than 10', () => {
    const own = Object.fromEntries(
      Array.from({ length: 9 }, (_, i) => [`a${i}`, { DataType: 'Number', StringValue: '1' }]),
    )
    const { MessageAttributes } = sqsAttributes(whole, own)
    expect(MessageAttributes).toMatchObject(own)
    expect(Object.keys(MessageAttributes)).toHaveLength(10)
    const mine = { traceparent: { DataType: 'String', StringValue: 'mine' } }
    expect(snsAttributes(whole, mine).MessageAttributes.traceparent).toEqual(mine.traceparent)
  })
})

it('what a middleware says of a unit stands before all that came, and is of no other unit', () => {
  const unit = { kind: 'record', source: 'x', id: 'message-1', raw: null } as const
  const mine = { correlationId: 'mine' }
  correlate({ unit }, mine)
  const event = message({ 'x-correlation-id': attribute('theirs') })
  expect(correlationOf({ event, unit })).toBe(mine)
  expect(correlationOf({ event, unit: { ...unit } }).correlationId).toBe('theirs')
})

it('reads the origin of a unit as it reads its record', () => {
  const messageAttributes = { 'x-correlation-id': { Type: 'String', Value: 'c-1' } }
  expect(record({ subject: 's', messageAttributes }).correlationId).toBe('c-1')
})

it('never throws, whatever the event is, and gives nothing that cannot be sent', () => {
  const name = fc.constantFrom('traceparent', 'tracestate', 'X-Correlation-Id', 'requestId', 'x-amzn-trace-id', 'Sns')
  const bag = fc.dictionary(name, fc.oneof(fc.string(), fc.anything(), fc.constant(PARENT), fc.constant('a=1')))
  const keys = fc.constantFrom(
    'headers',
    'multiValueHeaders',
    'messageAttributes',
    'attributes',
    'detail',
    'Sns',
    'body',
  )
  const events = fc.oneof(fc.anything(), fc.dictionary(keys, fc.oneof(bag, fc.array(bag), fc.anything())))
  fc.assert(
    fc.property(events, event => {
      for (const value of Object.values(httpHeaders(invocation(event)))) expect(value).toMatch(/^[ -~]{1,512}$/)
    }),
  )
})
