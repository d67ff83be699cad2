// One execution environment: a Runtime API, the process that asks it, and the life of the two, from initialization
// over one invocation after another to the end. Lambda replaces one that failed; so does whoever holds this one.
// https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
import { setTimeout as delay } from 'node:timers/promises'
import { type RuntimeApi, type RuntimeReply, type RuntimeRequest, startRuntimeApi } from './runtime-api.ts'
import { type ProcessExit, type ProcessSettings, type RuntimeProcess, startProcess } from './runtime-process.ts'

/** What became of an invocation, or of the initialization before it. */
export type Outcome =
  | RuntimeReply
  | { readonly kind: 'exit'; readonly exit: ProcessExit }
  | { readonly kind: 'timeout' }

export interface ExecutionEnvironment {
  readonly pid: number | undefined
  /** Settles when the initialization has ended: with nothing if it succeeded. */
  readonly init: Promise<Outcome | undefined>
  /** How long the initialization took, in ms; known once it has succeeded. */
  initDurationMs(): number | undefined
  /** Whether it can still take an invocation. */
  isUsable(): boolean
  /** Runs one invocation, after the initialization; kills the process when `timeoutMs` ms have passed. */
  invoke(request: RuntimeRequest, timeoutMs: number): Promise<Outcome>
  /** Ends the process and closes the server. Without a grace, by SIGKILL. */
  stop(graceMs?: number): Promise<void>
}

/** A process that has reported that its initialization failed ends itself; this is how long, in ms, it may take. */
const EXIT_AFTER_INIT_ERROR_MS = 500

export async function startExecutionEnvironment(
  settings: (runtimeApi: string) => ProcessSettings,
): Promise<ExecutionEnvironment> {
  const api = await startRuntimeApi()
  const started = performance.now()
  const child = startProcess(settings(api.address))
  const exited = child.exited.then(exit => ({ kind: 'exit', exit }) as const)
  let initDurationMs: number | undefined
  let failed = false

  const init = initialize(api, child, exited).then(outcome => {
    if (outcome === undefined) initDurationMs = performance.now() - started
    else failed = true
    return outcome
  })

  async function run(request: RuntimeRequest): Promise<Outcome> {
    return (await init) ?? (await Promise.race([api.invoke(request), exited]))
  }

  return {
    pid: child.pid,
    init,
    initDurationMs: () => initDurationMs,
    isUsable: () => child.isRunning() && !failed,
    async invoke(request, timeoutMs) {
      const deadline = new AbortController()
      const timeout = delay(timeoutMs, { kind: 'timeout' } as const, { signal: deadline.signal })
      timeout.catch(() => undefined)
      const outcome = await Promise.race([run(request), timeout])
      if (outcome.kind === 'timeout') {
        failed = true
        await child.kill()
      } else if (!failed) {
        // The invocation ends when the runtime asks for the next one; what it writes until then belongs to this one.
        await Promise.race([api.ready(), exited, timeout])
        await outputRead()
      }
      deadline.abort()
      return outcome
    },
    async stop(graceMs = 0) {
      await (graceMs === 0 ? child.kill() : child.stop(graceMs))
      await api.close()
    },
  }
}

async function initialize(
  api: RuntimeApi,
  child: RuntimeProcess,
  exited: Promise<Outcome>,
): Promise<Outcome | undefined> {
  const outcome = await Promise.race([api.ready(), api.initError, exited])
  if (outcome?.kind === 'error') {
    const late = setTimeout(() => void child.kill(), EXIT_AFTER_INIT_ERROR_MS)
    await exited
    clearTimeout(late)
  }
  return outcome ?? undefined
}

/** Output that the process wrote before its last request is in our pipes: two turns of the event loop read it. */
async function outputRead(): Promise<void> {
  for (let turn = 0; turn < 2; turn++) await new Promise(resolve => setImmediate(resolve))
}
