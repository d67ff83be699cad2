// `npm run bench:install`: what the benchmarks need and nothing else does: the peers that Lambent is compared with, the
// Node.js versions that Lambda runs, and AWS's own runtime. Some hundred MB, which a plain `npm install` is spared.
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { nodes } from './lib/nodes.ts'

const root = resolve(import.meta.dirname, '..')
const npm = (cwd: string, ...args: readonly string[]): void => {
  execFileSync('npm', [...args, '--no-audit', '--no-fund', '--loglevel=error'], { cwd, stdio: 'inherit' })
}

// The packages that hold nothing but the program: the package `node` would run an install script to find them.
const platform = `node-${process.platform}-${process.arch}`
const versions = Object.entries(nodes).map(([major, version]) => `node-${major}@npm:${platform}@${version}`)
npm(join(import.meta.dirname, 'stacks'), 'install', '--no-save', '--force', ...versions)
if (!existsSync(join(root, 'node_modules/aws-lambda-ric/rapid-client.node'))) npm(root, 'run', 'ric:install')
