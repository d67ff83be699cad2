// What a person reads when a pipeline does not fit: the compiler's own words, from programs that must not compile.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { afterAll, expect, it } from 'vitest'

const here = import.meta.dirname
const folder = mkdtempSync(join(here, 'programs-'))
afterAll(() => rmSync(folder, { recursive: true }))

const PROGRAMS: readonly (readonly [program: string, message: string | undefined])[] = [
  ['payload().use(parse(json(A))).use(parse(json(A)))', undefined],
  ['payload().use(parse(json(A))).use(parse(json(B)))', 'ctx.body is already provided with another type'],
  ['payload().use(parseRequest({ query: A }))', 'ctx.request is needed here, but no earlier .use() provides it'],
  [
    'request().use(parseRequest({ body: A, params: A }))',
    'parseRequest() has no part params: body, query, path, headers and cookies are there',
  ],
  ['request().use(parseRequest({ params: A }))', 'parseRequest() has no part params: body, query, path'],
  ['request().use(parseRequest({ query: json(A) }))', 'takes a codec for the body only: query needs a schema'],
  ['request().use(parse(json(A))).use(parseRequest({ body: B }))', 'ctx.body is already provided with another type'],
]

it('a pipeline that does not fit fails with one line that names the key', () => {
  const imports = `import * as z from 'zod'
import { json, parse, parseRequest } from '../../src/index.ts'
import { payload, request } from '../source.ts'
const A = z.object({ a: z.string() })
const B = z.object({ b: z.number() })
`
  PROGRAMS.forEach(([program], index) => {
    writeFileSync(join(folder, `${index}.ts`), `${imports}export default ${program}\n`)
  })
  const errors = compile(PROGRAMS.map((_, index) => join(folder, `${index}.ts`)))
  PROGRAMS.forEach(([, message], index) => {
    const own = errors.filter(line => line.includes(`${index}.ts(`))
    expect(own).toEqual(message ? [expect.stringContaining(message)] : [])
  })
  expect(errors).toHaveLength(PROGRAMS.filter(([, message]) => message).length)
})

function compile(files: readonly string[]): string[] {
  const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc')
  const options = '--ignoreConfig --noEmit --strict --exactOptionalPropertyTypes --skipLibCheck --target es2023'
  const more = '--module nodenext --allowImportingTsExtensions --types node --pretty false'
  try {
    execFileSync(process.execPath, [tsc, ...`${options} ${more}`.split(' '), ...files], { encoding: 'utf8', cwd: here })
    return []
  } catch (error) {
    // What is indented says the same again.
    return (error as { stdout: string }).stdout.trim().split(/\n(?! )/)
  }
}
