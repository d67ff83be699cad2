// `npm run bench -- idempotency`: what a first call and a replay cost, beside the writes that they
// can't do without and beside Powertools, on one emulator, in one run: in each round all run, in random order.
import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { IdempotencyConfig, makeIdempotent } from '@aws-lambda-powertools/idempotency'
import { DynamoDBPersistenceLayer } from '@aws-lambda-powertools/idempotency/dynamodb'
import { DynamoDBClient, DynamoDB as SdkDynamoDB } from '@aws-sdk/client-dynamodb'
import { DynamoDB } from '@lambent/aws/dynamodb'
import { type LambdaContext, pipeline, type SourceTypes } from '@lambent/core'
import { dynamoDbStore, idempotent } from '@lambent/idempotency'
import type { Context } from 'aws-lambda'
import { options } from '../lib/options.ts'
import { progress } from '../lib/progress.ts'
import { publish } from '../lib/results.ts'
import { median, ratios, rounded, shuffled } from '../lib/statistics.ts'

const ROUNDS = 30
const CALLS = 40

const emulator = fork(join(import.meta.dirname, 'dynalite.ts'), { execArgv: ['--disable-warning=ExperimentalWarning'] })
const [port] = (await once(emulator, 'message')) as [number]
process.env.AWS_LAMBDA_FUNCTION_NAME = 'bench'
const config = {
  endpoint: `http://127.0.0.1:${port}`,
  region: 'eu-west-1',
  credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
}
const TableName = 'idempotency'
await new SdkDynamoDB(config).createTable({
  TableName,
  AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
  KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
  BillingMode: 'PAY_PER_REQUEST',
})

const result = { orderId: '6f1c2b1e-8d4a-4c37-9a51-0d2f7c9be410', amount: 1999, state: 'charged' }
let effects = 0
const work = async () => {
  effects++
  return result
}
const lambda = { functionName: 'bench', getRemainingTimeInMillis: () => 10_000 } as LambdaContext

// The same two writes by hand, by the same client: the conditions and attributes that the layout needs.
const db = new DynamoDB(config)
async function byHand(id: string): Promise<unknown> {
  const now = Date.now()
  const names = { '#id': 'id', '#expiry': 'expiration', '#status': 'status', '#lock': 'in_progress_expiration' }
  const lock = { N: `${now + 10_000}` }
  try {
    await db.putItem({
      TableName,
      Item: {
        id: { S: id },
        status: { S: 'INPROGRESS' },
        expiration: { N: `${Math.round(now / 1000) + 3600}` },
        in_progress_expiration: lock,
      },
      ConditionExpression:
        'attribute_not_exists(#id) OR #expiry < :seconds OR (#status = :inprogress AND attribute_exists(#lock) AND #lock < :now)',
      ExpressionAttributeNames: names,
      ExpressionAttributeValues: {
        ':seconds': { N: `${Math.round(now / 1000)}` },
        ':now': { N: `${now}` },
        ':inprogress': { S: 'INPROGRESS' },
      },
      ReturnValues: 'ALL_OLD',
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    })
  } catch (error) {
    assert.equal((error as Error).name, 'ConditionalCheckFailedException')
    // The emulator does not give the item of a failed condition: all read it.
    const { Item } = await db.getItem({ TableName, Key: { id: { S: id } }, ConsistentRead: true })
    const data = Item?.data
    return JSON.parse(data && 'S' in data ? data.S : '')
  }
  const value = await work()
  await db.updateItem({
    TableName,
    Key: { id: { S: id } },
    UpdateExpression: 'SET #status = :completed, #expiry = :expiry, #data = :data',
    ConditionExpression: '#status = :inprogress AND #lock = :lock',
    ExpressionAttributeNames: {
      '#status': 'status',
      '#expiry': 'expiration',
      '#data': 'data',
      '#lock': 'in_progress_expiration',
    },
    ExpressionAttributeValues: {
      ':completed': { S: 'COMPLETED' },
      ':expiry': { N: `${Math.round(Date.now() / 1000) + 3600}` },
      ':data': { S: JSON.stringify(value) },
      ':inprogress': { S: 'INPROGRESS' },
      ':lock': lock,
    },
  })
  return value
}

interface Plain extends SourceTypes {
  readonly event: string
  readonly context: { readonly event: string }
}
const lambent = pipeline<Plain>({
  name: 'bench',
  open: event => ({
    event: event as string,
    unit: { kind: 'invocation', source: 'bench', id: '1', raw: event as string },
  }),
  respond: value => value,
})
  .use(idempotent({ store: dynamoDbStore({ tableName: TableName, client: db }), key: ({ event }) => event }))
  .handle(work)

const powertools = makeIdempotent(async (_event: { readonly id: string }, _context: Context) => work() as never, {
  persistenceStore: new DynamoDBPersistenceLayer({ tableName: TableName, awsSdkV3Client: new DynamoDBClient(config) }),
  config: new IdempotencyConfig({ eventKeyJmesPath: 'id' }),
})

const contenders: Record<string, (id: string) => Promise<unknown>> = {
  'by hand': byHand,
  '@lambent/idempotency': id => lambent(id, lambda),
  '@aws-lambda-powertools/idempotency': id => powertools({ id }, lambda as unknown as Context),
}
const NAMES = Object.keys(contenders)

// A correctness gate: one effect, and the same result twice.
for (const name of NAMES) {
  effects = 0
  for (const _ of [1, 2]) assert.deepEqual(await contenders[name]?.(`gate ${name}`), result, name)
  assert.equal(effects, 1, name)
}

let count = 0
const times: Record<string, number[]> = {}
const { partial } = options({})
const tick = progress('idempotency', ROUNDS * NAMES.length)
for (let round = 0; round < ROUNDS; round++)
  for (const name of shuffled(NAMES)) {
    tick()
    const ids = Array.from({ length: CALLS }, () => `${name} ${count++}`)
    for (const phase of ['first call', 'replay']) {
      const start = performance.now()
      for (const id of ids) await contenders[name]?.(id)
      times[`${phase} ${name}`] = [...(times[`${phase} ${name}`] ?? []), (performance.now() - start) / CALLS]
    }
  }
emulator.disconnect()

const rows = ['first call', 'replay'].flatMap(phase =>
  NAMES.map(contender => {
    const own = times[`${phase} ${contender}`] ?? []
    const raw = times[`${phase} by hand`] ?? []
    return {
      phase,
      contender,
      ms: rounded(median(own), 3),
      // Of the ratios within a round: the machine is as fast as it is then.
      ratio: rounded(median(ratios(own, raw)), 2),
    }
  }),
)
publish(
  {
    name: 'idempotency',
    title: 'Idempotency on an emulated table',
    method: `dynalite in a process of its own; ${ROUNDS} rounds of ${CALLS} calls, medians. The ratio is the median of those to the writes by hand within a round.`,
    tables: [
      {
        columns: ['', '', 'ms a call', '× by hand'],
        rows: rows.map(({ phase, contender, ms, ratio }) => [
          phase,
          contender.startsWith('@lambent') ? `**${contender}**` : contender,
          ms,
          ratio,
        ]),
      },
    ],
    chart: {
      title: 'A call, ms',
      unit: 'ms',
      groups: ['first call', 'replay'].map(phase => ({
        title: phase,
        bars: rows
          .filter(row => row.phase === phase)
          .map(({ contender, ms }) => ({ label: contender, value: ms, ours: contender.startsWith('@lambent') })),
      })),
    },
    data: { rounds: ROUNDS, calls: CALLS, rows },
    packages: ['@aws-lambda-powertools/idempotency', '@aws-sdk/client-dynamodb', 'dynalite'],
  },
  { partial },
)
process.exit()
