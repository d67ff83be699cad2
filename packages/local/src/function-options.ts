// The configuration of a function: its options, their defaults, and what is wrong with them.
import { execFile } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import { basename, dirname, extname, isAbsolute, join, relative, resolve, sep } from 'node:path'
import { promisify } from 'node:util'
import { RESERVED_VARIABLES } from './environment.ts'
import type { LogEntry } from './invocation-result.ts'
import { locateRuntime, type RuntimeLocation } from './runtime-location.ts'

export interface FunctionOptions {
  /**
   * The handler: `'dist/orders.handler'`, a path without extension, a dot and the export's name, as in a template; or
   * its file and export apart. A relative path is taken from the current folder. Lambda runs JavaScript: build first.
   */
  readonly handler: string | { readonly file: string; readonly export: string }
  /**
   * `LAMBDA_TASK_ROOT` and the process's current folder: the one that would be deployed.
   * @default the handler's folder
   */
  readonly taskRoot?: string
  /**
   * In ms, 1 to 900,000. A function that has not responded by then is killed.
   * @default 3000
   */
  readonly timeout?: number
  /**
   * In MB, 128 to 10,240. The function is told; nothing holds it to it.
   * @default 128
   */
  readonly memorySize?: number
  /**
   * The function's environment variables. Of yours it gets none but `PATH`.
   * @default {}
   */
  readonly environment?: Readonly<Record<string, string>>
  /** @default the name of the handler's file */
  readonly functionName?: string
  /** @default '$LATEST' */
  readonly functionVersion?: string
  /** @default 'us-east-1' */
  readonly region?: string
  /**
   * What runs the handler: `ric` is AWS's own aws-lambda-ric, resolved from the handler's folder or the current one;
   * `bootstrap` is ours, which mirrors it; `auto` is the first of the two that there is.
   * @default 'auto'
   */
  readonly runtime?: 'auto' | 'ric' | 'bootstrap'
  /**
   * Path of the node to run.
   * @default process.execPath
   */
  readonly node?: string
  /**
   * Command line options for node, such as `--inspect`, after those that Lambda gives.
   * @default []
   */
  readonly nodeOptions?: readonly string[]
  /** Called with each line that the function writes, as it comes. */
  readonly onLog?: (entry: LogEntry) => void
}

/** Options with their defaults, and all that follows from them. */
export interface FunctionConfiguration {
  readonly taskRoot: string
  /** `_HANDLER`. */
  readonly handler: string
  readonly timeout: number
  readonly memorySize: number
  readonly environment: Readonly<Record<string, string>>
  readonly functionName: string
  readonly functionVersion: string
  readonly functionArn: string
  readonly region: string
  readonly location: RuntimeLocation
  readonly node: string
  readonly nodeMajor: number
  readonly nodeOptions: readonly string[]
}

const MAX_TIMEOUT_MS = 900_000
const EXTENSIONS = ['', '.js', '.mjs', '.cjs']

/** @throws {TypeError | RangeError | Error} that says which option is wrong, what it was and what to do. */
export async function configure(options: FunctionOptions): Promise<FunctionConfiguration> {
  const { file, exportName } = resolveHandler(options.handler)
  const taskRoot = resolve(options.taskRoot ?? dirname(file))
  const module = relative(taskRoot, join(dirname(file), moduleName(file)))
  if (module.startsWith('..') || isAbsolute(module)) {
    throw new Error(`startFunction: the handler's file ${file} is outside of taskRoot ${taskRoot}`)
  }

  const functionName =
    options.functionName ??
    moduleName(file)
      .replace(/[^\w-]/g, '-')
      .slice(0, 64)
  checkPattern('functionName', functionName, /^[\w-]{1,64}$/, 'up to 64 letters, digits, hyphens and underscores')
  const functionVersion = options.functionVersion ?? '$LATEST'
  checkPattern('functionVersion', functionVersion, /^(\$LATEST|\d+)$/, `'$LATEST' or a number`)
  const region = options.region ?? 'us-east-1'
  checkPattern('region', region, /^[a-z]{2}(-[a-z]+)+-\d+$/, `a region such as 'eu-central-1'`)

  const memorySize = options.memorySize ?? 128
  checkWholeNumber('startFunction: memorySize', memorySize, 128, 10_240, 'MB')
  const timeout = options.timeout ?? 3000
  checkTimeout('startFunction: timeout', timeout)
  const environment = options.environment ?? {}
  checkEnvironment(environment)

  return {
    taskRoot,
    handler: `${module.split(sep).join('/')}.${exportName}`,
    timeout,
    memorySize,
    environment,
    functionName,
    functionVersion,
    functionArn: `arn:aws:lambda:${region}:123456789012:function:${functionName}`,
    region,
    location: locateRuntime(options.runtime ?? 'auto', [dirname(file), process.cwd()]),
    node: options.node ?? process.execPath,
    nodeMajor: await nodeMajor(options.node),
    nodeOptions: options.nodeOptions ?? [],
  }
}

/** @throws {RangeError} if it is not a whole number of ms that a function's timeout may be. */
export function checkTimeout(name: string, timeout: number): void {
  checkWholeNumber(name, timeout, 1, MAX_TIMEOUT_MS, 'milliseconds')
}

function resolveHandler(handler: FunctionOptions['handler']): { file: string; exportName: string } {
  return typeof handler === 'string' ? parseHandler(handler) : checkHandler(handler.file, handler.export)
}

function parseHandler(handler: string): { file: string; exportName: string } {
  const [name = '', ...rest] = basename(handler).split('.')
  const exportName = rest.join('.')
  const last = rest.at(-1) ?? ''
  if (['js', 'mjs', 'cjs', 'ts', 'mts', 'cts'].includes(last)) {
    throw new Error(
      `startFunction: handler '${handler}' names a file, not an export. ` +
        `Write its export in place of the extension, as in '${join(dirname(handler), name)}.handler', or { file, export }.`,
    )
  }
  if (name === '' || rest.length === 0 || rest.includes('')) {
    throw new Error(
      `startFunction: handler '${handler}' is not a handler. ` +
        `It takes a path without extension, a dot and the name of an export, as in 'dist/orders.handler'.`,
    )
  }
  const path = resolve(dirname(handler), name)
  const file = firstFile(path)
  if (file === undefined) {
    throw new Error(
      `startFunction: handler '${handler}' has no file: there is no ${path} with .js, .mjs or .cjs. ` +
        `Build the function first, or correct the path.`,
    )
  }
  return { file, exportName }
}

function checkHandler(given: string, exportName: string): { file: string; exportName: string } {
  const file = resolve(given)
  if (!isFile(file)) {
    throw new Error(`startFunction: there is no file ${file}. Build the function first, or correct handler.file.`)
  }
  if (!EXTENSIONS.includes(extname(file))) {
    throw new Error(`startFunction: ${file} is not JavaScript that Lambda can run: it takes .js, .mjs and .cjs.`)
  }
  const name = moduleName(file)
  if (name.includes('.')) {
    throw new Error(`startFunction: Lambda reads a file's name up to its first dot: rename ${file} to have but one.`)
  }
  const first = firstFile(join(dirname(file), name))
  if (first !== file) {
    throw new Error(`startFunction: Lambda would load ${first} in place of ${file}. Remove or rename one of the two.`)
  }
  if (exportName === '' || exportName.split('.').includes('')) {
    throw new Error(`startFunction: handler.export '${exportName}' is not the name of an export.`)
  }
  return { file, exportName }
}

function moduleName(file: string): string {
  return basename(file, extname(file))
}

function firstFile(path: string): string | undefined {
  return EXTENSIONS.map(extension => path + extension).find(isFile)
}

function isFile(path: string): boolean {
  return existsSync(path) && statSync(path).isFile()
}

function checkEnvironment(environment: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(environment)) {
    if (RESERVED_VARIABLES.has(name)) {
      throw new Error(
        `startFunction: environment sets ${name}, which Lambda reserves. Remove it; an option may set it.`,
      )
    }
    if (typeof value !== 'string') {
      throw new TypeError(`startFunction: environment.${name} must be a string, not ${typeof value}`)
    }
  }
}

function checkPattern(name: string, value: string, pattern: RegExp, expected: string): void {
  if (!pattern.test(value)) throw new Error(`startFunction: ${name} must be ${expected}, got '${value}'`)
}

function checkWholeNumber(name: string, value: number, min: number, max: number, unit: string): void {
  if (Number.isInteger(value) && value >= min && value <= max) return
  throw new RangeError(`${name} must be a whole number of ${unit} from ${min} to ${max}, got ${value}`)
}

async function nodeMajor(node: string | undefined): Promise<number> {
  if (node === undefined) return Number.parseInt(process.versions.node, 10)
  try {
    const { stdout } = await promisify(execFile)(node, ['--version'])
    return Number.parseInt(stdout.slice(1), 10)
  } catch (error) {
    throw new Error(`startFunction: node '${node}' does not run. Give the path of a node executable.`, { cause: error })
  }
}
