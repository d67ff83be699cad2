// What compiles, and what does not: whose units can be acknowledged without an answer.

import type { EventBridge } from '@aws-sdk/client-eventbridge'
import type { S3 } from '@aws-sdk/client-s3'
import type { SNS } from '@aws-sdk/client-sns'
import type { SQS } from '@aws-sdk/client-sqs'
import { dynamoDbStream } from '@lambent/events/dynamodb-streams'
import { eventBridge } from '@lambent/events/eventbridge'
import { firehose } from '@lambent/events/firehose'
import { kafka } from '@lambent/events/kafka'
import { kinesis } from '@lambent/events/kinesis'
import { s3 } from '@lambent/events/s3'
import { schedule } from '@lambent/events/schedule'
import { sns } from '@lambent/events/sns'
import { sqs } from '@lambent/events/sqs'
import { http } from '@lambent/http'
import { expectTypeOf, test } from 'vitest'
import {
  deadLetter,
  type EventBridgePort,
  type LargeMessagesClient,
  largeMessages,
  parseDeadLetter,
  type S3PutPort,
  type Sink,
  type SnsPort,
  type SqsPort,
  sqsQueue,
} from '../src/index.ts'

declare const to: Sink

test('every source but HTTP takes it at both levels', () => {
  const dead = deadLetter({ to, after: 3 })
  sqs().use(dead).each().use(dead)
  kinesis().use(dead).each().use(dead)
  dynamoDbStream().use(dead).each().use(dead)
  kafka().use(dead).each().use(dead)
  s3().use(dead).each().use(dead)
  sns().use(dead).each().use(dead)
  firehose().use(dead).each().use(dead)
  eventBridge().use(dead)
  schedule().use(dead)
})

test('HTTP takes it with an answer only', () => {
  http().use(deadLetter({ to, respond: () => ({ status: 202 }) }))
  // @ts-expect-error whoever sent the request waits for an answer
  http().use(deadLetter({ to }))
})

test('the URL may be what process.env gives', () => {
  sqsQueue(process.env.DLQ_URL)
  // @ts-expect-error a number is no URL
  sqsQueue(1)
})

test('the clients of the AWS SDK fit', () => {
  expectTypeOf<SQS>().toExtend<SqsPort>()
  expectTypeOf<SNS>().toExtend<SnsPort>()
  expectTypeOf<EventBridge>().toExtend<EventBridgePort>()
  expectTypeOf<S3>().toExtend<S3PutPort>()
  expectTypeOf<S3>().toExtend<LargeMessagesClient>()
})

test('payloads of what a sender names only from a list', () => {
  // @ts-expect-error buckets are needed
  largeMessages({})
})

test('what is parsed is told apart by its format', () => {
  const parsed = parseDeadLetter('')
  expectTypeOf(parsed.body).toEqualTypeOf<string>()
  if (parsed.format === 'lambent') expectTypeOf(parsed.letter.times).toEqualTypeOf<number>()
  if (parsed.format === 'sqs-redrive') expectTypeOf(parsed.sourceQueueArn).toEqualTypeOf<string>()
  if (parsed.format === 'unknown') expectTypeOf(parsed.problem).toEqualTypeOf<string>()
  // @ts-expect-error only ours has a letter
  parsed.letter
})
