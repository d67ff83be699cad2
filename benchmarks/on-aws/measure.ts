// `node on-aws/measure.ts [--stack-name lambent-benchmarks] [--rounds 10]`: forces cold starts of every function, by a
// change of its environment, and collects what Lambda reports of them. In each round all start once, in random order.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { timedEvent } from '../cold-start/events.ts'
import { progress } from '../lib/progress.ts'
import { differences, interval, median, rounded, shuffled } from '../lib/statistics.ts'
import { aws } from './aws.ts'
import { type Deployed, functions } from './functions.ts'
import { parseReport, type Report } from './report.ts'

const { values } = parseArgs({
  options: {
    'stack-name': { type: 'string', default: 'lambent-benchmarks' },
    rounds: { type: 'string', default: '10' },
  },
})
const rounds = Number(values.rounds)
const folder = mkdtempSync(join(tmpdir(), 'lambent-on-aws-'))

interface Resource {
  readonly LogicalResourceId: string
  readonly PhysicalResourceId: string
}
const { StackResources } = JSON.parse(
  await aws('cloudformation', 'describe-stack-resources', '--stack-name', values['stack-name']),
) as { readonly StackResources: readonly Resource[] }
const names = new Map(StackResources.map(({ LogicalResourceId: id, PhysicalResourceId: name }) => [id, name]))

function nameOf({ id }: Deployed): string {
  const name = names.get(id)
  if (name === undefined) throw new Error(`${id} is not deployed: run deploy.ts`)
  return name
}

/** The next invocation is a cold start: another environment is another configuration. */
async function forceColdStart(name: string): Promise<void> {
  const { Environment, MemorySize } = JSON.parse(
    await aws('lambda', 'get-function-configuration', '--function-name', name),
  )
  memory = MemorySize
  const environment = { Variables: { ...Environment?.Variables, COLD: String(Date.now()) } }
  await aws(
    ...['lambda', 'update-function-configuration', '--function-name', name],
    ...['--environment', JSON.stringify(environment)],
  )
  await aws('lambda', 'wait', 'function-updated-v2', '--function-name', name)
}
let memory = 0

async function coldStart(deployed: Deployed): Promise<Required<Report>> {
  const { contender } = deployed
  const name = nameOf(deployed)
  await forceColdStart(name)
  const event = join(folder, 'event.json')
  const answer = join(folder, 'answer.json')
  writeFileSync(event, JSON.stringify(timedEvent(contender.stack, contender.entry)))
  const { LogResult, FunctionError } = JSON.parse(
    await aws(
      ...['lambda', 'invoke', '--function-name', name, '--log-type', 'Tail'],
      // As bytes: version 2 of the CLI takes text for base64.
      ...['--payload', `fileb://${event}`, answer],
    ),
  )
  if (FunctionError) throw new Error(`${name} failed: ${readFileSync(answer, 'utf8')}`)
  const { initDuration, ...rest } = parseReport(Buffer.from(LogResult, 'base64').toString())
  if (initDuration === undefined) throw new Error(`${name} did not start cold`)
  return { ...rest, initDuration }
}

const reports = new Map<Deployed, Required<Report>[]>(functions.map(each => [each, []]))
try {
  const tick = progress('on AWS', rounds * functions.length)
  for (let round = 0; round < rounds; round++)
    for (const each of shuffled(functions)) {
      reports.get(each)?.push(await coldStart(each))
      tick()
    }
} finally {
  rmSync(folder, { recursive: true, force: true })
}

const total = (each: Deployed | undefined) =>
  (each ? (reports.get(each) ?? []) : []).map(({ initDuration, duration }) => initDuration + duration)
const bare = functions.find(({ contender }) => contender.stack === 'bare')
const rows = functions.map(each => {
  const own = reports.get(each) ?? []
  const over = differences(total(each), total(bare))
  return {
    stack: each.contender.stack,
    contender: each.contender.name,
    initDuration: rounded(median(own.map(({ initDuration }) => initDuration))),
    duration: rounded(median(own.map(({ duration }) => duration))),
    overBare: rounded(median(over)),
    interval: interval(over).map(value => rounded(value)),
    maxMemoryUsed: median(own.map(({ maxMemoryUsed }) => maxMemoryUsed)),
  }
})
const date = new Date().toISOString().slice(0, 10)
writeFileSync(join(import.meta.dirname, 'results.json'), `${JSON.stringify({ date, memory, rounds, rows }, null, 2)}\n`)
console.log(
  [
    `${date}, ${memory} MB, ${rounds} rounds, medians; over bare: init and first invocation together, with 95 % bootstrap intervals.`,
    '',
    '| stack | | Init Duration, ms | first Duration, ms | over bare, ms | interval | Max Memory Used, MB |',
    '| --- | --- | ---: | ---: | ---: | --- | ---: |',
    ...rows.map(
      row =>
        `| ${row.stack} | ${row.contender} | ${row.initDuration} | ${row.duration} | ${row.overBare} | ${row.interval.join(' to ')} | ${row.maxMemoryUsed} |`,
    ),
  ].join('\n'),
)
