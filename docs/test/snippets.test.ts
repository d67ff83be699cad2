// Every block of TypeScript in the pages and the READMEs compiles, as strictly as users may have it. The guides of the
// sources show a handler and its test: these run, too.
import { spawnSync } from 'node:child_process'
import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { project } from '../../packages/create-lambent/src/project.ts'

const docs = resolve(import.meta.dirname, '..')
const root = resolve(docs, '..')
const folder = join(docs, 'snippets')

const pages = [
  ...globSync(['*.md', 'sources/*.md', 'recipes/*.md', 'migrate/*.md'], { cwd: docs }).map(file => `docs/${file}`),
  ...globSync('packages/*/README.md', { cwd: root }),
  'README.md',
  'CONTRIBUTING.md',
].filter(file => file !== 'docs/README.md')

interface Snippet {
  readonly page: string
  readonly line: number
  readonly file: string
  readonly code: string
}

const snippets: Snippet[] = pages.flatMap(page => {
  const text = readFileSync(join(root, page), 'utf8')
  return [...text.matchAll(/^```ts\n([\s\S]*?)^```/gm)].map(({ 1: code = '', index }) => {
    const line = text.slice(0, index).split('\n').length
    const slug = page.replace(/[/.]/g, '-')
    const guide = page.startsWith('docs/sources/')
    const name = code.includes("from './handler.ts'") ? 'handler.test' : 'handler'
    return { page, line, code, file: guide ? `${slug}/${name}.ts` : `${slug}-${line}.ts` }
  })
})

beforeAll(() => {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder)
  // Each is a module of its own, also one that imports nothing.
  for (const { file, code } of snippets) {
    mkdirSync(dirname(join(folder, file)), { recursive: true })
    writeFileSync(join(folder, file), `${code}\nexport {}\n`)
  }
  writeFileSync(join(folder, 'surroundings.d.ts'), readFileSync(join(docs, 'test/surroundings.txt')))
  const compilerOptions = {
    isolatedDeclarations: false,
    declaration: false,
    noUnusedLocals: false,
    noUnusedParameters: false,
    skipLibCheck: true,
    lib: ['es2024', 'esnext.disposable'],
  }
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({ extends: '../../tsconfig.base.json', compilerOptions, include: ['**/*.ts'] }),
  )
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

it('compiles, and what is wrong would be found', () => {
  expect(snippets.length).toBeGreaterThan(60)
  writeFileSync(
    join(folder, 'wrong.ts'),
    `import { sqs } from '@lambent/events/sqs'\nsqs().each().handle(({ nothing }) => nothing)\n`,
  )
  const { stdout } = spawnSync(join(root, 'node_modules/.bin/tsc'), ['-p', folder, '--pretty', 'false'], {
    encoding: 'utf8',
  })
  const wrong = stdout
    .split('\n')
    .filter(line => line.includes('error TS'))
    .map(line => {
      const [, file, number, message] = /([\w./-]+\.ts)\((\d+),\d+\): (.*)/.exec(line) ?? []
      const snippet = snippets.find(each => file?.endsWith(each.file))
      return snippet ? `${snippet.page}:${snippet.line + Number(number)}: ${message}` : line
    })
  console.log(`${snippets.length} blocks in ${pages.length} pages`)
  expect(wrong).toEqual([expect.stringContaining('wrong.ts')])
})

const tests = snippets.filter(({ file }) => file.endsWith('/handler.test.ts'))
it.each(tests)('the test of $page passes', async ({ file }) => {
  await import(join(folder, file))
})
it('each source has a guide with a test', () => {
  const sources = globSync('packages/{http,events}/src/*.ts', { cwd: root }).flatMap(file =>
    [...readFileSync(join(root, file), 'utf8').matchAll(/^ \* export const handler = (\w+)\(/gm)].map(
      ([, name]) => name,
    ),
  )
  expect(new Set(sources).size).toBeGreaterThanOrEqual(9)
  const guides = tests.map(({ page }) => readFileSync(join(root, page), 'utf8'))
  expect(sources.filter(source => !guides.some(guide => guide.includes(`handler = ${source}(`)))).toEqual([])
})

it('the start shows the handler that npm create lambent writes', () => {
  const parts = ['parse', 'retry', 'dead-letter'] as const
  const files = project({ name: 'orders-worker', source: 'sqs', parts, version: '0.0.0' })
  const shown = snippets.find(({ page }) => page === 'docs/start.md')?.code
  expect(files['src/handler.ts']?.replace(/^\/\/.*\n/, '')).toBe(shown)
})
