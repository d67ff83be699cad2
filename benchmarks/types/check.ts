// What the compiler says of a program: instantiations, which are the same on every machine, and the time of the check.
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { STACKS } from '../lib/about.ts'
import type { Program } from './programs.ts'

const TSC = join(import.meta.dirname, '../../node_modules/typescript/bin/tsc')

export interface Checked {
  readonly instantiations: number
  readonly types: number
  /** s. */
  readonly checkTime: number
  /** MB. */
  readonly memory: number
}

/**
 * Checks `chains` files, each with a chain of `length` middlewares.
 * @throws {Error} where the program does not compile
 */
export function check({ imports, chain }: Program, chains: number, length: number): Checked {
  // Among the stacks, where packages are found.
  const folder = mkdtempSync(join(STACKS, '.types-'))
  try {
    mkdirSync(join(folder, 'src'))
    for (let c = 0; c < chains; c++) {
      const keys = Array.from({ length }, (_, i) => `c${c}k${i}`)
      writeFileSync(join(folder, 'src', `chain${c}.ts`), `${imports}\n${chain(keys)}\n`)
    }
    const compilerOptions = {
      target: 'es2023',
      lib: ['es2024', 'dom'],
      module: 'nodenext',
      types: ['node'],
      strict: true,
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
      skipLibCheck: true,
      noEmit: true,
    }
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['src'] }))
    const { stdout, status } = spawnSync(
      process.execPath,
      [TSC, '-p', folder, '--extendedDiagnostics', '--singleThreaded'],
      { encoding: 'utf8' },
    )
    if (status !== 0) throw new Error(`it does not compile: ${stdout.slice(0, 2000)}`)
    const figure = (name: string) => {
      const found = new RegExp(`^${name}:\\s*([\\d.]+)`, 'm').exec(stdout)?.[1]
      if (found === undefined) throw new Error(`the compiler does not tell its ${name}: ${stdout}`)
      return Number(found)
    }
    return {
      instantiations: figure('Instantiations'),
      types: figure('Types'),
      checkTime: figure('Check time'),
      memory: Math.round(figure('Memory used') / 1000),
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
