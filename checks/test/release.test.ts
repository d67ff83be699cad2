// What a release relies on: all packages have one version. `create-lambent` writes its own into the projects that it makes,
// as that of `lambent` and `@lambent/cli`.
import { globSync, readFileSync } from 'node:fs'
import { join, matchesGlob } from 'node:path'
import { expect, it } from 'vitest'

const root = join(import.meta.dirname, '../..')
const json = (file: string) => JSON.parse(readFileSync(join(root, file), 'utf8'))
const packages = globSync('packages/*/package.json', { cwd: root }).map(json)

it('every package is in the one group whose versions are the same', () => {
  const [group = [], ...others]: string[][] = json('.changeset/config.json').fixed
  expect(others).toEqual([])
  expect(packages.map(({ name }) => name).filter(name => !group.some(glob => matchesGlob(name, glob)))).toEqual([])
  expect(new Set(packages.map(({ version }) => version)).size).toBe(1)
})

it('a package names the others by that version', () => {
  const names = new Set(packages.map(({ name }) => name))
  for (const { name, version, dependencies = {} } of packages)
    for (const [dependency, wanted] of Object.entries(dependencies))
      if (names.has(dependency)) expect([name, dependency, wanted]).toEqual([name, dependency, version])
})
