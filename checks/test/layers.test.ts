// A middleware never imports a source, a source never a middleware, core nobody.
import { existsSync, globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '../..')

/** Which packages of ours each package may import, and which it is: the layers, from the inside out. */
const LAYERS: Record<string, readonly string[]> = {
  core: [],
  aws: [],
  http: ['core'],
  events: ['core'],
  schema: ['core', 'aws'],
  retry: ['core', 'aws'],
  idempotency: ['core', 'aws'],
  secrets: ['core', 'aws'],
  'dead-letter': ['core', 'aws'],
  powertools: ['core', 'aws'],
  middy: ['core'],
  testing: ['core', 'aws', 'http', 'events', 'schema'],
  local: ['core', 'aws', 'http', 'events', 'schema', 'testing'],
  'create-lambent': [],
  lambent: [
    'core',
    'http',
    'events',
    'schema',
    'retry',
    'idempotency',
    'secrets',
    'dead-letter',
    'powertools',
    'aws',
    'middy',
    'testing',
  ],
  cli: ['core', 'aws', 'http', 'events', 'schema', 'testing', 'local', 'dead-letter'],
}
/** What the packages that a function bundles may import besides: types, and what is loaded only when it is used. */
const OUTSIDE: Record<string, readonly string[]> = {
  http: ['aws-lambda'],
  events: ['aws-lambda'],
  schema: ['@standard-schema/spec', '@fastify/busboy'],
  aws: ['@aws-sdk/credential-providers'],
  secrets: ['@standard-schema/spec'],
  powertools: ['@aws-lambda-powertools/', '@opentelemetry/api'],
  middy: ['aws-lambda'],
  testing: ['aws-lambda'],
  local: ['aws-lambda'],
  cli: ['commander', '@aws-sdk/'],
  'create-lambent': ['commander', '@clack/prompts', 'lambent', 'zod', 'vitest'],
}

const packages = globSync('packages/*/package.json', { cwd: root }).map(file => basename(join(file, '..')))

/** Every module specifier that the sources of a package name, tests apart. */
function imports(name: string): { readonly file: string; readonly specifier: string }[] {
  const files = globSync(`packages/${name}/src/**/*.ts`, { cwd: root }).filter(
    file => !/\.(test|test-d|example)\.ts$/.test(file),
  )
  return files.flatMap(file =>
    [...readFileSync(join(root, file), 'utf8').matchAll(/(?:from|import\(|import)\s*['"]([^'"\n]+)['"]/g)].map(
      ([, specifier = '']) => ({ file, specifier }),
    ),
  )
}

describe.each(packages)('%s', name => {
  it('has a place among the layers', () => {
    expect(Object.keys(LAYERS)).toContain(name)
  })

  it('imports no package of ours but those below it', () => {
    const wrong = imports(name).filter(({ specifier }) => {
      const [, own] = /^@lambent\/([^/]+)/.exec(specifier) ?? []
      return own !== undefined && own !== name && !LAYERS[name]?.includes(own)
    })
    expect(wrong).toEqual([])
  })

  it('reaches no file outside of its own folder', () => {
    const wrong = imports(name).filter(({ file, specifier }) => {
      const depth = file.split('/').length - 3 // folders below packages/<name>
      return specifier.startsWith('.') && (specifier.match(/\.\.\//g)?.length ?? 0) >= depth + 1
    })
    expect(wrong).toEqual([])
  })

  it('imports from outside only what its layer allows', () => {
    const wrong = imports(name).filter(
      ({ specifier }) =>
        !/^(\.|node:|@lambent\/)/.test(specifier) &&
        !(OUTSIDE[name] ?? []).some(allowed => specifier.startsWith(allowed)),
    )
    expect(wrong).toEqual([])
  })

  it('has a README, a licence, and both kinds of modules', () => {
    const folder = join(root, 'packages', name)
    expect(['README.md', 'LICENSE'].filter(file => !existsSync(join(folder, file)))).toEqual([])
    const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
    expect(manifest).toMatchObject({ sideEffects: false, license: 'MIT', publishConfig: { provenance: true } })
    expect(manifest.engines.node).toBe('>=22.12')
    // Nobody requires a command line.
    const kinds = manifest.bin ? ['types', 'default'] : ['import', 'require']
    expect(Object.keys(manifest.exports['.'])).toEqual(kinds)
  })
})

it('no package that a function bundles imports node:http, or touches a global that loads undici', () => {
  const bundled = packages.filter(name => !['testing', 'local', 'cli', 'create-lambent'].includes(name))
  const found = bundled.flatMap(name =>
    globSync(`packages/${name}/src/**/*.ts`, { cwd: root })
      .filter(file => !/\.(test|test-d|example)\.ts$/.test(file))
      .filter(file =>
        /^import (?!type).* from 'node:http'|(?<!\.)\bfetch\(|\bnew (Request|Response|Headers|FormData|WebSocket)\(/m.test(
          readFileSync(join(root, file), 'utf8').replace(/^\s*(\*|\/\/).*$/gm, ''),
        ),
      ),
  )
  expect(found).toEqual([])
})

it('ARCHITECTURE.md draws each folder, and no other', () => {
  const text = readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8')
  const drawing = /```\n([\s\S]*?)```/.exec(text)?.[1] ?? ''
  expect(packages.filter(name => !new RegExp(`(^|[\\s│])${name}([\\s,]|$)`, 'm').test(drawing))).toEqual([])
  const folders = [...drawing.matchAll(/(\w+)\/(?=\s)/g)].map(([, folder]) => folder ?? '')
  expect(folders.filter(folder => !existsSync(join(root, folder)))).toEqual([])
  expect(folders.length).toBeGreaterThan(5)
})
