// Every source, bare and with all parts: what is written typechecks, builds and passes its test at once.
import { execFile, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { create } from '../src/create.ts'
import { PARTS, SOURCES } from '../src/index.ts'

// Within the repository, where `lambent` and the tools are found.
const folder = join(import.meta.dirname, '../.turbo/projects')
const surroundings = { version: '0.0.0', cwd: folder, interactive: false }
const NAMES = Object.keys(SOURCES).flatMap(source => [`${source}-none`, `${source}-all`])
const PART_NAMES = Object.keys(PARTS).map(part => `sqs-only-${part}`)

const { VITEST: _, VITEST_WORKER_ID: __, VITEST_POOL_ID: ___, NODE_ENV: ____, ...env } = process.env
/** A tool of the repository's, on all projects at once where it can. Throws with what it wrote. */
async function run(cwd: string, command: string, ...args: string[]): Promise<string> {
  const file = join(import.meta.dirname, '../../../node_modules/.bin', command)
  const { stdout } = await promisify(execFile)(file, args, { cwd, env }).catch(error => {
    throw new Error(`${error.message}\n${error.stdout}`)
  })
  return stdout
}

beforeAll(async () => {
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
  vi.spyOn(process.stdout, 'write').mockReturnValue(true)
  for (const name of [...NAMES, ...PART_NAMES]) {
    const [source = '', ...parts] = name.split(/-only-|-/)
    const argv = [name, '--source', source, '--with', name.split('-only-')[1] ?? parts.join('-')]
    expect(await create(argv, surroundings)).toBe(0)
  }
  vi.restoreAllMocks()
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const read = async (name: string, file: string) => readFile(join(folder, name, file), 'utf8')

describe('what is written', () => {
  it('has one set-up, so that one run of a tool is as good as one for each', async () => {
    for (const file of ['tsconfig.json', 'vitest.config.ts'])
      expect(new Set(await Promise.all(NAMES.map(name => read(name, file)))).size).toBe(1)
  })

  it('typechecks', async () => {
    const config = { extends: `./${NAMES[0]}/tsconfig.json`, include: ['*/src', '*/test'] }
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(config))
    await run(folder, 'tsc', '-p', '.')
  }, 120_000)

  it.each(NAMES)(
    '%s builds',
    async name => {
      const { scripts } = JSON.parse(await read(name, 'package.json'))
      const [command, ...args] = scripts.build.split(' ')
      await run(join(folder, name), command, ...args)
      expect((await read(name, 'dist/handler.mjs')).length).toBeGreaterThan(1000)
    },
    60_000,
  )

  it('passes its test', async () => {
    const config = `import config from './${NAMES[0]}/vitest.config.ts'
config.test.include = ['*/test/**/*.test.ts']
export default config`
    await writeFile(join(folder, 'vitest.config.mjs'), config)
    await run(
      folder,
      'vitest',
      'run',
      '--reporter=json',
      '--outputFile=report.json',
      '--maxWorkers=2',
      '--pool=threads',
    )
    const { testResults } = JSON.parse(await readFile(join(folder, 'report.json'), 'utf8'))
    const passed = testResults.map(({ name, assertionResults }: never) => [
      relative(folder, name),
      (assertionResults as { status: string }[]).map(({ status }) => status),
    ])
    const expected = [...NAMES, ...PART_NAMES].map(name => [join(name, 'test/handler.test.ts'), ['passed']])
    expect(passed.sort()).toEqual(expected.sort())
  }, 120_000)

  it('has a template that CloudFormation takes, where cfn-lint is on the machine', async context => {
    const templates = [...NAMES, ...PART_NAMES].map(name => join(folder, name, 'template.yaml'))
    const { error, stdout } = spawnSync('cfn-lint', templates, { encoding: 'utf8' })
    if (error) return context.skip('cfn-lint is not on this machine')
    expect(stdout).toBe('')
  }, 120_000)

  it('loses nothing: where Lambda gives up, there is a queue, an alarm, and the command to look into it', async () => {
    for (const name of NAMES.filter(each => !/^(http|firehose)/.test(each))) {
      const template = await read(name, 'template.yaml')
      expect([name, template]).toEqual([name, expect.stringMatching(/OnFailure: |RedrivePolicy: /)])
      expect(template).toMatch(/DeadLetters:.*\n.*AWS::CloudWatch::Alarm/)
      expect(JSON.parse(await read(name, 'package.json')).devDependencies).toHaveProperty('@lambent/cli')
      expect(await read(name, 'README.md')).toContain('npx lambent dlq explain')
      expect(await read(name, '.gitignore')).toContain('.env\n') // for `lambent dlq run`
    }
    expect(await read('http-none', 'README.md')).not.toContain('lambent dlq')
    expect(await read('firehose-none', 'template.yaml')).toContain('ErrorOutputPrefix: ')
  })
})

/** The command at a terminal of its own, by util-linux. Each answer waits for its question. */
async function terminal(
  cwd: string,
  answers: Readonly<Record<string, string>>,
): Promise<[code: number, shown: string]> {
  const command = `stty cols 100 rows 40; ${process.execPath} ${join(import.meta.dirname, '../dist/bin.mjs')}`
  const child = spawn('script', ['--quiet', '--return', '--command', command, '/dev/null'], { cwd, env })
  let shown = ''
  child.stdout.on('data', chunk => {
    shown += chunk
  })
  const exit = once(child, 'exit')
  for (const [question, answer] of Object.entries(answers)) {
    await vi.waitFor(() => expect(shown).toContain(question), { interval: 20, timeout: 30_000 })
    child.stdin.write(answer)
  }
  const [code] = await exit
  return [code, shown]
}

describe.runIf(process.platform === 'linux')('at a terminal', () => {
  const DOWN = '\u001b[B'
  const ENTER = '\r'

  it('what no flag says is asked', async () => {
    const [code, shown] = await terminal(folder, {
      'Where to?': `asked${ENTER}`,
      'What triggers it?': `${DOWN}${ENTER}`,
      'With what?': ` ${DOWN}${DOWN} ${ENTER}`,
    })
    expect([code, shown]).toEqual([0, expect.stringContaining('asked is there. Next: cd asked && npm install')])
    const handler = await read('asked', 'src/handler.ts')
    expect(handler).toContain(`export const handler = ${Object.values(SOURCES)[1]?.call}`)
    expect(Object.keys(PARTS).filter(part => new RegExp(`use\\(${part}\\(`).test(handler))).toEqual(['parse', 'retry'])
  })

  it.each([
    ['Where to?', {}],
    ['With what?', { 'Where to?': `left${ENTER}`, 'What triggers it?': ENTER }],
  ])('Ctrl-C at %j writes nothing', async (question, before) => {
    const [code, shown] = await terminal(folder, { ...before, [question]: '\u0003' })
    expect([code, shown]).toEqual([1, expect.stringContaining('nothing was written')])
    expect(existsSync(join(folder, 'left'))).toBe(false)
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

  it('a part that does not go with the source is named, and left out', async () => {
    const text = said()
    vi.spyOn(process.stdout, 'write').mockReturnValueOnce(true)
    expect(await create(['web', '--source', 'http', '--with', 'retry,dead-letter'], surroundings)).toBe(0)
    expect(text.join()).toContain('without dead-letter, which does not go with http')
    expect(await read('web', 'src/handler.ts')).not.toContain('deadLetter')
  })

  it('a folder with a blank in its name is quoted in what comes next', async () => {
    const text: string[] = []
    vi.spyOn(process.stdout, 'write').mockImplementationOnce(chunk => text.push(`${chunk}`) > 0)
    expect(await create(['my orders', '--source', 'sqs', '--with', 'none'], surroundings)).toBe(0)
    expect(text.join()).toContain(`my-orders is there. Next: cd 'my orders' && npm install`)
  })

  it('letters of other alphabets that have one of ours in them are that one', async () => {
    vi.spyOn(process.stdout, 'write').mockReturnValueOnce(true)
    expect(await create(['Über Größe', '--source', 'sqs', '--with', 'none'], surroundings)).toBe(0)
    expect(JSON.parse(await read('Über Größe', 'package.json')).name).toBe('uber-gro-e')
  })

  it.each([
    [['--source', 'sqs'], 1, 'name a folder'],
    [['x', '--source', 'smtp'], 2, 'smtp'],
    [['x', '--with', 'magic'], 2, 'there is no "magic"'],
    [['...', '--with', 'none'], 1, 'makes no name'],
  ])('%j', async (argv, code, message) => {
    const text = said()
    expect(await create(argv, surroundings)).toBe(code)
    expect(text.join()).toContain(message)
  })
})
