// One batch of SQS messages, parsed and validated by zod, what fails is reported. Five ways.
import { join } from 'node:path'
import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch'
import { parser } from '@aws-lambda-powertools/batch/parser'
import { sqs } from '@lambent/events/sqs'
import { json, parse } from '@lambent/schema'
import { lambdaContext } from '@lambent/testing'
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda'
import * as z from 'zod'
import { STACKS } from '../lib/about.ts'

export const Payment = z.object({
  paymentId: z.string().min(1),
  orderId: z.uuid(),
  amount: z.int().positive(),
  currency: z.enum(['EUR', 'USD', 'GBP']),
})

/** What the handlers do with a payment, so that nothing can be left out as unused. */
export const taken = { cents: 0 }

const context = lambdaContext({ timeout: 900_000 })

export type Contender = (event: SQSEvent) => Promise<SQSBatchResponse>

/** What one would write by hand, to do the same parse and validate: the floor. */
const loop: Contender = async event => {
  const batchItemFailures: { itemIdentifier: string }[] = []
  for (const record of event.Records) {
    try {
      const payment = await Payment.parse(JSON.parse(record.body))
      await take(payment)
    } catch {
      batchItemFailures.push({ itemIdentifier: record.messageId })
    }
  }
  return { batchItemFailures }
}

async function take({ amount }: z.output<typeof Payment>): Promise<void> {
  taken.cents += amount
}

const pipeline = sqs()
  .each({ concurrency: 1 })
  .use(parse(json(Payment)))
  .handle(({ body }) => take(body))
const lambent: Contender = event => pipeline(event, context)

const byHand = new BatchProcessor(EventType.SQS)
const powertools: Contender = event =>
  processPartialResponse(event, async ({ body }: { body: string }) => take(Payment.parse(JSON.parse(body))), byHand, {
    context,
    processInParallel: false,
    throwOnFullBatchFailure: false,
  })

const parsing = new BatchProcessor(EventType.SQS, { parser, innerSchema: Payment, transformer: 'json' })
const powertoolsParser: Contender = event =>
  processPartialResponse(
    event,
    async ({ body }: { body: unknown }) => take(body as z.output<typeof Payment>),
    parsing,
    { context, processInParallel: false, throwOnFullBatchFailure: false },
  )

// A peer that `npm run bench:install` installs.
const { batch } = await import(join(STACKS, 'batch/middy.mjs'))
const handler = batch((body: unknown) => take(Payment.parse(body)))
const middy: Contender = event => handler(event, context)

export const contenders: Readonly<Record<string, Contender>> = {
  'a loop by hand': loop,
  '@lambent/events + @lambent/schema': lambent,
  '@aws-lambda-powertools/batch, parsing by hand': powertools,
  '@middy/sqs-partial-batch-failure, all at once, parsing by hand': middy,
  '@aws-lambda-powertools/batch, its parser integration': powertoolsParser,
}
