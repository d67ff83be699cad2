// Each error that the packages of a function can throw is explained by its code.
import { globSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, it } from 'vitest'

const root = resolve(import.meta.dirname, '../..')
const page = readFileSync(join(root, 'docs/errors.md'), 'utf8')
const sources = globSync(
  'packages/{core,http,events,schema,retry,idempotency,secrets,dead-letter,powertools,middy,aws}/src/**/*.ts',
  { cwd: root },
)
  .filter(file => !/\.(test|test-d|example)\.ts$/.test(file))
  .map(file => readFileSync(join(root, file), 'utf8').replace(/^\s*(\*|\/\/).*$/gm, ''))

// Where a code is written: as an option, as the name that a class gives itself, as what a ParseError says first, in the
// union of its codes and in the table of those of secrets. Errors of calls to AWS have their code as `name`, as AWS's have.
const WRITTEN = [
  /\bcode: (?:[^\n',]+ \? )?'([A-Z][a-z]\w+)'/g,
  /\bcode: [^\n',]+ \? '[A-Z][a-z]\w+' : '([A-Z][a-z]\w+)'/g,
  /\bnew ParseError\((?:[^\n',]+ \? )?'([A-Z][a-z]\w+)'/g,
  /\bsuper\([^)]*?'([A-Z][a-z]\w+)'/g,
  /^ {2}\w+: '(Secret[A-Z]\w+)',$/gm,
  /\bname: '([A-Z]\w+Error)'/g,
  /\bname = [^\n']*'(\w+Error)' : '(\w+Error)'/g,
]

const UNION = /type ParseErrorCode =([^(]*)/
/** Classes of errors that have a code of their own each time. */
const CLASSES = /^(HttpError|LambentError|SecretError|SecretsManager|DeadLetterError)$/

it('the page has every code, and no other', () => {
  const found = sources.flatMap(source => [
    ...WRITTEN.flatMap(form => [...source.matchAll(form)].flatMap(([, ...codes]) => codes)),
    ...(UNION.exec(source)?.[1]?.match(/\w+/g) ?? []),
  ])
  expect([...new Set(found)].filter(code => !CLASSES.test(code) && !page.includes(`\`${code}\``)).sort()).toEqual([])
  const told = [...page.matchAll(/`([A-Z]\w+)`(?= +\||,| \()/g)].map(([, code]) => code ?? '')
  expect(told.filter(code => !sources.some(source => source.includes(`'${code}'`)))).toEqual([])
  expect(told.length).toBeGreaterThan(70)
})

it('what it calls permanent or retryable is', () => {
  const POLICY: Readonly<Record<string, string>> = {
    PermanentError: 'permanent',
    RetryableError: 'retryable',
  }
  const policyOf = (type: string, options: string) =>
    /(?:retryable: |', )(false|true)/.exec(options)?.[1]?.replace('false', 'permanent').replace('true', 'retryable') ??
    POLICY[type] ??
    ''
  const policies = new Map<string, Set<string>>()
  const say = (code: string, policy: string) => policies.set(code, new Set(policies.get(code)).add(policy))
  for (const source of sources)
    for (const form of [
      /\bnew (LambentError)\(.*, \{\}, '(\w+)'(.*)/g,
      /\bnew (LambentError|PermanentError|RetryableError)\((?:(?!\bnew )[\s\S])*?code: '(\w+)'([^}]*)/g,
      /\bclass \w+ extends (LambentError|PermanentError|RetryableError) \{(?:(?!\bclass )[\s\S])*?code: '(\w+)'(.*)/g,
    ])
      for (const [, type = '', code = '', options = ''] of source.matchAll(form)) say(code, policyOf(type, options))
  for (const code of UNION.exec(sources.join('\n'))?.[1]?.match(/\w+/g) ?? []) say(code, 'permanent')
  const rows = [...page.matchAll(/^\| `(\w+)` *\| *(\w*) *\|/gm)].map(([, code = '', policy = '']) => ({
    code,
    policy,
  }))
  const wrong = rows.filter(({ code, policy }) => policies.get(code)?.has(policy) === false)
  expect(wrong.map(({ code, policy }) => `${code} is not ${policy || 'unknown'}`)).toEqual([])
  expect(rows.filter(({ code }) => policies.has(code)).length).toBeGreaterThan(30)
})
