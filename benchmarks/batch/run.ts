// `npm run bench:batch -w @lambent/benchmarks`: cost of a record over a hand-written loop, in one run: in each round all
// contenders handle the same batch, in random order; the figures are medians of the differences within a round.
import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { sqsEvent } from '@lambent/testing'
import type { SQSEvent } from 'aws-lambda'
import { type Contender, contenders, taken } from './contenders.ts'

const SIZES = [10, 1_000, 10_000]
const RECORDS = 400_000 // for each contender and size, less for the slowest
const SLOW = '@aws-lambda-powertools/batch, its parser integration'

const payment = (i: number) => ({
  paymentId: `pay-${i}`,
  orderId: '6f1c2b1e-8d4a-4c37-9a51-0d2f7c9be410',
  amount: 1999,
  currency: 'EUR',
})
const event = (size: number) => sqsEvent(Array.from({ length: size }, (_, i) => ({ body: payment(i) })))
const median = (values: readonly number[]) =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN

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
  for (let round = -3; round < rounds; round++) {
    const order = Object.entries(contenders).toSorted(() => Math.random() - 0.5)
    for (const [name, contender] of order) {
      if (name === SLOW && round % 5 !== 0 && records > 10) continue // a few rounds are enough to see it
      const started = process.hrtime.bigint()
      const { batchItemFailures } = await contender(batch)
      const micros = Number(process.hrtime.bigint() - started) / 1000 / records
      assert.equal(batchItemFailures.length, 0)
      if (round < 0) continue
      times.get(name)?.push(micros)
    }
    if (process.stderr.isTTY)
      process.stderr.write(`\r${records} records: round ${Math.max(0, round + 1)} of ${rounds} `)
  }
  if (process.stderr.isTTY) process.stderr.write('\n')
  const loop = times.get('a loop by hand') ?? []
  for (const [contender, own] of times) {
    const differences =
      own.length === loop.length ? own.map((time, i) => time - (loop[i] ?? 0)) : [median(own) - median(loop)]
    rows.push({
      contender,
      records,
      rounds: own.length,
      total: median(own),
      overLoop: median(differences),
      heapGrowth: await heapGrowth(contenders[contender] as Contender, batch),
    })
  }
}

const fixed = (value: number) => value.toFixed(2)
const table = [
  '| records | contender | µs a record | over the loop, µs a record | heap growth over ten batches, kB |',
  '|---:|---|---:|---:|---:|',
  ...rows.map(
    row =>
      `| ${row.records} | ${row.contender} | ${fixed(row.total)} | ${fixed(row.overLoop)} | ${row.heapGrowth.toFixed(0)} |`,
  ),
].join('\n')
console.log(table)

const results = join(import.meta.dirname, '../results')
mkdirSync(results, { recursive: true })
const about = {
  date: new Date().toISOString(),
  node: process.version,
  cpu: cpus()[0]?.model,
  cores: cpus().length,
  platform: process.platform,
}
writeFileSync(join(results, 'batch.json'), `${JSON.stringify({ about, rows }, null, 2)}\n`)
writeFileSync(
  join(results, 'batch.md'),
  `Node.js ${about.node}, ${about.cores} cores of ${about.cpu}, ${about.date.slice(0, 10)}.\n\n${table}\n`,
)
