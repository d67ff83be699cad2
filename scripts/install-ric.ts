// `npm run ric:install`: AWS's own runtime, aws-lambda-ric, for the demo and the tests of @lambent/local. It is no
// dependency, because it compiles a native client for about a minute, on Linux only. `npm install` removes it again.
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const VERSION = '4.0.2'
const TOOLS = {
  cmake: 'cmake',
  make: 'make',
  'g++': 'g++',
  autoconf: 'autoconf',
  automake: 'automake',
  libtoolize: 'libtool',
}

if (process.platform !== 'linux')
  throw new Error('aws-lambda-ric compiles on Linux only: the bootstrap serves elsewhere')
const missing = Object.entries(TOOLS).filter(([tool]) => spawnSync('sh', ['-c', `command -v ${tool}`]).status !== 0)
if (missing.length > 0) {
  console.error(`aws-lambda-ric needs ${missing.map(([tool]) => tool).join(', ')} to compile. On Debian and Ubuntu:`)
  console.error(`  apt-get install ${missing.map(([, name]) => name).join(' ')}`)
  process.exit(1)
}

// Node's headers come from npm too, so that nothing else has to be reached.
const headers = mkdtempSync(join(tmpdir(), 'node-headers-'))
const npm = (args: readonly string[], env: object = {}): void => {
  execFileSync('npm', [...args, '--no-save', '--no-audit', '--no-fund', '--loglevel=error'], {
    stdio: 'inherit',
    env: { ...process.env, ...env },
  })
}
try {
  const name = `node-linux-${process.arch}`
  npm(['install', '--prefix', headers, `${name}@${process.versions.node}`])
  npm(['install', `aws-lambda-ric@${VERSION}`], { npm_config_nodedir: join(headers, 'node_modules', name) })
  console.log(`aws-lambda-ric ${VERSION} is in node_modules until the next npm install`)
} finally {
  rmSync(headers, { recursive: true, force: true })
}
