import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'

test('the example of the README runs as it is written there', async () => {
  const source = await readFile(new URL('./readme.example.ts', import.meta.url), 'utf8')
  const code = source.slice(source.indexOf('\n') + 1).replace("'./index.ts'", "'@lambent/testing'")
  expect(await readFile(new URL('../README.md', import.meta.url), 'utf8')).toContain(code)
  await import('./readme.example.ts')
})
