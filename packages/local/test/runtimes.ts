// The runtimes to run a suite on, and a folder of fixtures for each: our bootstrap always, and the real aws-lambda-ric
// where LAMBENT_RIC names the folder of one that has been compiled.
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export interface Runtime {
  readonly name: 'bootstrap' | 'ric'
  /** A copy of test/fixtures, from which aws-lambda-ric resolves if the runtime is `ric`. */
  readonly fixtures: string
}

const ric = process.env.LAMBENT_RIC ?? ''
const hasRic = ric !== '' && existsSync(join(ric, 'rapid-client.node'))

export const runtimes: readonly Runtime[] = [prepare('bootstrap'), ...(hasRic ? [prepare('ric')] : [])]

/** Part of the suite's title, so that a report tells what it covers. */
export const coverage: string = hasRic
  ? 'on the bootstrap and on aws-lambda-ric'
  : `on the bootstrap only: ${ric === '' ? 'LAMBENT_RIC is not set' : `there is no compiled aws-lambda-ric in ${ric}`}`

export function removeFixtures(): void {
  for (const { fixtures } of runtimes) rmSync(join(fixtures, '..'), { recursive: true, force: true })
}

function prepare(name: Runtime['name']): Runtime {
  const folder = mkdtempSync(join(tmpdir(), `lambent-local-${name}-`))
  const fixtures = join(folder, 'dist')
  cpSync(fileURLToPath(new URL('fixtures', import.meta.url)), fixtures, { recursive: true })
  // Written here, since tools that read the repository's files refuse it.
  writeFileSync(join(fixtures, 'syntax-error.mjs'), 'export const handler = async () => { return ]')
  if (name === 'ric') {
    mkdirSync(join(folder, 'node_modules'))
    symlinkSync(ric, join(folder, 'node_modules', 'aws-lambda-ric'))
  }
  return { name, fixtures }
}
