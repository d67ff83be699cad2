// What a result depends on: the date, the machine without its name, and the versions of all that took part.
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { cpus } from 'node:os'
import { dirname, join, sep } from 'node:path'

export interface About {
  /** ISO 8601. */
  readonly date: string
  readonly machine: string
  readonly versions: Readonly<Record<string, string>>
}

/** The folder of the peers, which are not installed with the workspaces. */
export const STACKS: string = join(import.meta.dirname, '../stacks')

/** With the versions of these packages, where they are installed; those of Lambent are the repository's own. */
export function about(packages: readonly string[] = []): About {
  const versions = packages.flatMap(name => {
    const version = versionOf(name)
    return version === undefined ? [] : [[name, version] as const]
  })
  return {
    date: new Date().toISOString().slice(0, 10),
    machine: `${cpus()[0]?.model.trim()}, ${cpus().length} cores, Node.js ${process.version}`,
    versions: Object.fromEntries(versions),
  }
}

function versionOf(name: string): string | undefined {
  for (let folder = STACKS; folder !== dirname(folder); folder = dirname(folder)) {
    const file = join(folder, 'node_modules', name, 'package.json')
    if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')).version
  }
  return undefined
}

/** All packages of a folder's package.json. */
export function dependenciesOf(folder: string): string[] {
  const { dependencies = {} } = createRequire(import.meta.url)(`${folder}${sep}package.json`)
  return Object.keys(dependencies)
}
