// `npm run bench -- batch`: cost of a record over a hand-written loop, in one run: in each round all
// contenders handle the same batch, in random order; the figures are medians of the differences within a round.
import assert from 'node:assert/strict'
import { sqsEvent } from '@lambent/testing'
import type { SQSEvent } from 'aws-lambda'
import { options } from '../lib/options.ts'
import { progress } from '../lib/progress.ts'
import { publish } from '../lib/results.ts'
import { differences, median, rounded, shuffled } from '../lib/statistics.ts'
import { type Contender, contenders, taken } from './contenders.ts'

const SIZES = [10, 1_000, 10_000]
const { partial } = options({})
const RECORDS = 400_000 // for each contender and size, less for the slowest
const SLOW = '@aws-lambda-powertools/batch, its parser integration'

const payment = (i: number) => ({
  paymentId: `pay-${i}`,
  orderId: '6f1c2b1e-8d4a-4c37-9a51-0d2f7c9be410',
  amount: 1999,
  currency: 'EUR',
})
const event = (size: number) => sqsEvent(Array.from({ length: size }, (_, i) => ({ body: payment(i) })))
// A correctness gate first: the same right answers, on good input and bad.
for (const [name, contender] of Object.entries(contenders)) {
  const batch = sqsEvent([{ body: payment(0) }, { body: 'not JSON' }, { body: { amount: -1 } }, { body: payment(1) }])
  taken.cents = 0
  const { batchItemFailures } = await contender(batch)
  assert.deepEqual(
    batchItemFailures.map(({ itemIdentifier }) => itemIdentifier),
    [batch.Records[1]?.messageId, batch.Records[2]?.messageId],
    name,
  )
  assert.equal(taken.cents, 3998, name)
}
console.warn = () => {}

/** In kB, over ten batches, each end after a collection: what stays behind. Apart from the timing, which a forced collection spoils. */
async function heapGrowth(contender: Contender, batch: SQSEvent): Promise<number> {
  const used = () => {
    globalThis.gc?.()
    return process.memoryUsage().heapUsed / 1024
  }
  await contender(batch)
  const before = used()
  for (let i = 0; i < 10; i++) await contender(batch)
  return used() - before
}

interface Row {
  readonly contender: string
  readonly records: number
  readonly rounds: number
  /** Median, µs a record. */
  readonly total: number
  /** Median of the differences to the loop of the same round, µs a record. */
  readonly overLoop: number
  /** In kB, see heapGrowth. */
  readonly heapGrowth: number
}
const rows: Row[] = []
for (const records of SIZES) {
  const batch = event(records)
  const times = new Map<string, number[]>(Object.keys(contenders).map(name => [name, []]))
  const rounds = Math.max(15, Math.round(RECORDS / records / 20))
  const tick = progress(`${records} records`, rounds)
  for (let round = -3; round < rounds; round++) {
    const order = shuffled(Object.entries(contenders))
    for (const [name, contender] of order) {
      if (name === SLOW && round % 5 !== 0 && records > 10) continue // a few rounds are enough to see it
      const started = process.hrtime.bigint()
      const { batchItemFailures } = await contender(batch)
      const micros = Number(process.hrtime.bigint() - started) / 1000 / records
      assert.equal(batchItemFailures.length, 0)
      if (round < 0) continue
      times.get(name)?.push(micros)
    }
    if (round >= 0) tick()
  }
  const loop = times.get('a loop by hand') ?? []
  for (const [contender, own] of times) {
    const over = own.length === loop.length ? differences(own, loop) : [median(own) - median(loop)]
    rows.push({
      contender,
      records,
      rounds: own.length,
      total: median(own),
      overLoop: median(over),
      heapGrowth: await heapGrowth(contenders[contender] as Contender, batch),
    })
  }
}

publish(
  {
    name: 'batch',
    title: 'A batch of SQS messages',
    method:
      'What a record costs: parsed and validated by zod, handled, reported where it fails. In each round every contender handles the same batch, in random order; medians, those over the loop of the differences within a round.',
    tables: [
      {
        columns: ['records', '', 'µs a record', 'over the loop, µs a record', 'heap growth over ten batches, kB'],
        rows: rows.map(row => [
          row.records,
          row.contender.startsWith('@lambent') ? `**${row.contender}**` : row.contender,
          rounded(row.total, 2),
          rounded(row.overLoop, 2),
          Math.round(row.heapGrowth),
        ]),
      },
    ],
    chart: {
      title: 'A record of a batch of 1,000, µs',
      unit: 'µs',
      groups: [
        {
          title: '',
          bars: rows
            .filter(row => row.records === 1000)
            .map(row => ({
              label: row.contender,
              value: rounded(row.total, 2),
              ours: row.contender.startsWith('@lambent'),
            })),
        },
      ],
    },
    data: { rows },
    packages: ['zod', '@aws-lambda-powertools/batch', '@middy/sqs-partial-batch-failure'],
  },
  { partial },
)
process.exit()
