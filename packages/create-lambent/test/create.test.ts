// Every source, bare and with all parts: what is written typechecks, builds and passes its test at once.
import { execFile, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { create } from '../src/create.ts'
import { PARTS, SOURCES } from '../src/index.ts'

// Within the repository, where `lambent` and the tools are found.
const folder = join(import.meta.dirname, '../.turbo/projects')
beforeAll(async () => {
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const run = (cwd: string, command: string, ...args: string[]) =>
  promisify(execFile)(join(import.meta.dirname, '../../../node_modules/.bin', command), args, {
    cwd,
    env: {
      ...process.env,
      VITEST: undefined,
      VITEST_WORKER_ID: undefined,
      VITEST_POOL_ID: undefined,
      NODE_ENV: undefined,
    },
  })
const surroundings = { version: '0.0.0', cwd: folder, interactive: false }
const hasLint = spawnSync('cfn-lint', ['--version']).status === 0
if (!hasLint) console.log('cfn-lint is not on this machine: the templates are not checked')

describe.each(Object.keys(SOURCES))('%s', source => {
  it.each(['none', 'all'])(
    'with %s',
    async parts => {
      const name = `${source}-${parts}`
      vi.spyOn(process.stdout, 'write').mockReturnValueOnce(true)
      expect(await create([name, '--source', source, '--with', parts], surroundings)).toBe(0)
      const project = join(folder, name)
      await run(project, 'tsc', '-p', '.')
      const { scripts } = JSON.parse(await readFile(join(project, 'package.json'), 'utf8'))
      const [, ...esbuild] = scripts.build.split(' ')
      await run(project, 'esbuild', ...esbuild)
      const { stdout } = await run(project, 'vitest', 'run')
      expect(stdout).toMatch(/1 passed/)
      if (hasLint) expect(spawnSync('cfn-lint', [join(project, 'template.yaml')], { encoding: 'utf8' }).stdout).toBe('')
    },
    60_000,
  )
})

describe('each part by itself', () => {
  it.each(Object.keys(PARTS))('%s, with a queue', async part => {
    vi.spyOn(process.stdout, 'write').mockReturnValueOnce(true)
    expect(await create([`only-${part}`, '--source', 'sqs', '--with', part], surroundings)).toBe(0)
    await run(join(folder, `only-${part}`), 'tsc', '-p', '.')
  })
})

describe('what is written wrongly', () => {
  const said = () => {
    const text: string[] = []
    vi.spyOn(process.stderr, 'write').mockImplementation(chunk => text.push(`${chunk}`) > 0)
    return text
  }

  it('a folder that has something in it stays as it is', async () => {
    const text = said()
    await mkdir(join(folder, 'full'))
    await writeFile(join(folder, 'full/package.json'), '{"mine":1}')
    expect(await create(['full', '--source', 'sqs', '--with', 'none'], surroundings)).toBe(1)
    expect(text.join()).toContain('is not empty')
    expect(await readFile(join(folder, 'full/package.json'), 'utf8')).toBe('{"mine":1}')
    expect(existsSync(join(folder, 'full/src'))).toBe(false)
  })

  it.each([
    [['--source', 'sqs'], 1, 'name a folder'],
    [['x', '--source', 'smtp'], 2, 'smtp'],
    [['x', '--with', 'magic'], 1, 'there is no "magic"'],
    [['...', '--with', 'none'], 1, 'makes no name'],
  ])('%j', async (argv, code, message) => {
    const text = said()
    expect(await create(argv, surroundings)).toBe(code)
    expect(text.join()).toContain(message)
  })
})
