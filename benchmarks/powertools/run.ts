// `npm run bench:powertools -w @lambent/benchmarks`: what logger() and metrics() cost a cold start, beside the two packages of
// Powertools by themselves: from the spawn of a process to the answer of its first invocation, over a bare handler. Each
// round spawns all contenders in random order; figures are medians of the differences within a round.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import { call, contenders } from './contenders.ts'

const ROUNDS = Number(process.argv[process.argv.indexOf('--pairs') + 1] || 40) || 40
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

const times: Record<string, number[]> = {}
for (let round = 0; round < ROUNDS; round++) {
  for (const name of Object.keys(contenders).toSorted(() => Math.random() - 0.5))
    times[name] = [...(times[name] ?? []), (await answer(name)).ms]
  if (process.stderr.isTTY) process.stderr.write(`\rround ${round + 1} of ${ROUNDS}`)
}
rmSync(folder, { recursive: true })

const median = (values: readonly number[]) =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
function interval(values: readonly number[]): readonly [number, number] {
  const medians = Array.from({ length: 2000 }, () =>
    median(Array.from(values, () => values[Math.floor(Math.random() * values.length)] ?? 0)),
  ).toSorted((a, b) => a - b)
  return [medians[50] ?? Number.NaN, medians[1949] ?? Number.NaN]
}
const between = (name: string, other: string) => (times[name] ?? []).map((ms, i) => ms - (times[other]?.[i] ?? 0))
const round1 = (value: number) => Math.round(value * 10) / 10

const PAIRS: readonly (readonly [string, string])[] = [
  ['engine alone (http)', BARE],
  ['Powertools', BARE],
  ['@lambent/powertools', BARE],
  ['@lambent/powertools', 'Powertools, in http()'],
  ['@lambent/powertools', 'Powertools'],
]
const rows = PAIRS.map(([contender, over]) => {
  const values = between(contender, over)
  return { contender, over, ms: round1(median(values)), interval: interval(values).map(round1) }
})
const machine = { cpu: cpus()[0]?.model, cores: cpus().length, node: process.version }
const result = { date: new Date().toISOString().slice(0, 10), machine, rounds: ROUNDS, rows }
const table = [
  '# logger() and metrics(): cold start',
  '',
  `From the spawn of a process to the answer of its first invocation, which logs a line and publishes a metric. Medians of ${ROUNDS}`,
  `rounds with 95% intervals, ${result.date}, Node.js ${machine.node}, ${machine.cores} × ${machine.cpu}. By \`npm run bench:powertools -w @lambent/benchmarks\`.`,
  '',
  '| | over | ms | 95% |',
  '| --- | --- | --- | --- |',
  ...rows.map(({ contender, over, ms, interval }) => `| ${contender} | ${over} | ${ms} | ${interval.join(' to ')} |`),
  '',
].join('\n')
const results = join(import.meta.dirname, '../results')
mkdirSync(results, { recursive: true })
writeFileSync(join(results, 'powertools.json'), `${JSON.stringify(result, undefined, 2)}\n`)
writeFileSync(join(results, 'powertools.md'), table)
console.log(table)
