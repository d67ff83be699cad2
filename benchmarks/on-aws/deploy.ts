// `node on-aws/deploy.ts --bucket <one of yours> [--stack-name lambent-benchmarks] [--memory 512] [--runtime nodejs24.x]`:
// bundles every stack and deploys them all. It costs cents; `aws cloudformation delete-stack` takes all away again.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { bundle } from '../lib/bundle.ts'
import { awsAloud } from './aws.ts'
import { functions } from './functions.ts'

const { values } = parseArgs({
  options: {
    bucket: { type: 'string' },
    'stack-name': { type: 'string', default: 'lambent-benchmarks' },
    memory: { type: 'string', default: '512' },
    runtime: { type: 'string', default: 'nodejs24.x' },
    'build-only': { type: 'boolean', default: false },
  },
})
if (!values.bucket && !values['build-only'])
  throw new TypeError('--bucket is the name of an S3 bucket of yours, in the same region, for the code')

const build = join(import.meta.dirname, '.build')
rmSync(build, { recursive: true, force: true })
for (const { id, contender } of functions) {
  mkdirSync(join(build, id), { recursive: true })
  writeFileSync(join(build, id, 'handler.mjs'), await bundle(contender.entry, { schema: contender.schema }))
}
console.log(`${functions.length} functions are bundled`)

if (values.bucket) {
  const packaged = join(build, 'packaged.yaml')
  const s3 = ['--s3-bucket', values.bucket, '--s3-prefix', values['stack-name']]
  const template = join(import.meta.dirname, 'template.yaml')
  awsAloud('cloudformation', 'package', '--template-file', template, '--output-template-file', packaged, ...s3)
  awsAloud(
    'cloudformation',
    'deploy',
    ...['--template-file', packaged, '--stack-name', values['stack-name'], ...s3],
    ...['--capabilities', 'CAPABILITY_IAM', 'CAPABILITY_AUTO_EXPAND'],
    ...['--parameter-overrides', `MemorySize=${values.memory}`, `Runtime=${values.runtime}`],
  )
}
