// `npm run bench -- types`: what the types of long chains cost the compiler: instantiations, and the time of the check.
import { options } from '../lib/options.ts'
import { progress } from '../lib/progress.ts'
import { publish } from '../lib/results.ts'
import { median, rounded, shuffled } from '../lib/statistics.ts'
import { type Checked, check } from './check.ts'
import { type Program, programs } from './programs.ts'

const CHAINS = 30
const LENGTH = 20
const { values, partial } = options({ rounds: { type: 'string', default: '5' } })
const rounds = Number(values.rounds)

const checked = new Map<Program, Checked[]>(programs.map(program => [program, []]))
const tick = progress('types', rounds * programs.length)
for (let round = 0; round < rounds; round++)
  for (const program of shuffled(programs)) {
    checked.get(program)?.push(check(program, CHAINS, LENGTH))
    tick()
  }

const rows = programs.map(program => {
  const all = checked.get(program) ?? []
  const of = (key: keyof Checked) => median(all.map(each => each[key]))
  return {
    contender: program.name,
    ours: program.ours,
    instantiations: of('instantiations'),
    types: of('types'),
    checkTime: rounded(of('checkTime'), 3),
    memory: of('memory'),
  }
})

publish(
  {
    name: 'types',
    title: 'What types cost the compiler',
    method: `${CHAINS} files, each with a chain of ${LENGTH} middlewares that each add a key of their own; every second needs the key before its own, the handler reads all. \`tsc --extendedDiagnostics\`, ${rounds} rounds, medians; instantiations are the same each time.`,
    tables: [
      {
        columns: ['', 'instantiations', 'types', 'check time, s', 'memory, MB'],
        rows: rows.map(row => [
          row.ours ? `**${row.contender}**` : row.contender,
          row.instantiations,
          row.types,
          row.checkTime,
          row.memory,
        ]),
      },
    ],
    chart: {
      title: `Type instantiations, ${CHAINS} chains of ${LENGTH} middlewares`,
      unit: '',
      groups: [
        {
          title: '',
          bars: rows.map(({ contender, instantiations, ours }) => ({ label: contender, value: instantiations, ours })),
        },
      ],
    },
    data: { chains: CHAINS, length: LENGTH, rounds, rows },
    packages: ['typescript', 'hono', '@trpc/server'],
  },
  { partial },
)
