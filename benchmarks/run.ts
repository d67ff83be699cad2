// `npm run bench`: all suites, one after the other, or `npm run bench -- <suite> [its options]` one of them.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { duration } from './lib/progress.ts'

/** Each with about how many seconds it takes on two cores. */
const SUITES: Readonly<Record<string, number>> = {
  size: 5,
  types: 10,
  warm: 160,
  batch: 15,
  secrets: 5,
  idempotency: 15,
  'aws-call': 30,
  powertools: 20,
  'cold-start': 420,
  targets: 1,
}

const [asked, ...args] = process.argv.slice(2)
if (asked !== undefined && SUITES[asked] === undefined) {
  console.error(`npm run bench [-- <suite> [options]], where <suite> is one of: ${Object.keys(SUITES).join(', ')}`)
  process.exit(1)
}
const suites = Object.entries(SUITES).filter(([name]) => asked === undefined || asked === name)
const started = performance.now()
const failed: string[] = []
for (const [index, [name, seconds]] of suites.entries()) {
  const left = suites.slice(index).reduce((sum, [, each]) => sum + each, 0)
  if (asked === undefined)
    console.error(
      `== ${name}: ${index + 1} of ${suites.length}, about ${duration(seconds)}; about ${duration(left)} to the end`,
    )
  // --expose-gc: what is measured in bytes begins after a collection.
  const { status } = spawnSync(process.execPath, ['--expose-gc', join(import.meta.dirname, name, 'run.ts'), ...args], {
    stdio: 'inherit',
  })
  if (status !== 0) failed.push(name)
}
if (asked === undefined) console.error(`== all in ${duration((performance.now() - started) / 1000)}`)
if (failed.length > 0) console.error(`failed: ${failed.join(', ')}`)
process.exitCode = failed.length === 0 ? 0 : 1
