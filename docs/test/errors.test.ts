// Each error that the packages of a function can throw is explained by its code.
import { globSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, it } from 'vitest'

const root = resolve(import.meta.dirname, '../..')
const page = readFileSync(join(root, 'docs/errors.md'), 'utf8')

it('the page has every code, and no other', () => {
  const files = globSync(
    'packages/{core,http,events,schema,retry,idempotency,secrets,dead-letter,powertools,middy}/src/**/*.ts',
    { cwd: root },
  )
  const sources = files
    .filter(file => !/\.(test|test-d|example)\.ts$/.test(file))
    .map(file => readFileSync(join(root, file), 'utf8').replace(/^\s*(\*|\/\/).*$/gm, ''))
  const codes = sources.flatMap(source =>
    [
      ...source.matchAll(/\bcode: '([A-Z]\w+)'/g),
      ...source.matchAll(/super\(message, options, '([A-Z]\w+)'/g),
      ...source.matchAll(/super\(\d{3}, '([A-Z]\w+)'/g),
      ...source.matchAll(/\{\}, '([A-Z]\w+)'\)/g),
    ].map(([, code]) => code ?? ''),
  )
  expect([...new Set(codes)].filter(code => !page.includes(`\`${code}\``)).sort()).toEqual([])
  const told = [...page.matchAll(/`([A-Z]\w+)`(?= +\||,| \()/g)].map(([, code]) => code ?? '')
  const there = (code: string) => sources.some(source => source.includes(`'${code}'`))
  expect(told.filter(code => !there(code) && !/^Secret(Unavailable|Expired)$/.test(code))).toEqual([])
  expect(told.length).toBeGreaterThan(50)
})
