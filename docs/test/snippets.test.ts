// Every block of TypeScript in the pages and the READMEs compiles, as strictly as users may have it.
import { execFileSync, spawnSync } from 'node:child_process'
import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'

const docs = resolve(import.meta.dirname, '..')
const root = resolve(docs, '..')
const folder = join(docs, 'snippets')

const pages = [
  ...globSync(['*.md', 'recipes/*.md', 'migrate/*.md'], { cwd: docs }).map(file => `docs/${file}`),
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
    return { page, line, code, file: `${page.replace(/[/.]/g, '-')}-${line}.ts` }
  })
})

beforeAll(() => {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder)
  // Each is a module of its own, also one that imports nothing.
  for (const { file, code } of snippets) writeFileSync(join(folder, file), `${code}\nexport {}\n`)
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
    JSON.stringify({ extends: '../../tsconfig.base.json', compilerOptions, include: ['*.ts'] }),
  )
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

it('compiles', () => {
  expect(snippets.length).toBeGreaterThan(40)
  const { stdout } = spawnSync(join(root, 'node_modules/.bin/tsc'), ['-p', folder, '--pretty', 'false'], {
    encoding: 'utf8',
  })
  const wrong = stdout
    .split('\n')
    .filter(line => line.includes('error TS'))
    .map(line => {
      const [, file, number, message] = /([\w-]+\.ts)\((\d+),\d+\): (.*)/.exec(line) ?? []
      const snippet = snippets.find(each => each.file === file)
      return snippet ? `${snippet.page}:${snippet.line + Number(number)}: ${message}` : line
    })
  console.log(`${snippets.length} blocks in ${pages.length} pages`)
  expect(wrong).toEqual([])
})

it('a block that is wrong would be found', () => {
  writeFileSync(
    join(folder, 'wrong.ts'),
    `import { sqs } from '@lambent/events/sqs'\nsqs().each().handle(({ nothing }) => nothing)\n`,
  )
  expect(() => execFileSync(join(root, 'node_modules/.bin/tsc'), ['-p', folder], { stdio: 'pipe' })).toThrow()
  rmSync(join(folder, 'wrong.ts'))
})
