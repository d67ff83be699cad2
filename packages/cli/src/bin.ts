#!/usr/bin/env node
// The command. The first Ctrl-C ends after what is under way, the second at once.
import { lambent } from './lambent.ts'

const interruption = new AbortController()
process.on('SIGINT', () => {
  if (interruption.signal.aborted) process.exit(130)
  interruption.abort()
})
process.on('SIGTERM', () => interruption.abort())
// A reader that has had enough, such as `head`, is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  interruption.abort()
})

process.exitCode = await lambent(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  signal: interruption.signal,
})
