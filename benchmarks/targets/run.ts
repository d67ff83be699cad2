// `npm run bench -- targets`: what was set out for, beside what the other suites have published. It measures nothing.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { options } from '../lib/options.ts'
import { publish } from '../lib/results.ts'
import { rounded } from '../lib/statistics.ts'

const { partial } = options({})

interface Target {
  readonly what: string
  readonly most: number
  readonly measured: number
  /** What remains to be said where it is missed. */
  readonly cause: string
}

function results<T>(suite: string): T {
  return JSON.parse(readFileSync(join(import.meta.dirname, `../results/${suite}.json`), 'utf8')) as T
}
function found<T>(rows: readonly T[], what: string, is: (row: T) => boolean): T {
  const row = rows.find(is)
  if (row === undefined) throw new Error(`there is no row of ${what} in the results: run \`npm run bench\``)
  return row
}

interface ColdRow {
  readonly stack: string
  readonly contender: string
  readonly ours: boolean
  readonly first: number
  readonly interval: readonly [number, number]
  readonly overHand?: { readonly ms: number }
}
interface ColdStart {
  readonly runs: readonly {
    readonly rows: readonly ColdRow[]
  }[]
}
const cold = results<ColdStart>('cold-start').runs[0]?.rows ?? []
const coldRow = (stack: string, contender: string) =>
  found(cold, contender, row => row.stack === stack && row.contender === contender)
const peer = (schema: string) => coldRow('full', `middy + Powertools · ${schema}`).first
const least = rounded(
  coldRow('full', 'the floor, and Powertools’ logger and metrics · zod/mini').first / peer('zod/mini'),
  2,
)
const full = (schema: string, most: number): Target => ({
  what: `cold start: full stack over bare, of middy + Powertools, ${schema}`,
  most,
  measured: rounded(coldRow('full', `Lambent · ${schema}`).first / peer(schema), 2),
  cause: `The four calls by hand and Powertools’ logger and metrics, which Lambent’s are made on, are ${least} of middy + Powertools by themselves (zod/mini). In a profile of the rest the largest parts are @lambent/aws, which makes and signs the calls, and the compilation of what Lambent adds to the bundle; no other package of it takes more than 1.3 ms.`,
})
const overHand = (schema: string): Target => ({
  what: `cold start: HTTP, parse and validate over the schema library, ${schema}, ms`,
  most: 2,
  measured: coldRow('http', `Lambent · ${schema}`).overHand?.ms ?? Number.NaN,
  cause:
    'Some 22 kB are parsed, and each function that a first request runs is compiled then: in a profile no single one takes more than 0.2 ms.',
})

const { ofMiddy } = results<{ ofMiddy: { empty: number; synchronous: number; asynchronous: number } }>('warm')
const { rows: types } = results<{ rows: readonly { contender: string; instantiations: number }[] }>('types')
const { withoutSchema } = results<{
  withoutSchema: readonly { stack: string; ours: boolean; min: number; gzip: number }[]
}>('size')
const bundle = found(withoutSchema, 'the full stack', row => row.stack === 'full' && row.ours)
const kB = (bytes: number): number => rounded(bytes / 1000)

const targets: readonly Target[] = [
  full('zod/mini', 0.2),
  full("import * as z from 'zod'", 0.2),
  full("import { z } from 'zod'", 0.25),
  ...['zod/mini', 'valibot', "import * as z from 'zod'", "import { z } from 'zod'"].map(overHand),
  {
    what: 'warm: an empty pipeline, of middy’s',
    most: 0.25,
    measured: ofMiddy.empty,
    cause: '',
  },
  {
    what: 'warm: ten middlewares that add a key, of middy’s synchronous hooks',
    most: 1,
    measured: ofMiddy.synchronous,
    cause: '',
  },
  {
    what: 'warm: the same, of its asynchronous hooks',
    most: 0.67,
    measured: ofMiddy.asynchronous,
    cause: '',
  },
  {
    what: 'types: instantiations of 30 chains of 20 middlewares',
    most: 80_000,
    measured: found(types, 'types', row => row.contender === 'Lambent').instantiations,
    cause: '',
  },
  {
    what: 'size: full stack without its schema library, min+gzip, kB',
    most: 70,
    measured: kB(bundle.gzip),
    cause: '',
  },
  {
    what: 'size: the same, minified only, kB',
    most: 70,
    measured: kB(bundle.min),
    cause:
      'Powertools’ logger and metrics are 36 kB of it; the rest is idempotency, clients of the services, dead letters, secrets, parsing and the engine.',
  },
]
const missed = targets.filter(({ measured, most }) => !(measured <= most))
const causes = [...new Set(missed.map(({ cause }) => cause))].map(
  cause =>
    `Missed: ${missed
      .filter(each => each.cause === cause)
      .map(({ what }) => what)
      .join('; ')}. ${cause}`,
)

publish(
  {
    name: 'targets',
    title: 'What was set out for',
    method: 'From the results of `cold-start`, `warm`, `types` and `size`, which have their own dates and machines.',
    tables: [
      {
        columns: ['', 'at most', 'measured', ''],
        rows: targets.map(target => [
          target.what,
          target.most,
          target.measured,
          missed.includes(target) ? 'missed' : 'met',
        ]),
      },
    ],
    chart: {
      title: 'Cold start of the full stack: first answer over a bare handler, ms',
      unit: 'ms',
      groups: [
        {
          title: '',
          bars: cold
            .filter(({ stack }) => stack === 'full')
            .map(({ contender, first, interval, ours }) => ({ label: contender, value: first, interval, ours })),
        },
      ],
    },
    conclusions: causes,
    data: { targets: targets.map(({ what, most, measured }) => ({ what, most, measured })) },
  },
  { partial },
)
