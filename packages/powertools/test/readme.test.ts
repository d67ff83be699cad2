// What the README says of metrics and alarms is what there is.
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'

const readme = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8')
const source = readFileSync(join(import.meta.dirname, '../src/framework-metrics.ts'), 'utf8')

it('the table has each metric that there is, and no other', () => {
  const told = [...readme.matchAll(/^\| `([A-Z]\w+)` +\| (Count|Milliseconds)/gm)].map(([, name]) => name)
  const counted = [...source.matchAll(/: '([A-Z]\w+)',/g)].map(([, name]) => name)
  const set = [...source.matchAll(/#(?:add|set)\((?:[^,)]*\? )?'([A-Z]\w+)'(?: : '([A-Z]\w+)')?/g)].flatMap(
    ([, one, other]) => (other ? [one, other] : [one]),
  )
  expect(told.toSorted()).toEqual([...new Set([...counted, ...set])].toSorted())
  expect(told.length).toBeGreaterThan(25)
})

const hasLint = spawnSync('cfn-lint', ['--version']).status === 0
it.runIf(hasLint)('the alarms are CloudFormation', () => {
  const [, yaml] = /## Alarms[\s\S]*?```yaml\n([\s\S]*?)```/.exec(readme) ?? []
  const folder = mkdtempSync(join(tmpdir(), 'lambent-alarms-'))
  try {
    writeFileSync(join(folder, 'template.yaml'), yaml ?? '')
    execFileSync('cfn-lint', [join(folder, 'template.yaml')], { stdio: 'pipe' })
    expect(yaml).toContain('IteratorAge')
  } finally {
    rmSync(folder, { recursive: true })
  }
})
if (!hasLint) console.log('cfn-lint is not on this machine: the alarms are not checked')
