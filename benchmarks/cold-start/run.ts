// `npm run bench -- cold-start`: from the spawn of a process under AWS's own runtime to its first answer, over a bare
// handler: in each round all contenders start, in random order; figures are medians of the differences within a round.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { dependenciesOf, STACKS } from '../lib/about.ts'
import { bundle, type Format, gzipped } from '../lib/bundle.ts'
import { bare, type Contender, contenders, STACK_TITLES, type StackName } from '../lib/contenders.ts'
import { startEmulators } from '../lib/emulators.ts'
import { nodeOf } from '../lib/nodes.ts'
import { options } from '../lib/options.ts'
import { progress } from '../lib/progress.ts'
import { publish, type Table } from '../lib/results.ts'
import { startRuntime } from '../lib/runtime.ts'
import { differences, median, rounded, roundedInterval, shuffled } from '../lib/statistics.ts'
import { throttle } from '../lib/throttle.ts'
import { timedEvent } from './events.ts'
import { gate } from './gate.ts'

const { values, partial } = options({
  stack: { type: 'string', multiple: true },
  pairs: { type: 'string', default: '30' },
  format: { type: 'string' },
  node: { type: 'string' },
  cpu: { type: 'string' },
  https: { type: 'boolean' },
})
const pairs = Number(values.pairs)
if (!(Number.isInteger(pairs) && pairs > 0)) throw new RangeError(`--pairs is a number of rounds, not ${values.pairs}`)
for (const stack of values.stack ?? [])
  if (!(stack in STACK_TITLES)) throw new RangeError(`--stack is one of ${Object.keys(STACK_TITLES).join(', ')}`)

/** How the contenders are run: all of them the first way, some of them the others. */
interface Way {
  readonly title: string
  readonly format: Format
  readonly node: string
  /** What the emulators speak. */
  readonly protocol?: 'http' | 'https' | undefined
  /** Share of a core. */
  readonly cpu: number
  readonly of: readonly Contender[]
}
const chosen = contenders.filter(({ stack }) => values.stack?.includes(stack) ?? true)
const varied = chosen.filter(({ variants }) => variants)
const calls = ({ stack }: Contender) => stack === 'full' || stack === 'aws-call'
const esm = { format: 'esm', node: '24', cpu: 1 } as const
const asked = values.format !== undefined || values.node !== undefined || values.cpu !== undefined || values.https
const ways: readonly Way[] = asked
  ? [
      {
        title: 'as asked',
        format: values.format === 'cjs' ? 'cjs' : 'esm',
        node: values.node ?? '24',
        protocol: values.https ? 'https' : 'http',
        cpu: Number(values.cpu ?? 1),
        of: chosen,
      },
    ]
  : [
      { title: 'ES modules, Node.js 24', ...esm, of: chosen },
      { title: 'AWS over HTTPS', ...esm, protocol: 'https', of: varied.filter(calls) },
      { title: 'CommonJS', ...esm, format: 'cjs', of: varied },
      { title: 'Node.js 22', ...esm, node: '22', of: varied },
      { title: 'Node.js 26', ...esm, node: '26', of: varied },
      { title: 'a quarter of a core', ...esm, cpu: 0.25, of: varied },
    ]

const runtime = await startRuntime()
const http = await startEmulators()
const https = await startEmulators('https')
const folder = mkdtempSync(join(tmpdir(), 'lambent-bench-'))

interface Built {
  readonly folder: string
  readonly bytes: number
  readonly gzip: number
}
const bundles = new Map<string, Built>()
async function built({ entry, schema }: Contender, format: Format): Promise<Built> {
  const key = `${entry}-${schema ?? 'no'}-${format}`
  const known = bundles.get(key)
  if (known) return known
  const code = await bundle(entry, { format, schema })
  const own = join(folder, key.replaceAll('/', '-'))
  mkdirSync(own)
  writeFileSync(join(own, format === 'esm' ? 'handler.mjs' : 'handler.cjs'), code)
  const made = { folder: own, bytes: code.byteLength, gzip: gzipped(code) }
  bundles.set(key, made)
  return made
}

interface Row {
  readonly stack: StackName
  readonly contender: string
  readonly ours: boolean
  readonly bytes: number
  readonly gzip: number
  /** ms over the bare handler: medians, and their 95 % intervals. */
  readonly init: number
  readonly first: number
  readonly interval: readonly [number, number]
  /** ms, not over anything. */
  readonly total: number
  /** ms over the same by hand, for ours where there is one. */
  readonly overHand?: { readonly ms: number; readonly interval: readonly [number, number] } | undefined
}

async function measure({ title, format, node: major, protocol, cpu, of }: Way): Promise<readonly Row[]> {
  const emulators = protocol === 'https' ? https : http
  const node = nodeOf(major)
  if (node === undefined) {
    console.error(`${title}: not run, since Node.js ${major} is not installed; \`npm run bench:install\` does`)
    return []
  }
  const all = [bare, ...of]
  const held = cpu < 1 ? throttle(cpu) : undefined
  const start = async (contender: Contender, events: readonly unknown[], throttled = true) =>
    runtime.start({
      folder: (await built(contender, format)).folder,
      events,
      environment: emulators.environment,
      node,
      throttle: throttled ? held : undefined,
    })
  for (const contender of all) await gate(contender, events => start(contender, events, false), emulators)

  const inits = new Map<Contender, number[]>(all.map(each => [each, []]))
  const firsts = new Map<Contender, number[]>(all.map(each => [each, []]))
  const tick = progress(title, pairs * all.length)
  for (let round = 0; round < pairs; round++)
    for (const contender of shuffled(all)) {
      const { init, first } = await start(contender, [timedEvent(contender.stack, contender.entry)])
      inits.get(contender)?.push(init)
      firsts.get(contender)?.push(first)
      tick()
    }
  await held?.close()

  return Promise.all(
    all.map(async contender => {
      const { bytes, gzip } = await built(contender, format)
      const over = differences(firsts.get(contender) ?? [], firsts.get(bare) ?? [])
      const { stack, entry, schema } = contender
      const byHand = all.find(
        each => entry === `${stack}/lambent` && each.entry === `${stack}/by-hand` && each.schema === schema,
      )
      const overByHand = byHand && differences(firsts.get(contender) ?? [], firsts.get(byHand) ?? [])
      return {
        stack: contender.stack,
        contender: contender.name,
        ours: contender.ours,
        bytes,
        gzip,
        init: rounded(median(differences(inits.get(contender) ?? [], inits.get(bare) ?? []))),
        first: rounded(median(over)),
        interval: roundedInterval(over),
        overHand: overByHand && { ms: rounded(median(overByHand)), interval: roundedInterval(overByHand) },
        total: rounded(median(firsts.get(contender) ?? [])),
      }
    }),
  )
}

const runs: { readonly way: Omit<Way, 'of'>; readonly rows: readonly Row[] }[] = []
try {
  for (const way of ways) {
    if (way.of.length === 0) continue
    const { of: _, ...rest } = way
    runs.push({ way: rest, rows: await measure(way) })
  }
} finally {
  runtime.close()
  http.close()
  https.close()
  rmSync(folder, { recursive: true, force: true })
}

const stacks = Object.keys(STACK_TITLES) as StackName[]
const columns = ['', 'bundle, kB', 'gzip, kB', 'init over bare, ms', 'first answer over bare, ms', '95 % interval']
const tableOf = (title: string, rows: readonly Row[]): Table => ({
  title,
  columns,
  rows: rows.map(row => [
    row.ours ? `**${row.contender}**` : row.contender,
    rounded(row.bytes / 1000),
    rounded(row.gzip / 1000),
    row.init,
    row.first,
    row.interval.join(' to '),
  ]),
})
const [main, ...others] = runs
const tables = [
  ...stacks.flatMap(stack => {
    const rows = main?.rows.filter(row => row.stack === stack && stack !== 'bare') ?? []
    return rows.length > 0 ? [tableOf(STACK_TITLES[stack], rows)] : []
  }),
  ...others
    .filter(({ rows }) => rows.length > 0)
    .map(({ way, rows }) =>
      tableOf(
        way.title,
        rows
          .filter(({ stack }) => stack !== 'bare')
          .map(row => ({ ...row, contender: `${row.stack}: ${row.contender}` })),
      ),
    ),
]

/** What a row costs over bare; undefined where it was not run. */
const cost = (rows: readonly Row[], stack: StackName, contender: string): number | undefined =>
  rows.find(row => row.stack === stack && row.contender === contender)?.first
const conclusions = runs.flatMap(({ way, rows }) =>
  ["import { z } from 'zod'", "import * as z from 'zod'", 'zod/mini'].flatMap(schema => {
    const ours = cost(rows, 'full', `Lambent · ${schema}`)
    const theirs = cost(rows, 'full', `middy + Powertools · ${schema}`)
    if (ours === undefined || theirs === undefined) return []
    const floor = cost(rows, 'full', 'the same calls, unsigned POSTs (the floor) · zod/mini') ?? 0
    const over =
      schema === 'zod/mini'
        ? `, and ${rounded((ours - floor) / (theirs - floor), 2)} over the floor of the same calls`
        : ''
    return [
      `${way.title}, full stack, ${schema}: Lambent costs ${rounded(ours / theirs, 2)} of middy + Powertools${over}.`,
    ]
  }),
)
for (const { stack, contender, overHand } of main?.rows ?? [])
  if (stack === 'http' && overHand)
    conclusions.push(
      `HTTP, ${contender}: ${overHand.ms} ms (${overHand.interval.join(' to ')}) over the schema library by hand, within a round.`,
    )
const bareMs = runs.map(({ way, rows }) => `${way.title} ${rows.find(({ stack }) => stack === 'bare')?.total} ms`)

publish(
  {
    name: 'cold-start',
    title: 'Cold start: from the spawn of a process to its first answer',
    method: `aws-lambda-ric, ${pairs} rounds: in each all contenders start once, in random order. Medians of the differences to a bare handler of the same round, with 95 % bootstrap intervals. The bare handler takes: ${bareMs.join(', ')}.`,
    tables,
    chart: {
      title: 'First answer over a bare handler, ms',
      unit: 'ms',
      groups: stacks.flatMap(stack => {
        const rows = main?.rows.filter(row => row.stack === stack && stack !== 'bare') ?? []
        const bars = rows.map(row => ({
          label: row.contender,
          value: row.first,
          interval: row.interval,
          ours: row.ours,
        }))
        return bars.length > 0 ? [{ title: STACK_TITLES[stack], bars }] : []
      }),
    },
    conclusions,
    data: { pairs, runs: runs.map(({ way, rows }) => ({ ...way, rows })) },
    packages: ['aws-lambda-ric', 'esbuild', ...dependenciesOf(STACKS)],
  },
  { partial },
)
process.exit()
