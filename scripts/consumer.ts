// `npm run consumer`: what a user gets. Packs the packages, installs the tarballs in a project outside of the
// repository, and there typechecks, bundles and runs handlers: as ES modules, and as CommonJS under the flags of
// Lambda's runtime, with which a CommonJS function cannot require an ES module.
import { execFileSync } from 'node:child_process'
import { cpSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

const LAMBDA_FLAGS = ['--no-experimental-require-module', '--no-experimental-detect-module']
const root = resolve(import.meta.dirname, '..')
const folder = mkdtempSync(join(tmpdir(), 'lambent-consumer-'))
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

const run = (cwd: string, command: string, ...args: string[]): string =>
  execFileSync(command, args, {
    cwd,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_OPTIONS: '' },
  })

const version = (name: string): string => manifest.devDependencies[name]

try {
  const tarballs: Record<string, string> = {}
  for (const file of globSync('packages/*/package.json', { cwd: root })) {
    const { name } = JSON.parse(readFileSync(join(root, file), 'utf8'))
    const [packed] = JSON.parse(run(join(root, file, '..'), 'npm', 'pack', '--json', '--pack-destination', folder))
    tarballs[name] = `file:${join(folder, packed.filename)}`
  }
  for (const type of ['module', 'commonjs'] as const) {
    const project = join(folder, type)
    mkdirSync(join(project, 'src'), { recursive: true })
    for (const file of ['handlers.ts', 'answers.ts'])
      cpSync(join(root, 'scripts/consumer', file), join(project, 'src', file))
    cpSync(join(root, 'examples/orders/events'), join(project, 'events'), { recursive: true })
    const types = ['typescript', 'esbuild', '@types/node', '@types/aws-lambda', 'zod']
    writeFileSync(
      join(project, 'package.json'),
      JSON.stringify({
        name: 'consumer',
        private: true,
        allowScripts: { esbuild: true },
        type,
        dependencies: tarballs,
        // Packages that name each other by version are to be found among the tarballs too.
        overrides: tarballs,
        devDependencies: Object.fromEntries(types.map(name => [name, version(name)])),
      }),
    )
    writeFileSync(
      join(project, 'tsconfig.json'),
      JSON.stringify({
        compilerOptions: {
          target: 'es2023',
          lib: ['es2024'],
          module: 'nodenext',
          types: ['node'],
          strict: true,
          exactOptionalPropertyTypes: true,
          noUncheckedIndexedAccess: true,
          skipLibCheck: false,
          outDir: 'dist',
          rootDir: 'src',
        },
        include: ['src'],
      }),
    )
    run(
      project,
      'npm',
      'install',
      '--prefer-offline',
      '--no-audit',
      '--no-fund',

      '--loglevel=error',
    )
    run(project, 'npx', '--no-install', 'tsc', '-p', '.')
    console.log(`${type}: typechecks with strict, exactOptionalPropertyTypes and skipLibCheck: false`)
    console.log(`${type}: ${run(project, process.execPath, ...LAMBDA_FLAGS, 'dist/answers.js').trim()}, as compiled`)
    const format = type === 'module' ? 'esm' : 'cjs'
    const out = `bundle/answers.${type === 'module' ? 'mjs' : 'cjs'}`
    run(
      project,
      'npx',
      '--no-install',
      'esbuild',
      'src/answers.ts',
      '--bundle',
      '--minify',
      '--platform=node',
      '--target=node22',
      `--format=${format}`,
      `--outfile=${out}`,
      '--log-level=warning',
    )
    console.log(`${type}: ${run(project, process.execPath, ...LAMBDA_FLAGS, out).trim()}, bundled by esbuild`)
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}
