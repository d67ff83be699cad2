// `npm run examples [name…]`: each example as a user copies it. Packs the packages, copies the example into a folder of its own,
// installs it from the tarballs, typechecks, builds and tests it: its tests run the built functions under Lambda's Runtime
// API against emulators, with requests over HTTP, messages of a queue, records of a stream. Says what became of each, and
// exits with 1 if one failed.
import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, existsSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, delimiter, dirname, join, resolve } from 'node:path'

const root = resolve(import.meta.dirname, '..')
const wanted = process.argv.slice(2)
const examples = globSync('examples/*/package.json', { cwd: root })
  .map(file => basename(dirname(file)))
  .filter(name => wanted.length === 0 || wanted.includes(name))
  .sort()
if (examples.length === 0) throw new Error(`there is no example ${wanted.join(', ')}`)

const folder = mkdtempSync(join(tmpdir(), 'lambent-examples-'))
const hasLint = spawnSync('cfn-lint', ['--version']).status === 0
if (!hasLint) console.log('cfn-lint is not on this machine: the templates are not checked')

// As on a user's machine: what an example needs must be in its package.json, and not in this repository's.
const PATH = [dirname(process.execPath), ...(process.env.PATH ?? '').split(delimiter)]
  .filter(folder => !folder.endsWith(join('node_modules', '.bin')))
  .join(delimiter)

const INSTALL = ['install', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error']

interface Step {
  readonly name: string
  readonly ok: boolean
  readonly seconds: number
}

function step(name: string, cwd: string, command: string, ...args: string[]): Step {
  const start = performance.now()
  const { NODE_OPTIONS: _, NODE_PATH: __, ...env } = process.env
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd,
    encoding: 'utf8',
    env: { ...env, PATH, FORCE_COLOR: '0' },
  })
  if (status !== 0) console.log(`${stdout}${stderr}`)
  const [, tests] = /Tests +(\d+ passed)/.exec(stdout) ?? []
  return {
    name: tests ? `${tests} in` : name,
    ok: status === 0,
    seconds: Math.round((performance.now() - start) / 100) / 10,
  }
}

let failed = 0
try {
  if (hasLint) {
    const templates = examples.map(name => join('examples', name, 'template.yaml'))
    const { ok, seconds } = step('cfn-lint', root, 'cfn-lint', ...templates)
    if (!ok) failed++
    console.log(`cfn-lint ${ok ? 'ok' : 'FAILED'}: ${templates.length} templates in ${seconds} s`)
  }
  const tarballs: Record<string, string> = {}
  for (const file of globSync('packages/*/package.json', { cwd: root })) {
    const cwd = join(root, dirname(file))
    const text = execFileSync('npm', ['pack', '--json', '--pack-destination', folder], {
      cwd,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    const [{ name, filename }] = JSON.parse(text)
    tarballs[name] = `file:${join(folder, filename)}`
  }
  const created = 'created-by-create-lambent'
  const projects = wanted.length > 0 ? examples : [...examples, created]
  for (const [index, name] of projects.entries()) {
    const project = join(folder, name)
    const steps: Step[] = []
    if (name === created) {
      const flags = ['--source', 'sqs', '--with', 'all']
      steps.push(step('create', folder, 'npx', '--yes', tarballs['create-lambent'] ?? '', created, ...flags))
      if (!steps[0]?.ok) throw new Error('create-lambent wrote no project')
    } else
      cpSync(join(root, 'examples', name), project, {
        recursive: true,
        filter: file => !/(^|[/\\])(node_modules|dist|cdk\.out|\.turbo)$/.test(file),
      })
    const manifest = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8'))
    const fromTarballs = (given: Record<string, string> = {}) =>
      Object.fromEntries(
        Object.entries(given).map(([dependency, version]) => [dependency, tarballs[dependency] ?? version]),
      )
    writeFileSync(
      join(project, 'package.json'),
      JSON.stringify({
        ...manifest,
        dependencies: fromTarballs(manifest.dependencies),
        devDependencies: fromTarballs(manifest.devDependencies),
        // The packages name each other by version: these are not published yet, or not these.
        overrides: tarballs,
      }),
    )
    const then = (...of: Parameters<typeof step>) => {
      if (steps.every(({ ok }) => ok)) steps.push(step(...of))
    }
    then('install', project, 'npm', ...INSTALL)
    then('typecheck', project, 'npm', 'run', 'typecheck')
    then('build', project, 'npm', 'run', 'build')
    then('test', project, 'npm', 'test')
    const cdk = join(project, 'cdk')
    if (existsSync(cdk)) {
      then('cdk: install', cdk, 'npm', ...INSTALL)
      then('test', cdk, 'npm', 'test')
      then('synth', cdk, 'npx', '--no-install', 'cdk', 'synth', '--quiet', '--no-notices')
      // W3005: CDK says twice what depends on what.
      const synthesized = globSync('cdk.out/*.template.json', { cwd: cdk })
      if (hasLint) then('cfn-lint', cdk, 'cfn-lint', '--ignore-checks', 'W3005', '--', ...synthesized)
    }
    if (manifest.devDependencies?.['@lambent/cli'])
      then('lambent', project, 'npx', '--no-install', 'lambent', 'dlq', '--help')
    const ok = steps.every(each => each.ok)
    if (!ok) failed++
    console.log(
      `${index + 1}/${projects.length} ${ok ? 'ok    ' : 'FAILED'} ${name}: ${steps.map(each => `${each.name} ${each.ok ? `${each.seconds} s` : 'failed'}`).join(', ')}`,
    )
    rmSync(project, { recursive: true, force: true })
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}
if (failed > 0) process.exitCode = 1
