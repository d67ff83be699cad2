// Makes the pages that come from elsewhere: a guide for each package from its README, and the published results of the
// benchmarks in the page on cold starts. What is made is not kept in the repository.
import { cpSync, existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, posix, resolve } from 'node:path'

const docs = import.meta.dirname
const root = resolve(docs, '..')
const REPOSITORY = 'https://github.com/lambent/lambent'

interface Package {
  readonly folder: string
  readonly name: string
  readonly description: string
}

export const packages: readonly Package[] = globSync('packages/*/package.json', { cwd: root })
  .map(file => {
    const { name, description } = JSON.parse(readFileSync(join(root, file), 'utf8'))
    return { folder: basename(dirname(file)), name, description }
  })
  .sort((a, b) => (a.folder < b.folder ? -1 : 1))

/** Links of a README are relative to its folder: to other READMEs they become links of the site, all else of the repository. */
function linked(markdown: string, folder: string): string {
  return markdown.replace(/\]\((?!https?:|#|\/)([^)\s]+)\)/g, (_whole, target: string) => {
    const [path = '', anchor] = target.split('#')
    const full = posix.normalize(posix.join('packages', folder, path)).replace(/\/$/, '')
    const other = /^packages\/([\w-]+)(\/README\.md)?$/.exec(full)?.[1]
    const hash = anchor ? `#${anchor}` : ''
    if (other) return `](/packages/${other}${hash})`
    return full === '.' || full === 'README.md' ? '](/idea)' : `](${REPOSITORY}/blob/main/${full}${hash})`
  })
}

function make(): void {
  const folder = join(docs, 'packages')
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  for (const { folder: name } of packages) {
    const readme = readFileSync(join(root, 'packages', name, 'README.md'), 'utf8')
    writeFileSync(join(folder, `${name}.md`), linked(readme, name))
  }
  const rows = packages.map(({ folder, name, description }) => `| [${name}](/packages/${folder}) | ${description} |`)
  writeFileSync(join(folder, 'index.md'), ['# Packages', '', '| | |', '| --- | --- |', ...rows, ''].join('\n'))

  const results = join(root, 'benchmarks/results')
  const images = join(docs, 'public/results')
  rmSync(images, { recursive: true, force: true })
  mkdirSync(images, { recursive: true })
  const page = readFileSync(join(docs, 'cold-start.md'), 'utf8').replace(
    /<!-- results: ([\w-]+) -->/g,
    (_whole, suite: string) => {
      const parts: string[] = []
      for (const file of globSync(`${suite}*.svg`, { cwd: results }).sort()) {
        cpSync(join(results, file), join(images, file))
        parts.push(`![${suite}](/results/${file})`)
      }
      const table = join(results, `${suite}.md`)
      if (existsSync(table))
        parts.push(
          readFileSync(table, 'utf8')
            .replace(/^# .*\n/, '')
            .replace(/^!\[.*\n/gm, '')
            // A table of thirty contenders is there for who wants it: the chart is what one reads.
            .replace(/^## (.+)\n\n((?:\|.*\n)+)/gm, '::: details $1\n$2:::\n'),
        )
      return parts.join('\n\n') || '_Not measured yet._'
    },
  )
  mkdirSync(join(docs, 'measured'), { recursive: true })
  writeFileSync(join(docs, 'measured/cold-start.md'), page)
}

if (import.meta.main) make()
