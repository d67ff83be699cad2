// `npm run bench -- warm`: what an invocation costs a process that is warm, through chains of middlewares that each add a
// key: ns by mitata, each chain in a process of its own, in rounds in random order, and bytes allocated.
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { runWithRoom } from '../lib/bytes.ts'
import { options } from '../lib/options.ts'
import { progress } from '../lib/progress.ts'
import { publish } from '../lib/results.ts'
import { interval, median, ratios, rounded, shuffled } from '../lib/statistics.ts'
import { type Chain, chains, LENGTHS } from './contenders.ts'

const { values, partial } = options({ rounds: { type: 'string', default: '5' } })
const rounds = Number(values.rounds)

const ONE = join(import.meta.dirname, 'one.ts')
const times = new Map<Chain, number[]>(chains.map(chain => [chain, []]))
const tick = progress('warm', (rounds + 1) * chains.length)
for (let round = 0; round < rounds; round++)
  for (const chain of shuffled(chains)) {
    const args = ['--disable-warning=ExperimentalWarning', ONE, 'ns', String(chains.indexOf(chain))]
    times.get(chain)?.push(Number(execFileSync(process.execPath, args, { encoding: 'utf8' })))
    tick()
  }
const bytes = chains.map((_, index) => {
  tick()
  return Math.round(Number(runWithRoom(ONE, 'bytes', String(index))))
})

const rows = chains.map((chain, index) => {
  const { name: contender, group, length, ours } = chain
  const [low, high] = interval(times.get(chain) ?? [])
  return {
    contender,
    group,
    middlewares: length,
    ours,
    ns: Math.round(median(times.get(chain) ?? [])),
    interval: [Math.round(low), Math.round(high)] as const,
    bytes: bytes[index] ?? Number.NaN,
  }
})

const timesOf = (name: string, length: number) =>
  times.get(chains.find(chain => chain.group === 'plain' && chain.name === name && chain.length === length) as Chain) ??
  []
/** The median of the ratios within a round. */
const ratio = (name: string, over: string, length: number) =>
  rounded(median(ratios(timesOf(name, length), timesOf(over, length))), 2)
const SYNC = 'middy, synchronous hooks'
const ofMiddy = {
  empty: ratio('Lambent', SYNC, 0),
  synchronous: ratio('Lambent', SYNC, 10),
  asynchronous: ratio('Lambent', 'middy, async hooks', 10),
}

const title = { plain: 'Chains alone', http: 'Over HTTP: a request to a 201 with JSON' } as const
const groups = ['plain', 'http'] as const
publish(
  {
    name: 'warm',
    title: 'A warm invocation',
    method: `Chains of ${LENGTHS.join(', ')} middlewares that each add a key; the handler reads the last. Each in a process of its own, as a function is; ${rounds} rounds in random order, medians of mitata's, with 95 % bootstrap intervals. Bytes are exact, of code that is not optimised, which is when nothing is allocated less.`,
    tables: groups.map(group => ({
      title: title[group],
      columns: ['', ...LENGTHS.map(length => `${length}: ns`), ...LENGTHS.map(length => `${length}: bytes`)],
      rows: [...new Set(rows.filter(row => row.group === group).map(({ contender }) => contender))].map(contender => {
        const own = rows.filter(row => row.group === group && row.contender === contender)
        return [
          own[0]?.ours ? `**${contender}**` : contender,
          ...LENGTHS.map(length => own.find(row => row.middlewares === length)?.ns ?? ''),
          ...LENGTHS.map(length => own.find(row => row.middlewares === length)?.bytes ?? ''),
        ]
      }),
    })),
    chart: {
      title: 'A warm invocation through ten middlewares, ns',
      unit: 'ns',
      groups: groups.map(group => ({
        title: title[group],
        bars: rows
          .filter(row => row.group === group && row.middlewares === 10)
          .map(({ contender, ns, interval, ours }) => ({ label: contender, value: ns, interval, ours })),
      })),
    },
    conclusions: [
      `No middleware: Lambent takes ${ofMiddy.empty} of middy's time, ${ratio('Lambent', `${SYNC}, its early timeout off`, 0)} with its early timeout off.`,
      `Ten that add a key: Lambent takes ${ofMiddy.synchronous} of middy's time with synchronous hooks, ${ofMiddy.asynchronous} with asynchronous ones.`,
      `Ten async ones: Lambent takes ${ratio('Lambent, async middlewares', 'middy, async hooks', 10)} of middy's time.`,
    ],
    data: { rounds, rows, ofMiddy },
    packages: ['mitata', '@middy/core', '@aws-lambda-powertools/event-handler', 'hono'],
  },
  { partial },
)
process.exit()
