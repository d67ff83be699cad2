// `npm run bench:secrets -w @lambent/benchmarks`: what a warm hit costs: an invocation through `secrets()` with all values
// fresh, over the same without it, and the read of a value. In each round all run, in random order.
import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { type LambdaContext, pipeline, type SourceTypes } from '@lambent/core'
import { secrets, source } from '@lambent/secrets'

interface PlainTypes extends SourceTypes {
  readonly event: unknown
  readonly context: { readonly event: unknown }
}
const plain = () =>
  pipeline<PlainTypes>({
    name: 'bench',
    open: event => ({ event, unit: { kind: 'invocation', source: 'bench', id: '1', raw: {} } }),
    respond: value => value,
  })

const INVOCATIONS = 100_000
const ROUNDS = 25
let calls = 0
const fetched = (value: string) => source({ name: value, fetch: () => `${value} ${++calls}` })
const five = secrets({ a: fetched('a'), b: fetched('b'), c: fetched('c'), d: fetched('d'), e: fetched('e') })
const one = secrets({ a: fetched('a') })

const contenders = {
  'without secrets()': plain().handle(async () => 'a'),
  'with one secret': plain()
    .use(one)
    .handle(async ({ secrets }) => secrets.a),
  'with five secrets': plain()
    .use(five)
    .handle(async ({ secrets }) => secrets.a),
}
type Name = keyof typeof contenders
const NAMES = Object.keys(contenders) as Name[]
const lambda = { getRemainingTimeInMillis: () => 10_000 } as LambdaContext

const before = calls
for (const name of NAMES) assert.match(String(await contenders[name]({}, lambda)), /^a/)

async function nanoseconds(name: Name): Promise<number> {
  const handler = contenders[name]
  const start = process.hrtime.bigint()
  for (let i = 0; i < INVOCATIONS; i++) await handler({}, lambda)
  return Number(process.hrtime.bigint() - start) / INVOCATIONS
}

const median = (values: readonly number[]) =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
const over: Record<string, number[]> = {}
const total: Record<string, number[]> = {}
for (let round = 0; round < ROUNDS; round++) {
  const times: Partial<Record<Name, number>> = {}
  for (const name of NAMES.toSorted(() => Math.random() - 0.5)) times[name] = await nanoseconds(name)
  for (const name of NAMES) {
    total[name] = [...(total[name] ?? []), times[name] ?? 0]
    over[name] = [...(over[name] ?? []), (times[name] ?? 0) - (times['without secrets()'] ?? 0)]
  }
}
assert.equal(calls, before, 'all were hits')

const rows = NAMES.map(name => ({
  contender: name,
  total: Math.round(median(total[name] ?? [])),
  overNone: Math.round(median(over[name] ?? [])),
}))
const machine = `${cpus()[0]?.model.trim()}, ${cpus().length} cores, Node.js ${process.version}`
const date = new Date().toISOString().slice(0, 10)
const results = join(import.meta.dirname, '../results')
mkdirSync(results, { recursive: true })
writeFileSync(join(results, 'secrets.json'), `${JSON.stringify({ date, machine, rounds: ROUNDS, rows }, null, 2)}\n`)
const table = [
  '# A warm hit of secrets()',
  '',
  `${date}, ${machine}; ${ROUNDS} rounds of ${INVOCATIONS} invocations, medians, those over none of the differences within a round.`,
  '',
  '| | ns an invocation | over none, ns |',
  '| --- | --- | --- |',
  ...rows.map(row => `| ${row.contender} | ${row.total} | ${row.overNone} |`),
  '',
].join('\n')
writeFileSync(join(results, 'secrets.md'), table)
console.log(table)
