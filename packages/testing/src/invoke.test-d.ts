import type { APIGatewayProxyHandlerV2, Context, Handler, SQSBatchResponse, SQSEvent, SQSHandler } from 'aws-lambda'
import { expectTypeOf, test } from 'vitest'
import { apiGatewayProxyEventV2, invoke, s3Event, sqsEvent } from './index.ts'

declare const asynchronous: (event: SQSEvent, context: Context) => Promise<{ count: number }>
declare const pipeline: { (event: SQSEvent, context: Context): Promise<SQSBatchResponse>; ready(): Promise<void> }
declare const typed: SQSHandler
declare const http: APIGatewayProxyHandlerV2
declare const generic: Handler<{ id: string }, { name: string }>

test('the result is that of the handler', () => {
  expectTypeOf(invoke(asynchronous, sqsEvent())).resolves.toEqualTypeOf<{ count: number }>()
  expectTypeOf(invoke(pipeline, sqsEvent())).resolves.toEqualTypeOf<SQSBatchResponse>()
  expectTypeOf(invoke(typed, sqsEvent())).resolves.toEqualTypeOf<SQSBatchResponse | null>()
  expectTypeOf(invoke(generic, { id: '1' })).resolves.toEqualTypeOf<{ name: string } | null>()
  expectTypeOf(invoke(http, apiGatewayProxyEventV2())).resolves.toExtend<{ statusCode?: number } | string | null>()
  expectTypeOf(invoke(() => 1 as const, {})).resolves.toEqualTypeOf<1>()
})

test('nothing is null, and what JSON changes is changed', () => {
  expectTypeOf(invoke(async () => {}, {})).resolves.toEqualTypeOf<null>()
  const handler = async (): Promise<{ at: Date; tags: readonly (string | undefined)[]; note?: string }> => ({
    at: new Date(),
    tags: [],
  })
  expectTypeOf(invoke(handler, {})).resolves.toEqualTypeOf<{
    at: string
    tags: readonly (string | null)[]
    note?: string
  }>()
})

test('the event is of the type of the handler, or JSON', () => {
  const file = { Records: [{ messageId: 'm-1', body: '{' }] }
  invoke(asynchronous, file)
  // @ts-expect-error a typed event of another source
  invoke(asynchronous, s3Event())
  // @ts-expect-error JSON has no bigint
  invoke(asynchronous, { Records: 1n })
})
