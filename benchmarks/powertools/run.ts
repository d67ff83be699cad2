// `npm run bench -- powertools`: what logger() and metrics() cost a cold start, beside the two packages of
// Powertools by themselves: from the spawn of a process to the answer of its first invocation, over a bare handler. Each
// round spawns all contenders in random order; figures are medians of the differences within a round.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import { options } from '../lib/options.ts'
import { progress } from '../lib/progress.ts'
import { publish } from '../lib/results.ts'
import { differences, median, rounded, roundedInterval, shuffled } from '../lib/statistics.ts'
import { call, contenders } from './contenders.ts'

const { values, partial } = options({ pairs: { type: 'string', default: '40' } })
const ROUNDS = Number(values.pairs)
const BARE = 'bare'

const folder = mkdtempSync(join(tmpdir(), 'lambent-bench-'))
const files: Record<string, string> = {}
for (const [index, [name, source]] of Object.entries(contenders).entries()) {
  const outfile = join(folder, `${index}.mjs`)
  await build({
    stdin: { contents: source + call, resolveDir: import.meta.dirname },
    bundle: true,
    minify: true,
    outfile,
    format: 'esm',
    platform: 'node',
    target: 'node22',
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  })
  files[name] = outfile
}

/** ms from the spawn to the answer, and what was written until then. */
async function answer(name: string): Promise<{ readonly ms: number; readonly text: string }> {
  const env = { PATH: process.env.PATH, AWS_LAMBDA_FUNCTION_NAME: 'f', AWS_REGION: 'eu-west-1' }
  const start = performance.now()
  const child = spawn(process.execPath, [files[name] ?? ''], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  let text = ''
  child.stdout.setEncoding('utf8').on('data', chunk => {
    text += chunk
  })
  const [status] = (await once(child.stderr, 'data')) as [Buffer]
  const ms = performance.now() - start
  assert.equal(`${status}`, '200', name)
  await once(child, 'exit')
  return { ms, text }
}

// A correctness gate: who logs has written the line and the metric.
for (const name of Object.keys(contenders)) {
  const { text } = await answer(name)
  const lines = text
    .split('\n')
    .filter(Boolean)
    .map(line => JSON.parse(line))
  const logs = /powertools/i.test(name)
  assert.equal(lines.filter(({ message }) => message === 'taken').length, logs ? 1 : 0, name)
  assert.equal(lines.filter(({ OrdersTaken }) => [OrdersTaken].flat()[0] === 1).length, logs ? 1 : 0, name)
}

const names = Object.keys(contenders)
const times: Record<string, number[]> = Object.fromEntries(names.map(name => [name, []]))
const tick = progress('powertools', ROUNDS * names.length)
for (let round = 0; round < ROUNDS; round++)
  for (const name of shuffled(names)) {
    times[name]?.push((await answer(name)).ms)
    tick()
  }
rmSync(folder, { recursive: true })

const OURS = '@lambent/powertools'
const PAIRS: readonly (readonly [string, string])[] = [
  ['engine alone (http)', BARE],
  ['Powertools', BARE],
  [OURS, BARE],
  [OURS, 'Powertools, in http()'],
  [OURS, 'Powertools'],
]
const rows = PAIRS.map(([contender, over]) => {
  const ms = differences(times[contender] ?? [], times[over] ?? [])
  return { contender, over, ms: rounded(median(ms)), interval: roundedInterval(ms) }
})
publish(
  {
    name: 'powertools',
    title: 'logger() and metrics(): cold start',
    method: `From the spawn of a process to the answer of its first invocation, which logs a line and publishes a metric. ${ROUNDS} rounds, medians of the differences within a round, 95 % bootstrap intervals.`,
    tables: [
      {
        columns: ['', 'over', 'ms', 'interval'],
        rows: rows.map(({ contender, over, ms, interval }) => [
          contender === OURS ? `**${contender}**` : contender,
          over,
          ms,
          interval.join(' to '),
        ]),
      },
    ],
    chart: {
      title: 'logger() and metrics(), a first line and a first metric, ms',
      unit: 'ms',
      groups: [
        {
          title: '',
          bars: rows.map(({ contender, over, ms, interval }) => ({
            label: `${contender}, over ${over}`,
            value: ms,
            interval,
            ours: contender === OURS,
          })),
        },
      ],
    },
    data: { rounds: ROUNDS, rows },
    packages: ['@aws-lambda-powertools/logger', '@aws-lambda-powertools/metrics', 'esbuild'],
  },
  { partial },
)
process.exit()
