// The links of what is read in the repository itself: READMEs, examples, what stands at the root. The site's are followed
// in its own test.
import { existsSync, globSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { expect, it } from 'vitest'

const root = resolve(import.meta.dirname, '../..')
const OURS = /^https:\/\/github\.com\/lambent\/lambent\/(?:tree|blob)\/main\//
/** What `npm run bench` publishes, which may not be there yet. */
const PUBLISHED = /benchmarks\/results\//

const files = globSync(
  [
    '*.md',
    'docs/*.md',
    'docs/{sources,recipes,migrate}/*.md',
    '{packages,examples}/*/README.md',
    'benchmarks/README.md',
    'benchmarks/on-aws/README.md',
  ],
  { cwd: root },
)
const textOf = (file: string) => readFileSync(join(root, file), 'utf8').replace(/^( *)```[\s\S]*?^\1```/gm, '')

/** As GitHub names them. */
function headingsOf(file: string): string[] {
  return [...textOf(file).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}_ -]/gu, '')
      .trim()
      .replaceAll(' ', '-'),
  )
}

it('every link to a file of the repository leads to it, and to the very heading', () => {
  const dead: string[] = []
  let followed = 0
  for (const file of files)
    for (const [, link = ''] of textOf(file).matchAll(/\]\(([^)\s]+)\)/g)) {
      const [target = '', heading] = link.replace(OURS, '/').split('#')
      // A page of the site begins with a slash there.
      if (/^[a-z]+:/.test(target) || (target.startsWith('/') && !OURS.test(link))) continue
      const path = target === '' ? join(root, file) : join(root, target.startsWith('/') ? '' : dirname(file), target)
      if (PUBLISHED.test(path)) continue
      followed++
      if (!existsSync(path)) dead.push(`${file}: ${link}`)
      else if (heading) {
        const page = (statSync(path).isDirectory() ? join(path, 'README.md') : path).slice(root.length + 1)
        if (!headingsOf(page).includes(heading)) dead.push(`${file}: ${link}, no such heading`)
      }
    }
  expect(dead).toEqual([])
  expect(followed).toBeGreaterThan(80)
})
