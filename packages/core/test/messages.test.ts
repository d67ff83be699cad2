// What a person reads when a pipeline does not fit: the compiler's own words, from programs that must not compile.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, it } from 'vitest'

const here = dirname(fileURLToPath(import.meta.url))
const folder = mkdtempSync(join(here, 'programs-'))
afterAll(() => rmSync(folder, { recursive: true }))

function errorsOf(body: string): string[] {
  const file = join(folder, 'program.ts')
  writeFileSync(
    file,
    `import { batch, plain } from '../source.ts'
import { done, type Middleware } from '../../src/index.ts'
declare const user: Middleware<unknown, { user: { name: string } }>
declare const needsUser: Middleware<{ user: { name: string } }, { age: number }>
declare const needsAge: Middleware<{ user: { name: string }; age: string }>
declare const needsEither: Middleware<{ user: { name: string } } & ({ a: string } | { b: string })>
export default ${body}
`,
  )
  const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc')
  const options = '--ignoreConfig --noEmit --strict --exactOptionalPropertyTypes --skipLibCheck --target es2023'
  const more = '--module nodenext --allowImportingTsExtensions --types node --pretty false'
  try {
    execFileSync(process.execPath, [tsc, ...`${options} ${more}`.split(' '), file], { encoding: 'utf8', cwd: here })
    return []
  } catch (error) {
    return (error as { stdout: string }).stdout.trim().split('\n')
  }
}

it('compiles what fits', () => {
  expect(errorsOf('plain().use(user).use(needsUser).handle(ctx => ctx.age)')).toEqual([])
})

it.each([
  [
    'a need that nothing provides',
    'plain().use(needsUser)',
    'ctx.user is needed here, but no earlier .use() provides it',
  ],
  [
    'a need of another type',
    'plain().use(user).use(needsUser).use(needsAge)',
    `type '"ctx.age has another type than this middleware needs"'`,
  ],
  [
    'a need of one or another thing, neither of which is there',
    'plain().use(user).use(needsEither)',
    `type '"ctx.user has another type than this middleware needs"'`,
  ],
  [
    'a key provided twice with another type',
    'plain().use(user).use(async (_, next) => next({ user: 5 }))',
    'ctx.user is already provided with another type',
  ],
  [
    'a need of a record that only another record’s middleware provides',
    'batch().each().use(needsUser)',
    'ctx.user is needed here, but no earlier .use() provides it',
  ],
  ['.each() on a source without records', 'plain().each()', "Property 'each' does not exist"],
  ['.each() twice', 'batch().each().each()', "Property 'each' does not exist"],
])('%s fails with one line that names the key', (_name, program, message) => {
  const errors = errorsOf(program)
  expect(errors.filter(line => line.includes('error TS'))).toHaveLength(1)
  expect(errors).toHaveLength(1)
  expect(errors[0]).toContain(message)
})

it.each([
  ['not returned', 'plain().use(async (_, next) => { await next() })'],
  ['neither awaited nor returned', 'plain().use(async (_, next) => { next() })'],
  [
    'given other additions in another branch',
    'plain().use(async (ctx, next) => { if (ctx.unit.id) return next({ p: 1 }); return next({ p: undefined }) })',
  ],
  ['not passed on', 'plain().use(async (_, next) => (await next()).value)'],
])('a middleware whose next() is %s fails with one line that says what to do', (_name, program) => {
  const errors = errorsOf(program)
  expect(errors).toHaveLength(1)
  expect(errors[0]).toContain('return what next() gave, with the same additions in every branch, or done(value)')
})
