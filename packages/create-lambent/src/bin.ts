#!/usr/bin/env node
// `npm create lambent@latest`: asks what is not said by flags, and writes the project.
import { createRequire } from 'node:module'
import { create } from './create.ts'

const { version } = createRequire(import.meta.url)('../package.json') as { readonly version: string }
process.exitCode = await create(process.argv.slice(2), {
  version,
  cwd: process.cwd(),
  interactive: process.stdin.isTTY === true,
})
