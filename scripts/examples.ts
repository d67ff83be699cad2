// `npm run examples [name…]`: each example as a user copies it. Packs the packages, copies the example into a folder of its own,
// installs it from the tarballs, typechecks, builds and tests it: its tests run the built functions under Lambda's Runtime
// API against emulators, with requests over HTTP, messages of a queue, records of a stream. Says what became of each, and
// exits with 1 if one failed.
import { execFile, execFileSync, spawnSync } from 'node:child_process'
import { cpSync, existsSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, delimiter, dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'

const root = resolve(import.meta.dirname, '..')
const wanted = process.argv.slice(2)
const examples = globSync('examples/*/package.json', { cwd: root })
  .map(file => basename(dirname(file)))
  .filter(name => wanted.length === 0 || wanted.includes(name))
  .sort()
if (examples.length === 0) throw new Error(`there is no example ${wanted.join(', ')}`)

const CREATED = 'created-by-create-lambent'
const INSTALL = ['install', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error']
const AT_ONCE = 2 // an install waits for the disk while another's tests run

const folder = mkdtempSync(join(tmpdir(), 'lambent-examples-'))
const hasLint = spawnSync('cfn-lint', ['--version']).status === 0
if (!hasLint) console.log('cfn-lint is not on this machine: the templates are not checked')

// As on a user's machine: what an example needs must be in its package.json, and not in this repository's.
const { NODE_OPTIONS: _, NODE_PATH: __, ...env } = process.env
const PATH = [dirname(process.execPath), ...(env.PATH ?? '').split(delimiter)]
  .filter(entry => !entry.endsWith(join('node_modules', '.bin')))
  .join(delimiter)

/** What was done, for a person. @throws what the command wrote, when it failed */
async function step(name: string, cwd: string, command: string, ...args: string[]): Promise<string> {
  const start = performance.now()
  const options = { cwd, env: { ...env, PATH, FORCE_COLOR: '0' }, maxBuffer: 100_000_000 }
  const { stdout } = await promisify(execFile)(command, args, options).catch(error => {
    throw new Error(`${name}: ${error.message}\n${error.stdout}${error.stderr}`)
  })
  const [, tests] = /Tests +(\d+ passed)/.exec(stdout) ?? []
  return `${tests ? `${tests} in` : name} ${((performance.now() - start) / 1000).toFixed(1)} s`
}

function pack(): Readonly<Record<string, string>> {
  const tarballs: Record<string, string> = {}
  for (const file of globSync('packages/*/package.json', { cwd: root })) {
    const text = execFileSync('npm', ['pack', '--json', '--pack-destination', folder], {
      cwd: join(root, dirname(file)),
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    const [{ name, filename }] = JSON.parse(text)
    tarballs[name] = `file:${join(folder, filename)}`
  }
  return tarballs
}

/** The manifest with tarballs in the place of versions that are not published. Gives what it was. */
function useTarballs(project: string, tarballs: Readonly<Record<string, string>>) {
  const file = join(project, 'package.json')
  const manifest = JSON.parse(readFileSync(file, 'utf8'))
  const fromTarballs = (given: Readonly<Record<string, string>> = {}) =>
    Object.fromEntries(
      Object.entries(given).map(([dependency, version]) => [dependency, tarballs[dependency] ?? version]),
    )
  const dependencies = fromTarballs(manifest.dependencies)
  const devDependencies = fromTarballs(manifest.devDependencies)
  // The packages name each other by version, too.
  writeFileSync(file, JSON.stringify({ ...manifest, dependencies, devDependencies, overrides: tarballs }))
  return manifest
}

/** Each step that was done. @throws at the first that fails */
async function* steps(name: string, tarballs: Readonly<Record<string, string>>): AsyncGenerator<string> {
  const project = join(folder, name)
  if (name === CREATED) {
    const flags = ['--source', 'sqs', '--with', 'all']
    yield await step('create', folder, 'npx', '--yes', tarballs['create-lambent'] ?? '', CREATED, ...flags)
  } else
    cpSync(join(root, 'examples', name), project, {
      recursive: true,
      filter: file => !/(^|[/\\])(node_modules|dist|cdk\.out|\.turbo)$/.test(file),
    })
  const { devDependencies } = useTarballs(project, tarballs)
  yield await step('install', project, 'npm', ...INSTALL)
  yield await step('typecheck', project, 'npm', 'run', 'typecheck')
  yield await step('build', project, 'npm', 'run', 'build')
  yield await step('test', project, 'npm', 'test')
  if (devDependencies['@lambent/cli'])
    yield await step('lambent', project, 'npx', '--no-install', 'lambent', 'dlq', '--help')

  const cdk = join(project, 'cdk')
  if (!existsSync(cdk)) return
  yield await step('cdk: install', cdk, 'npm', ...INSTALL)
  yield await step('test', cdk, 'npm', 'test')
  yield await step('synth', cdk, 'npx', '--no-install', 'cdk', 'synth', '--quiet', '--no-notices')
  const synthesized = globSync('cdk.out/*.template.json', { cwd: cdk })
  // W3005: CDK says twice what depends on what.
  if (hasLint) yield await step('cfn-lint', cdk, 'cfn-lint', '--ignore-checks', 'W3005', '--', ...synthesized)
}

let failed = 0
/** One line for what was tried, with what it wrote where it failed. */
async function report(name: string, work: AsyncIterable<string>): Promise<void> {
  const done: string[] = []
  try {
    for await (const each of work) done.push(each)
    console.log(`ok     ${name}: ${done.join(', ')}`)
  } catch (error) {
    failed++
    console.log(`FAILED ${name}: ${[...done, (error as Error).message].join(', ')}`)
  }
}

async function* lint(): AsyncGenerator<string> {
  const templates = examples.map(name => join('examples', name, 'template.yaml'))
  yield await step(`${templates.length} in`, root, 'cfn-lint', ...templates)
}

try {
  if (hasLint) await report('templates, by cfn-lint', lint())
  const tarballs = pack()
  const left = wanted.length > 0 ? [...examples] : [...examples, CREATED]
  const work = async () => {
    for (let name = left.shift(); name !== undefined; name = left.shift()) {
      await report(name, steps(name, tarballs))
      rmSync(join(folder, name), { recursive: true, force: true })
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
} finally {
  rmSync(folder, { recursive: true, force: true })
}
if (failed > 0) process.exitCode = 1
