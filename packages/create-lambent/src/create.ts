// The command: flags, prompts for what they leave open, and files that are never written over others.
import { existsSync } from 'node:fs'
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { cancel, intro, isCancel, multiselect, outro, select, text } from '@clack/prompts'
import { Command, CommanderError, Option } from 'commander'
import { project } from './project.ts'
import { PARTS, type Part, SOURCES, type SourceName } from './sources.ts'

export interface Surroundings {
  readonly version: string
  readonly cwd: string
  /** Somebody can be asked. */
  readonly interactive: boolean
}

interface Flags {
  readonly source?: SourceName
  readonly with?: string
}

class Cancelled extends Error {}
class WrongFlag extends Error {}

/** Gives the exit code: 0, 1 where nothing was written, 2 for a flag that is wrong. */
export async function create(argv: readonly string[], { version, cwd, interactive }: Surroundings): Promise<number> {
  const command = new Command('create-lambent')
    .description('A project of Lambent: a handler, its test and its template')
    .argument('[folder]', 'where to, and what it is called')
    .addOption(new Option('--source <source>', 'what triggers the function').choices(Object.keys(SOURCES)))
    .option('--with <parts>', `of ${Object.keys(PARTS).join(',')}; all, or none`)
    .version(version)
    .exitOverride()
  try {
    command.parse([...argv], { from: 'user' })
    const flags = command.opts<Flags>()
    const parts = flags.with === undefined ? undefined : partsOf(flags.with)
    const ask = interactive && (command.args[0] === undefined || !flags.source || !parts)
    if (ask) intro('create-lambent')
    const folder = command.args[0] ?? (ask ? await askFolder() : undefined)
    if (folder === undefined) throw new Error('name a folder: npm create lambent@latest my-function')
    const source = flags.source ?? (ask ? await askSource() : 'http')
    const chosen = parts ?? (ask ? await askParts(source) : [])
    const target = resolve(cwd, folder)
    const name = nameOf(target)
    await write(
      target,
      project({ name, source, parts: chosen, version: /^0\.0\.0/.test(version) ? version : `^${version}` }),
    )
    const left = flags.with === 'all' ? [] : chosen.filter(part => SOURCES[source].without.includes(part))
    if (left.length > 0)
      process.stderr.write(`create-lambent: without ${left.join(', ')}, which does not go with ${source}\n`)
    const quoted = /[^\w./\\:~-]/.test(folder) ? `'${folder}'` : folder
    const next = `cd ${quoted} && npm install && npm test`
    if (ask) outro(`${name} is there. Next: ${next}`)
    else process.stdout.write(`${name} is there. Next: ${next}\n`)
    return 0
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    if (error instanceof Cancelled) cancel('nothing was written')
    else process.stderr.write(`create-lambent: ${(error as Error).message}\n`)
    return error instanceof WrongFlag ? 2 : 1
  }
}

function partsOf(list: string): readonly Part[] {
  const all = Object.keys(PARTS) as Part[]
  if (list === 'all') return all
  if (list === 'none') return []
  const names = list.split(',').map(name => name.trim())
  const wrong = names.find(name => !(all as string[]).includes(name))
  if (wrong !== undefined) throw new WrongFlag(`--with: there is no ${JSON.stringify(wrong)}, only ${all.join(', ')}`)
  return names as Part[]
}

/** As npm wants it. */
function nameOf(target: string): string {
  const name = basename(target)
    .normalize('NFKD') // ü is a u, and what stands above it
    .replace(/\p{Mark}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, '-')
    .replace(/^-+|-+$/g, '')
  if (!name) throw new Error(`${JSON.stringify(basename(target))} makes no name for a package`)
  return name.slice(0, 60)
}

/** @throws where the folder has something in it: nothing is written over */
async function write(target: string, files: Readonly<Record<string, string>>): Promise<void> {
  if (existsSync(target) && (await readdir(target)).some(file => file !== '.git'))
    throw new Error(`${target} is not empty: name another folder`)
  for (const [path, contents] of Object.entries(files)) {
    await mkdir(dirname(join(target, path)), { recursive: true })
    await writeFile(join(target, path), contents)
  }
}

async function askFolder(): Promise<string> {
  const validate = (value: string | undefined) => (value?.trim() ? undefined : 'a folder is needed')
  return answered(await text({ message: 'Where to?', placeholder: 'my-function', validate })).trim()
}

async function askSource(): Promise<SourceName> {
  const options = Object.entries(SOURCES).map(([value, { title }]) => ({ value: value as SourceName, label: title }))
  return answered(await select({ message: 'What triggers it?', options }))
}

async function askParts(source: SourceName): Promise<readonly Part[]> {
  const without: readonly string[] = SOURCES[source].without
  const options = Object.entries(PARTS)
    .filter(([value]) => !without.includes(value))
    .map(([value, hint]) => ({ value: value as Part, label: value, hint }))
  return answered(await multiselect({ message: 'With what?', options, required: false }))
}

function answered<T>(value: T): Exclude<T, symbol> {
  if (isCancel(value)) throw new Cancelled()
  return value as Exclude<T, symbol>
}
