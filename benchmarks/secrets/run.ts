// `npm run bench -- secrets`: what a warm hit costs: an invocation through `secrets()` with all values
// fresh, over the same without it, and the read of a value. In each round all run, in random order.
import assert from 'node:assert/strict'
import { type LambdaContext, pipeline, type SourceTypes } from '@lambent/core'
import { secrets, source } from '@lambent/secrets'
import { options } from '../lib/options.ts'
import { progress } from '../lib/progress.ts'
import { publish } from '../lib/results.ts'
import { differences, median, shuffled } from '../lib/statistics.ts'

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

const NONE = 'without secrets()'
const total = new Map<Name, number[]>(NAMES.map(name => [name, []]))
const { partial } = options({})
const tick = progress('secrets', ROUNDS)
for (let round = 0; round < ROUNDS; round++) {
  for (const name of shuffled(NAMES)) total.get(name)?.push(await nanoseconds(name))
  tick()
}
assert.equal(calls, before, 'all were hits')

const rows = NAMES.map(contender => {
  const own = total.get(contender) ?? []
  return {
    contender,
    total: Math.round(median(own)),
    overNone: Math.round(median(differences(own, total.get(NONE) ?? []))),
  }
})
publish(
  {
    name: 'secrets',
    title: 'A warm hit of secrets()',
    method: `${ROUNDS} rounds of ${INVOCATIONS.toLocaleString('en')} invocations, medians, those over none of the differences within a round.`,
    tables: [
      {
        columns: ['', 'ns an invocation', 'over none, ns'],
        rows: rows.map(({ contender, total, overNone }) => [contender, total, overNone]),
      },
    ],
    chart: {
      title: 'An invocation, ns',
      unit: 'ns',
      groups: [
        {
          title: '',
          bars: rows.map(({ contender, total }) => ({ label: contender, value: total, ours: contender !== NONE })),
        },
      ],
    },
    data: { rounds: ROUNDS, rows },
  },
  { partial },
)
