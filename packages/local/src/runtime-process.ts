// The runtime's child process: its start, its output line by line, its end. None outlives the process that started it.
import { type ChildProcess, spawn } from 'node:child_process'
import type { Readable } from 'node:stream'
import { readTelemetry, type TelemetryEntry } from './telemetry.ts'

export interface ProcessSettings {
  /** Path of node. */
  readonly command: string
  readonly args: readonly string[]
  readonly cwd: string
  /** The whole environment: nothing is inherited. */
  readonly env: Readonly<Record<string, string>>
  readonly onOutput: (output: Output) => void
}

/** What the process wrote: a line of its own, or an entry of its console. */
export type Output =
  | { readonly source: 'stdout' | 'stderr'; readonly message: string }
  | (TelemetryEntry & { readonly source: 'console' })

/** How a process ended: by its exit status or by a signal. */
export interface ProcessExit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

export interface RuntimeProcess {
  readonly pid: number | undefined
  /** Settles when the process has ended and its output has been read. */
  readonly exited: Promise<ProcessExit>
  isRunning(): boolean
  /** SIGKILL; settles when the process has ended. */
  kill(): Promise<ProcessExit>
  /** SIGTERM, then SIGKILL after `graceMs` ms; settles when the process has ended. */
  stop(graceMs: number): Promise<ProcessExit>
}

/** How long to wait for output after the end: a grandchild that inherited the pipes may hold them open for ever. */
const OUTPUT_AFTER_EXIT_MS = 100

export function startProcess(settings: ProcessSettings): RuntimeProcess {
  const child = spawn(settings.command, settings.args, {
    cwd: settings.cwd,
    env: { ...settings.env, _LAMBDA_TELEMETRY_LOG_FD: '3' },
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    windowsHide: true,
  })
  const [, stdout, stderr, telemetry] = child.stdio as unknown as [null, Readable, Readable, Readable]
  let running = true
  keep(child)
  const output = Promise.all([
    readLines(stdout, message => settings.onOutput({ source: 'stdout', message })),
    readLines(stderr, message => settings.onOutput({ source: 'stderr', message })),
    readTelemetry(telemetry, entry => settings.onOutput({ source: 'console', ...entry })),
  ])

  const exited = new Promise<ProcessExit>(resolve => {
    async function ended(exit: ProcessExit): Promise<void> {
      running = false
      release(child)
      const late = setTimeout(() => {
        stdout.destroy()
        stderr.destroy()
        telemetry.destroy()
      }, OUTPUT_AFTER_EXIT_MS)
      await output
      clearTimeout(late)
      resolve(exit)
    }
    child.once('exit', (code, signal) => void ended({ code, signal }))
    child.once('error', error => {
      // Also emitted when a signal could not be sent, to a process that runs on.
      if (child.pid !== undefined) return
      settings.onOutput({ source: 'stderr', message: error.message })
      void ended({ code: 127, signal: null })
    })
  })

  return {
    pid: child.pid,
    exited,
    isRunning: () => running,
    kill() {
      child.kill('SIGKILL')
      return exited
    },
    async stop(graceMs) {
      child.kill('SIGTERM')
      const grace = setTimeout(() => child.kill('SIGKILL'), graceMs)
      const exit = await exited
      clearTimeout(grace)
      return exit
    },
  }
}

async function readLines(stream: Readable, onLine: (line: string) => void): Promise<void> {
  let rest = ''
  stream.setEncoding('utf8')
  stream.on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) onLine(line)
  })
  await new Promise<void>(resolve => stream.once('close', resolve))
  if (rest !== '') onLine(rest)
}

const children = new Set<ChildProcess>()

function keep(child: ChildProcess): void {
  if (children.size === 0) process.on('exit', killAll)
  children.add(child)
}

function release(child: ChildProcess): void {
  children.delete(child)
  if (children.size === 0) process.off('exit', killAll)
}

function killAll(): void {
  for (const child of children) child.kill('SIGKILL')
}
