// Every format of the field, as AWS's and Spring's documentation show them, and whatever else may lie in a queue.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseDeadLetter } from '../src/index.ts'
import { violations } from './schema.ts'

const data = (name: string) =>
  JSON.parse(readFileSync(join(import.meta.dirname, 'data', `${name}.json`), 'utf8')) as Record<string, unknown>

describe('reads', () => {
  it('what a redrive policy moved', () => {
    expect(parseDeadLetter(data('sqs-redrive'))).toEqual({
      format: 'sqs-redrive',
      body: '{"orderId":"o-17","total":39.98}',
      attributes: { tenant: { dataType: 'String', stringValue: 'acme' } },
      messageId: '059f36b4-87a3-44ab-83d2-661975830a7d',
      origin: {
        source: 'aws:sqs',
        sourceArn: 'arn:aws:sqs:eu-west-1:123456789012:orders',
        id: '059f36b4-87a3-44ab-83d2-661975830a7d',
        groupId: 'customer-7',
      },
      receiveCount: 4,
      firstAt: 1763942400000,
      sourceQueueArn: 'arn:aws:sqs:eu-west-1:123456789012:orders',
    })
  })

  it('what a redrive policy moved after a redrive: the error of before is not the one it died of now', () => {
    const { Attributes, ...letter } = data('lambent') as { Attributes: object }
    const sourceArn = 'arn:aws:sqs:eu-west-1:123456789012:payments.fifo'
    const moved = { ...letter, Attributes: { ...Attributes, DeadLetterQueueSourceArn: sourceArn } }
    const parsed = parseDeadLetter(moved)
    expect(parsed).toMatchObject({
      format: 'sqs-redrive',
      body: '{"paymentId":"p-1"}',
      attributes: { tenant: { dataType: 'String', stringValue: 'acme' } },
      origin: { sourceArn },
      earlier: { error: { name: 'TimeoutError' }, times: 1 },
    })
    expect(parsed).not.toHaveProperty('error')
    expect(Object.keys(parsed.attributes)).toEqual(['tenant'])
    // The queue for dead letters may have a redrive policy too: that moved the letter itself.
    const further = `${sourceArn.slice(0, -13)}payments-dlq.fifo`
    const onward = { ...letter, Attributes: { ...Attributes, DeadLetterQueueSourceArn: further } }
    expect(parseDeadLetter(onward)).toMatchObject({ format: 'lambent', error: { name: 'TimeoutError' } })
  })

  it('the dead-letter queue of a function', () => {
    const message = data('lambda-async-dlq')
    expect(parseDeadLetter(message)).toEqual({
      format: 'lambda-async-dlq',
      body: message.Body,
      attributes: {},
      messageId: message.MessageId,
      error: { code: '200', message: 'division by zero' },
      origin: {
        source: 'aws:sns',
        sourceArn: 'arn:aws:sns:eu-west-1:123456789012:orders',
        id: '7b9d3c2e-5f6a-4b8c-9d0e-1f2a3b4c5d6e',
      },
      lastAt: 1763942580000,
      requestId: '7b9d3c2e-5f6a-4b8c-9d0e-1f2a3b4c5d6e',
    })
  })

  it('the destination of a function', () => {
    const message = data('lambda-destination')
    const parsed = parseDeadLetter(message)
    expect(parsed).toMatchObject({
      format: 'lambda-destination',
      body: '{"ORDER_IDS":["9e07af03-ce31-4ff3-xmpl-36dce652cb4f","637de236-e7b2-464e-xmpl-baf57f86bb53"]}',
      error: {
        name: 'RangeError',
        message: 'no such order',
        code: 'Unhandled',
        stack: expect.stringContaining('index.js:3'),
      },
      origin: { functionArn: 'arn:aws:lambda:us-east-2:123456789012:function:my-function:$LATEST' },
      receiveCount: 3,
      lastAt: Date.parse('2025-11-24T08:25:27.793Z'),
      condition: 'RetriesExhausted',
    })
    const detail = JSON.parse(`${message.Body}`)
    const event = { source: 'lambda', 'detail-type': 'Lambda Function Invocation Result - Failure', detail }
    for (const carried of [detail, message.Body, event, { Sns: { Message: message.Body } }])
      expect(parseDeadLetter(carried)).toMatchObject({ format: 'lambda-destination', receiveCount: 3 })
  })

  it('the destination of a stream: a pointer', () => {
    const parsed = parseDeadLetter(data('stream-destination-kinesis'))
    expect(parsed).toMatchObject({
      format: 'stream-destination',
      error: { code: 'Unhandled' },
      origin: { source: 'aws:kinesis', sourceArn: 'arn:aws:kinesis:us-east-2:123456789012:stream/mystream' },
      receiveCount: 1,
      firstAt: Date.parse('2025-11-24T00:38:04.835Z'),
      lastAt: Date.parse('2025-11-24T00:38:06.021Z'),
      pointer: {
        shardId: 'shardId-000000000001',
        startSequenceNumber: '49601189658422359378836298521827638475320189012309704722',
        endSequenceNumber: '49601189658422359378836298522902373528957594348623495186',
        batchSize: 500,
      },
    })
  })

  it('the destination of a stream in S3, with the event', () => {
    const document = data('stream-destination-dynamodb-s3')
    for (const carried of [document, JSON.stringify(document), new TextEncoder().encode(JSON.stringify(document))])
      expect(parseDeadLetter(carried)).toMatchObject({
        format: 'stream-destination',
        body: document.payload,
        origin: { source: 'aws:dynamodb' },
        pointer: { startSequenceNumber: '800000000003126276362' },
      })
  })

  it('the dead-letter queue of a rule', () => {
    const message = data('eventbridge-rule')
    expect(parseDeadLetter(message)).toEqual({
      format: 'eventbridge-rule',
      body: message.Body,
      attributes: {},
      messageId: message.MessageId,
      error: {
        name: 'NO_PERMISSIONS',
        code: 'NO_PERMISSIONS',
        message: 'Lambda function is not authorized to be invoked by the rule',
      },
      origin: {
        source: 'aws:events',
        sourceArn: 'arn:aws:events:eu-west-1:123456789012:rule/orders',
        id: '6a7e8feb-b491-4cf7-a9f1-bf3703467718',
      },
      receiveCount: 4,
      firstAt: Date.parse('2025-11-24T10:00:00Z'),
      lastAt: 1763978700000,
      ruleArn: 'arn:aws:events:eu-west-1:123456789012:rule/orders',
      targetArn: 'arn:aws:lambda:eu-west-1:123456789012:function:ship',
      exhaustedRetryCondition: 'MaximumRetryAttempts',
    })
  })

  it('the dead-letter queue of a schedule', () => {
    expect(parseDeadLetter(data('eventbridge-schedule'))).toMatchObject({
      format: 'eventbridge-rule',
      attributes: {},
      origin: { source: 'aws:scheduler', id: 'ad06616e51cdf74a' },
      scheduleArn: 'arn:aws:scheduler:eu-west-1:123456789012:schedule/default/daily',
      receiveCount: 1,
      firstAt: Date.parse('2025-11-24T10:00:00Z'),
    })
  })

  it('a dead-letter topic of Spring Kafka, with an offset that a number does not hold', () => {
    expect(parseDeadLetter(data('spring-kafka'))).toEqual({
      format: 'spring-kafka',
      body: '{"orderId":"ö-17"}',
      attributes: {},
      error: {
        name: 'org.springframework.kafka.listener.ListenerExecutionFailedException',
        message: 'Listener failed; größer',
        stack: expect.stringContaining('Listener.java:17'),
        cause: { name: 'java.lang.IllegalStateException' },
      },
      origin: { source: 'kafka', id: 'orders-3-9007199254740993', groupId: 'orders-3' },
      firstAt: 1763942400000,
      lastAt: 1763978700000,
      topic: 'orders',
      partition: 3,
      offset: '9007199254740993',
      consumerGroup: 'shipping',
    })
  })

  it('the same of a client of Kafka', () => {
    const headers = { 'kafka_dlt-exception-fqcn': Buffer.from('a.B'), 'kafka_dlt-original-topic': 'orders' }
    expect(parseDeadLetter({ value: Buffer.from('v'), headers })).toMatchObject({
      format: 'spring-kafka',
      body: 'v',
      error: { name: 'a.B' },
      topic: 'orders',
    })
  })

  it('ours, as the SDK and as Lambda hand it over, and by SNS', () => {
    const message = data('lambent') as {
      Body: string
      MessageId: string
      Attributes: object
      MessageAttributes: Record<string, { DataType: string; StringValue: string }>
    }
    const letter = JSON.parse(message.MessageAttributes['lambent.deadLetter']?.StringValue ?? '')
    expect(violations(letter)).toEqual([])
    const expected = {
      format: 'lambent',
      body: '{"paymentId":"p-1"}',
      payload: '{"paymentId":"p-1"}',
      attributes: { tenant: { dataType: 'String', stringValue: 'acme' } },
      error: letter.error,
      origin: {
        source: 'aws:sqs',
        sourceArn: 'arn:aws:sqs:eu-west-1:123456789012:payments.fifo',
        functionArn: letter.function.arn,
        id: '059f36b4-87a3-44ab-83d2-661975830a7d',
        groupId: 'customer-7',
      },
      receiveCount: 3,
      firstAt: Date.parse('2025-11-24T10:00:00.200Z'),
      lastAt: Date.parse('2025-11-24T10:05:00Z'),
      letter,
    }
    expect(parseDeadLetter(message)).toEqual({ ...expected, messageId: message.MessageId })
    const entries = Object.entries(message.MessageAttributes)
    const map = (to: (type: string, value: string) => object) =>
      Object.fromEntries(entries.map(([name, { DataType, StringValue }]) => [name, to(DataType, StringValue)]))
    const record = {
      messageId: message.MessageId,
      body: message.Body,
      attributes: message.Attributes,
      messageAttributes: map((dataType, stringValue) => ({ dataType, stringValue })),
    }
    expect(parseDeadLetter(record)).toEqual({ ...expected, messageId: message.MessageId })
    const notification = {
      Type: 'Notification',
      MessageId: 'n-1',
      TopicArn: 'arn:aws:sns:eu-west-1:123456789012:dead',
      Message: message.Body,
      MessageAttributes: map((Type, Value) => ({ Type, Value })),
    }
    expect(parseDeadLetter({ EventSource: 'aws:sns', Sns: notification })).toEqual({ ...expected, messageId: 'n-1' })
    expect(parseDeadLetter({ MessageId: 'q-1', Body: JSON.stringify(notification) })).toEqual({
      ...expected,
      messageId: 'q-1',
    })
  })
})

describe('is not misled by what a sender wrote', () => {
  it('a redriven body that looks like the record of a destination is the body of a redrive', () => {
    const { Body } = data('lambda-destination')
    const message = { ...data('sqs-redrive'), Body }
    expect(parseDeadLetter(message)).toMatchObject({ format: 'sqs-redrive', body: Body })
  })

  it('an attribute named __proto__ is an attribute', () => {
    const MessageAttributes = JSON.parse('{"__proto__":{"DataType":"String","StringValue":"x"}}')
    const parsed = parseDeadLetter({ ...data('sqs-redrive'), MessageAttributes })
    expect(Object.keys(parsed.attributes)).toEqual(['__proto__'])
  })
})

describe('says what is wrong with', () => {
  const ours = (change: object) => {
    const message = data('lambent') as { MessageAttributes: Record<string, { StringValue: string }> }
    const letter = { ...JSON.parse(message.MessageAttributes['lambent.deadLetter']?.StringValue ?? ''), ...change }
    const StringValue = typeof change === 'string' ? change : JSON.stringify(letter)
    return { ...message, MessageAttributes: { 'lambent.deadLetter': { DataType: 'String', StringValue } } }
  }

  it.each<[unknown, string]>([
    [42, 'expected a message, a record, an event or text, got a number'],
    [null, 'got null'],
    [[], 'got an array'],
    ['any text', 'neither its attributes nor its body are of a known format'],
    [{ Body: 'hello' }, 'neither its attributes nor its body are of a known format'],
    [ours({ version: 2 }), 'version 2 is not known here'],
    [ours({ error: 'x' }), 'error has no name and message'],
    [ours({ origin: {} }), 'origin has no kind, source and id'],
    [ours({ at: 'yesterday' }), 'at is no ISO 8601 time'],
    [ours({ encoding: 'rot13' }), 'encoding is none of'],
  ])('input %#', (message, problem) => {
    expect(parseDeadLetter(message)).toMatchObject({ format: 'unknown', problem: expect.stringContaining(problem) })
  })

  it('a getter that throws', () => {
    const message = {
      get Body() {
        throw new Error('x')
      },
    }
    expect(parseDeadLetter(message)).toMatchObject({ format: 'unknown', problem: 'it cannot be looked into' })
  })

  it('a body that is not of its encoding', () => {
    expect(parseDeadLetter({ ...ours({ encoding: 'json' }), Body: '{' })).toMatchObject({
      format: 'lambent',
      body: '{',
      problem: 'the body is no JSON',
    })
  })
})

describe('property: never throws', () => {
  const names = fc.constantFrom(
    ...['Body', 'body', 'MessageAttributes', 'messageAttributes', 'Attributes', 'attributes', 'Sns', 'Message', 'Type'],
    ...['detail', 'detail-type', 'requestContext', 'KinesisBatchInfo', 'responsePayload', 'headers', 'value', 'format'],
    ...['lambent.deadLetter', 'StringValue', 'DataType', 'error', 'origin', 'version', 'encoding', 'requestPayload'],
    ...[
      'RULE_ARN',
      'ERROR_CODE',
      'RequestID',
      'ErrorCode',
      'kafka_dlt-exception-fqcn',
      'cause',
      'requestId',
      'condition',
    ],
  )
  const { junk } = fc.letrec<{ junk: unknown }>(tie => ({
    junk: fc.oneof(
      { maxDepth: 5 },
      fc.anything({ maxDepth: 2 }),
      fc.constantFrom(
        'lambent.deadLetter',
        1,
        'String',
        'Notification',
        '{"format":"lambent.deadLetter"}',
        'text',
        'json',
      ),
      fc.dictionary(names, tie('junk'), { maxKeys: 5 }),
      fc
        .dictionary(names, tie('junk'), { maxKeys: 5 })
        .map(each => JSON.stringify(each, (_, value) => (typeof value === 'bigint' ? 0 : value))),
      fc.array(tie('junk'), { maxLength: 3 }),
    ),
  }))
  const FORMATS = [
    ...['sqs-redrive', 'lambda-async-dlq', 'lambda-destination', 'stream-destination'],
    ...['eventbridge-rule', 'spring-kafka', 'lambent', 'unknown'],
  ]
  const isParsed = (parsed: ReturnType<typeof parseDeadLetter>) => {
    expect(FORMATS).toContain(parsed.format)
    expect(parsed.body).toBeTypeOf('string')
    expect(parsed.attributes).toBeTypeOf('object')
    if (parsed.format === 'unknown') expect(parsed.problem).not.toBe('')
    for (const time of [parsed.firstAt, parsed.lastAt]) if (time !== undefined) expect(Number.isFinite(time)).toBe(true)
  }

  it('on junk with the right names', () => {
    fc.assert(
      fc.property(junk, message => isParsed(parseDeadLetter(message))),
      { numRuns: 3000 },
    )
  })

  it('on a good one of each format of which one value is junk', () => {
    const files = [
      ...['sqs-redrive', 'lambda-async-dlq', 'lambda-destination', 'stream-destination-kinesis', 'lambent'],
      ...['stream-destination-dynamodb-s3', 'eventbridge-rule', 'eventbridge-schedule', 'spring-kafka'],
    ]
    fc.assert(
      fc.property(fc.constantFrom(...files), fc.nat(), fc.anything(), (file, at, value) => {
        const paths: (readonly string[])[] = []
        const visit = (object: unknown, path: readonly string[]): void => {
          if (path.length > 0) paths.push(path)
          if (typeof object === 'object' && object !== null)
            for (const key of Object.keys(object)) visit((object as Record<string, unknown>)[key], [...path, key])
        }
        const message = data(file)
        // What is JSON in a text is damaged inside of it.
        const holder = (message.MessageAttributes as Record<string, { StringValue: unknown }>)?.['lambent.deadLetter']
        if (holder) holder.StringValue = JSON.parse(`${holder.StringValue}`)
        visit(message, [])
        const path = paths[at % paths.length] ?? []
        let parent = message
        for (const key of path.slice(0, -1)) parent = parent[key] as Record<string, unknown>
        parent[path.at(-1) ?? ''] = value
        const json = (each: unknown) => JSON.stringify(each, (_, v) => (typeof v === 'bigint' ? `${v}` : v))
        if (holder && typeof holder.StringValue === 'object') holder.StringValue = json(holder.StringValue) ?? ''
        const parsed = parseDeadLetter(message)
        isParsed(parsed)
        if (parsed.format === 'lambent') expect(parsed.letter.error.name).toBeTypeOf('string')
      }),
      { numRuns: 2000 },
    )
  })
})
