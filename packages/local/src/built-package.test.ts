// What is published: both module formats start the bootstrap that lies beside them. It takes a build first.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { removeFixtures, runtimes } from '../test/runtimes.ts'

afterAll(removeFixtures)

test.each([
  ['an ES module', '--input-type=module', `const { startFunction } = await import('@lambent/local')`],
  ['CommonJS', '--input-type=commonjs', `const { startFunction } = require('@lambent/local')`],
])('the built package runs a function from %s', (_, type, load) => {
  const options = { handler: join(runtimes[0]?.fixtures ?? '', 'common.handler'), runtime: 'bootstrap' }
  const program = `${load}
    startFunction(${JSON.stringify(options)}).then(async common => {
      console.log(JSON.stringify((await common.invoke({ a: 1 })).payload))
      await common.stop()
    })`
  const cwd = fileURLToPath(new URL('..', import.meta.url))
  const { stdout, stderr } = spawnSync(process.execPath, [type, '--eval', program], { cwd, encoding: 'utf8' })
  expect({ stdout, stderr }).toEqual({ stdout: '{"from":"cjs","event":{"a":1}}\n', stderr: '' })
})
