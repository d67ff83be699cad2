import type { SQS } from '@aws-sdk/client-sqs'
import type { SQSEvent } from 'aws-lambda'
import { expectTypeOf, test } from 'vitest'
import {
  type BatchResult,
  type EventSourceMapping,
  type LambdaFunction,
  type MappedFunction,
  type SqsClient,
  startEventSourceMapping,
} from '../index.ts'

declare const sqs: SqsClient
declare const lambda: LambdaFunction
const queueUrl = ''

test('the client of the AWS SDK fits as it is', () => {
  expectTypeOf<SQS>().toExtend<SqsClient>()
})

test('what startFunction gives is what a mapping invokes', () => {
  expectTypeOf<LambdaFunction>().toExtend<MappedFunction>()
})

test('a mapping has one function or several, never both and never none', () => {
  expectTypeOf(
    startEventSourceMapping({ queueUrl, sqs, function: lambda }),
  ).resolves.toEqualTypeOf<EventSourceMapping>()
  void startEventSourceMapping({ queueUrl, sqs, functions: [lambda, lambda] })
  // @ts-expect-error both
  void startEventSourceMapping({ queueUrl, sqs, function: lambda, functions: [lambda] })
  // @ts-expect-error none
  void startEventSourceMapping({ queueUrl, sqs })
})

test('a response type that Lambda does not have does not compile', () => {
  // @ts-expect-error a misspelling
  void startEventSourceMapping({ queueUrl, sqs, function: lambda, functionResponseTypes: ['ReportBatchItemFailure'] })
})

test('the event of a batch is the one of @types/aws-lambda', () => {
  expectTypeOf<BatchResult['event']>().toEqualTypeOf<SQSEvent>()
})
