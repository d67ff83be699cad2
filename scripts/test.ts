// `npm test`: every workspace's tests by turbo, which caches, then one line that adds up their reports.
import { spawnSync } from 'node:child_process'
import { existsSync, globSync, readFileSync, rmSync } from 'node:fs'
import { resolve } from 'node:path'

const [major] = process.versions.node.split('.').map(Number)
console.log(`Node.js ${process.version}`)
if (major !== 24) {
  console.error('The tests run on Node.js 24, which `npm install` brings (the package "node"): run them by `npm test`.')
  process.exit(1)
}

const reports = globSync('{packages/*,examples/*,checks,docs}/package.json')
  .filter(file => JSON.parse(readFileSync(file, 'utf8')).scripts?.test)
  .map(file => file.replace('package.json', '.turbo/test.json'))
for (const report of reports) rmSync(report, { force: true })

const ric = resolve('node_modules/aws-lambda-ric')
if (existsSync(ric)) process.env.LAMBENT_RIC ??= ric

const turbo = ['run', 'test', '--continue', '--concurrency=2', ...process.argv.slice(2)]
// Here, so that the examples' own settings are what a user's are.
const vitest = ['--reporter=default', '--reporter=json', '--outputFile=.turbo/test.json']
const { status } = spawnSync('turbo', [...turbo, '--', ...vitest], { stdio: 'inherit' })

let passed = 0
let failed = 0
const failures: string[] = []
for (const report of reports) {
  if (!existsSync(report)) {
    console.error(`no report at ${report}: its tests did not run to their end`)
    failed++
    continue
  }
  const counts = JSON.parse(readFileSync(report, 'utf8'))
  passed += counts.numPassedTests
  failed += counts.numFailedTests
  if (!counts.success && counts.numFailedTests === 0) failed++
  for (const file of counts.testResults) {
    const of = file.assertionResults.filter((test: { status: string }) => test.status === 'failed')
    for (const test of of) failures.push(`${file.name}: ${test.fullName}\n${test.failureMessages.join('\n')}`)
    if (file.status === 'failed' && of.length === 0) failures.push(`${file.name}\n${file.message}`)
  }
}
// Again, for the failed one is far up in a long output.
for (const failure of failures) console.error(`\nFAILED ${failure}`)
console.log(`\n${passed} passed, ${failed} failed`)
process.exit(status === 0 && failed === 0 && passed > 0 ? 0 : 1)
