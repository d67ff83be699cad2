// Which program runs the handler: AWS's own aws-lambda-ric where the project has it, our bootstrap elsewhere.
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export interface RuntimeLocation {
  readonly runtime: 'ric' | 'bootstrap'
  /** The file that node runs. */
  readonly entry: string
}

/**
 * `auto` takes aws-lambda-ric if it resolves from one of `folders` and its native client has been compiled.
 * @throws {Error} for `ric`, if there is none.
 */
export function locateRuntime(wanted: 'auto' | 'ric' | 'bootstrap', folders: readonly string[]): RuntimeLocation {
  if (wanted === 'bootstrap') return bootstrap()
  const found = folders.map(findRic).find(entry => entry !== undefined)
  if (found !== undefined && existsSync(join(dirname(found), 'rapid-client.node'))) {
    return { runtime: 'ric', entry: found }
  }
  if (wanted === 'auto') return bootstrap()
  throw new Error(
    found === undefined
      ? `startFunction: runtime is 'ric', but aws-lambda-ric does not resolve from ${folders.join(' or ')}. ` +
          `Install it as a devDependency, or leave runtime at 'auto'.`
      : `startFunction: runtime is 'ric', but the native client of ${dirname(found)} has not been compiled. ` +
          `It compiles on Linux when npm runs its install scripts; elsewhere leave runtime at 'auto'.`,
  )
}

function findRic(folder: string): string | undefined {
  try {
    return createRequire(join(folder, 'package.json')).resolve('aws-lambda-ric')
  } catch {
    return undefined
  }
}

function bootstrap(): RuntimeLocation {
  // Beside this module in dist, and beside its source where the source runs as it is.
  const name = import.meta.url.endsWith('.ts') ? './bootstrap.ts' : './bootstrap.mjs'
  return { runtime: 'bootstrap', entry: fileURLToPath(new URL(name, import.meta.url)) }
}
