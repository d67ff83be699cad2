// `npm run demo`: the five handlers of examples/orders, each in a process of its own under Lambda's Runtime API, on
// realistic events, good and bad. Shows what came back, and exits with 1 if anything was not as expected.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { styleText } from 'node:util'
import { type InvocationResult, startFunction } from '@lambent/local'

interface Step {
  readonly event: string
  readonly shows: string
  /** Part of what the function must answer; a problem document's `body` is compared as the JSON that it holds. */
  readonly payload?: unknown
  /** The error that the invocation must fail with. */
  readonly error?: string
  /** What the handler must have written, in this order. */
  readonly logs?: readonly object[]
}
interface Part {
  readonly handler: string
  readonly source: string
  readonly steps: readonly Step[]
}

const created = {
  orderId: '6f1c2b1e-8d4a-4c37-9a51-0d2f7c9be410',
}

const PARTS: readonly Part[] = [
  {
    handler: 'create-order',
    source: 'API Gateway, function URL, load balancer',
    steps: [
      {
        event: 'http-create-order',
        shows: 'HTTP API: 201, only the fields of the response schema',
        payload: { statusCode: 201, body: created },
      },
      { event: 'http-create-order-rest', shows: 'REST API: 201', payload: { statusCode: 201, body: created } },
      {
        event: 'http-create-order-function-url',
        shows: 'function URL: 201',
        payload: { statusCode: 201, body: created },
      },
      {
        event: 'http-create-order-alb',
        shows: 'load balancer: 201, multi-value headers',
        payload: { statusCode: 201, statusDescription: '201 Created', body: created },
      },
      {
        event: 'http-bad-json',
        shows: 'malformed JSON: 400, where in the document',
        payload: { statusCode: 400, body: { status: 400 } },
      },
      {
        event: 'http-invalid-order',
        shows: 'against the schema: 422, with the paths',
        payload: {
          statusCode: 422,
          body: { status: 422, issues: [{ path: '/items/0/sku' }, { path: '/items/0/quantity' }] },
        },
      },
      {
        event: 'http-wrong-content-type',
        shows: 'another media type: 415',
        payload: { statusCode: 415, body: { status: 415 } },
      },
    ],
  },
  {
    handler: 'take-payments',
    source: 'SQS',
    steps: [
      {
        event: 'sqs-payments',
        shows: 'one message of three is malformed: it alone is reported',
        payload: { batchItemFailures: [{ itemIdentifier: '2e8b6d4f-3c5a-4f7b-8d9e-1a2f3e4d5c6b' }] },
        logs: [{ taken: 'pay-7001' }, { taken: 'pay-7003' }],
      },
      {
        event: 'sqs-fifo-payments',
        shows: 'FIFO: the first message of group A fails, the later one waits; group B goes on',
        payload: {
          batchItemFailures: [
            { itemIdentifier: '4a0d8f6b-5e7c-4b9d-8fba-3c4b5a6f7e8d' },
            { itemIdentifier: '6c2fab8d-7a9e-4dbf-8bdc-5e6d7c8b9aaf' },
          ],
        },
        logs: [{ taken: 'pay-7102' }, { taken: 'pay-7104' }],
      },
      {
        event: 'wrong-source',
        shows: 'an S3 event: the error says what was expected and what came',
        error: 'UnexpectedEventError',
      },
      { event: 'console-test', shows: 'the test event of the console', error: 'UnexpectedEventError' },
    ],
  },
  {
    handler: 'read-invoices',
    source: 'S3',
    steps: [
      {
        event: 's3-uploads',
        shows: 'keys are decoded',
        payload: null,
        logs: [{ invoice: 'invoices/2026/café menu(1).pdf' }, { invoice: 'invoices/2026/inv-1042 & copy.pdf' }],
      },
      { event: 's3-test-event', shows: 'the test event that S3 sends itself: recognised', payload: null, logs: [] },
    ],
  },
  {
    handler: 'follow-orders',
    source: 'DynamoDB Streams',
    steps: [
      {
        event: 'dynamodb-orders',
        shows: 'INSERT, MODIFY, REMOVE; a number beyond 2^53 stays exact',
        payload: { batchItemFailures: [] },
        logs: [
          { placed: created.orderId, ledger: '9007199254740993' },
          { moved: created.orderId },
          { removed: 'c2c07b7a-51f9-4a6e-8a1b-7be1a9a0d2c4' },
        ],
      },
      {
        event: 'dynamodb-bad',
        shows: 'the second of three does not fit: stops there, reports that sequence number alone',
        logs: [{ placed: 'a1b2c3d4-e5f6-4a7b-8c9d-0e1f2a3b4c5d' }],
        payload: { batchItemFailures: [{ itemIdentifier: sequenceNumber('dynamodb-bad', 1) }] },
      },
    ],
  },
  {
    handler: 'notify',
    source: 'EventBridge',
    steps: [
      {
        event: 'eventbridge-order-placed',
        shows: 'an order was placed',
        payload: null,
        logs: [{ told: 'c-1042', of: 'OrderPlaced', cents: 3998 }],
      },
      { event: 'eventbridge-bad-detail', shows: 'a detail that does not fit the schema', error: 'ParseError' },
    ],
  },
]

function eventOf(name: string): Buffer {
  return readFileSync(join('examples/orders/events', `${name}.json`))
}

function sequenceNumber(name: string, index: number): string {
  return JSON.parse(eventOf(name).toString()).Records[index].dynamodb.SequenceNumber
}

/** What was wrong with a result, or undefined. */
function wrong(step: Step, result: InvocationResult): string | undefined {
  try {
    if (step.error !== undefined) assert.equal(result.functionError && result.errorType, step.error)
    else {
      assert.equal(result.functionError, undefined)
      assert.partialDeepStrictEqual(readable(result.payload), step.payload)
    }
    const written = result.logs.flatMap(({ message, level }) => {
      const line = message.slice(message.indexOf('{'))
      return level === 'INFO' ? [JSON.parse(line)] : []
    })
    if (step.logs)
      assert.equal(written.length, step.logs.length, `wrote ${written.length} lines, not ${step.logs.length}`)
    for (const [i, line] of (step.logs ?? []).entries()) assert.partialDeepStrictEqual(written[i], line)
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

function readable(payload: unknown): unknown {
  if (typeof payload !== 'object' || payload === null || !('body' in payload)) return payload
  const { body } = payload
  return { ...payload, body: typeof body === 'string' && body.startsWith('{') ? JSON.parse(body) : body }
}

const summary = (result: InvocationResult): string =>
  result.functionError ? `${result.errorType}: ${result.errorMessage}` : JSON.stringify(readable(result.payload))

let failures = 0
let steps = 0
const started = Date.now()
for (const { handler, source, steps: todo } of PARTS) {
  await using lambda = await startFunction({
    handler: `examples/orders/dist/${handler}.handler`,
    environment: { NODE_OPTIONS: '--enable-source-maps' },
  })
  const init = lambda.initDurationMs === undefined ? '' : `, init ${lambda.initDurationMs.toFixed(0)} ms`
  console.log(
    `\n${styleText('bold', source)}  ${styleText('dim', `${handler} on ${lambda.runtime === 'ric' ? 'aws-lambda-ric' : 'the bootstrap of @lambent/local'}${init}`)}`,
  )
  for (const step of todo) {
    steps++
    const result = await lambda.invoke(eventOf(step.event))
    const problem = wrong(step, result)
    if (problem) failures++
    console.log(
      `  ${problem ? styleText('red', '✗') : styleText('green', '✓')} ${step.shows} ${styleText('dim', `(${step.event}, ${result.durationMs.toFixed(1)} ms)`)}`,
    )
    console.log(styleText('cyan', `      ${summary(result)}`))
    for (const { message } of result.logs)
      for (const line of problem ? [message] : [message.slice(0, 200)]) console.log(styleText('dim', `      | ${line}`))
    if (problem) console.log(styleText('red', problem.replace(/^/gm, '      ')))
  }
}
const seconds = ((Date.now() - started) / 1000).toFixed(1)
console.log(`\n${steps - failures} of ${steps} as expected, in ${seconds} s`)
process.exitCode = failures === 0 ? 0 : 1
