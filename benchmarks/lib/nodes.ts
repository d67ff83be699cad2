// The Node.js versions of Lambda's managed runtimes, and where `npm run bench:install` has put them.
import { existsSync } from 'node:fs'
import { join } from 'node:path'

/** What is installed of each major version. 24 is that of the repository. */
export const nodes: Readonly<Record<string, string>> = { 22: '22.23.3', 26: '26.9.0' }

/** Path of a node of that major version; undefined where it is not installed. */
export function nodeOf(major: string): string | undefined {
  if (process.versions.node.startsWith(`${major}.`)) return process.execPath
  const path = join(import.meta.dirname, `../stacks/node_modules/node-${major}/bin/node`)
  return existsSync(path) ? path : undefined
}
