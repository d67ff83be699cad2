// A Lambda function on this machine: it keeps one execution environment, gives it one invocation at a time and
// replaces it after a failure, as Lambda does with concurrency 1.
import { randomBytes, randomUUID } from 'node:crypto'
import { dirname } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { lambdaEnvironment } from './environment.ts'
import { type ExecutionEnvironment, startExecutionEnvironment } from './execution-environment.ts'
import { checkTimeout, configure, type FunctionConfiguration, type FunctionOptions } from './function-options.ts'
import { type InvocationResult, invocationResult, type LogEntry, platformMessage } from './invocation-result.ts'
import type { RuntimeRequest } from './runtime-api.ts'
import type { Output, ProcessSettings } from './runtime-process.ts'

export interface InvokeOptions {
  /**
   * This invocation's timeout in ms, 1 to 900,000.
   * @default the function's
   */
  readonly timeout?: number
  /** `context.clientContext`. */
  readonly clientContext?: unknown
  /** `context.identity`. */
  readonly identity?: unknown
  /** `context.tenantId`. */
  readonly tenantId?: string
  /**
   * `_X_AMZN_TRACE_ID` in the function's process.
   * @default one that is not sampled
   */
  readonly traceId?: string
  /** @default a random UUID */
  readonly requestId?: string
}

/** A function that runs. */
export interface LambdaFunction extends AsyncDisposable {
  readonly functionName: string
  readonly functionArn: string
  /** In ms. */
  readonly timeout: number
  /** Which runtime runs it. */
  readonly runtime: 'ric' | 'bootstrap'
  /** Of the process that runs now; absent after a failure, until the next invocation starts another. */
  readonly pid: number | undefined
  /** How long the initialization of the process that runs now took, in ms; absent if it has not succeeded. */
  readonly initDurationMs: number | undefined
  /** How many processes have been started: cold starts. */
  readonly initCount: number
  /** How many invocations have been begun. */
  readonly requestCount: number
  /** The last 10,000 entries that the function wrote. */
  readonly logs: readonly LogEntry[]
  /**
   * Invokes the function and waits for its result; a failure of the function is a result too. Invocations wait their turn.
   *
   * After a timeout, a crash or a failed initialization the next invocation starts another process, within its own timeout.
   * @param event what becomes JSON, or bytes that are JSON already and are sent as they are; `{}` if left out
   * @throws {TypeError} if the event is not JSON; {RangeError} if it is larger than 6 MB, or the timeout out of range
   * @throws {Error} if the function has been stopped
   */
  invoke(event?: unknown, options?: InvokeOptions): Promise<InvocationResult>
  /**
   * Stops the function: SIGTERM, after 500 ms SIGKILL. An invocation that has not ended by then rejects.
   * To stop it once more is no error.
   */
  stop(): Promise<void>
}

/** Lambda gives an initialization 10 s; past that, it starts again within the first invocation and its timeout. */
const INIT_TIMEOUT_MS = 10_000
const STOP_GRACE_MS = 500
/** What Lambda takes in a synchronous invocation: 6 MB. */
export const MAX_EVENT_BYTES = 6_291_456
const MAX_LOG_ENTRIES = 10_000

/** The managed runtimes run with these: a CommonJS handler cannot require an ES module. */
const LAMBDA_NODE_OPTIONS = ['--no-experimental-require-module', '--no-experimental-detect-module']

/**
 * Starts a handler in a process of its own and waits for its initialization. That may fail: the first invocation then
 * gives the error, as on Lambda.
 *
 * @throws {Error} if an option is wrong; the message says which, and what to do.
 * @example
 * const orders = await startFunction({ handler: 'dist/orders.handler', timeout: 5000 })
 * const result = await orders.invoke({ orderId: 'o-1' })
 * if (result.functionError) console.error(result.errorType, result.errorMessage)
 * else console.log(result.payload)
 * await orders.stop()
 */
export async function startFunction(options: FunctionOptions): Promise<LambdaFunction> {
  const configuration = await configure(options)
  const { location } = configuration
  const logs: LogEntry[] = []
  let unclaimed: LogEntry[] = []
  let environment: ExecutionEnvironment | undefined
  let currentId: string | undefined
  let initCount = 0
  let requestCount = 0
  let turn: Promise<unknown> = Promise.resolve()
  let stopping: Promise<void> | undefined

  function log(output: Output | { readonly source: 'platform'; readonly message: string }): void {
    const entry = { timestamp: Date.now(), ...output, ...(currentId !== undefined && { requestId: currentId }) }
    logs.push(entry)
    if (logs.length > MAX_LOG_ENTRIES) logs.shift()
    unclaimed.push(entry)
    options.onLog?.(entry)
  }

  async function startEnvironment(): Promise<ExecutionEnvironment> {
    initCount++
    environment = await startExecutionEnvironment(runtimeApi => processSettings(configuration, runtimeApi, log))
    return environment
  }

  async function dropEnvironment(): Promise<void> {
    const dropped = environment
    environment = undefined
    await dropped?.stop()
  }

  async function run(request: Omit<RuntimeRequest, 'deadlineMs'>, timeout: number): Promise<InvocationResult> {
    assertRunning()
    const { requestId } = request
    requestCount++
    currentId = requestId
    const started = performance.now()
    const deadlineMs = Date.now() + timeout
    // A process that ended by itself since the last invocation is replaced; one whose initialization failed says so first.
    if (environment !== undefined && hasEnded(environment)) await dropEnvironment()
    const current = environment ?? (await startEnvironment())
    assertRunning()
    const outcome = await current.invoke({ ...request, deadlineMs }, timeout)
    const durationMs = performance.now() - started
    const message = platformMessage(outcome, requestId, timeout)
    if (message !== undefined) log({ source: 'platform', message })
    currentId = undefined
    const claimed = unclaimed
    unclaimed = []
    if (stopping !== undefined && outcome.kind === 'exit') assertRunning()
    if (!current.isUsable()) await dropEnvironment()
    return invocationResult(outcome, { requestId, durationMs, logs: claimed, timeout })
  }

  function hasEnded(current: ExecutionEnvironment): boolean {
    return !current.isUsable() && current.initDurationMs() !== undefined
  }

  function assertRunning(): void {
    if (stopping === undefined) return
    throw new Error(
      `invoke: function ${configuration.functionName} has been stopped. Start it again with startFunction.`,
    )
  }

  async function stop(): Promise<void> {
    await environment?.stop(STOP_GRACE_MS)
    // An invocation under way may just have started another process; it ends that itself, and fails.
    await turn
    await dropEnvironment()
  }

  const first = await startEnvironment()
  const initTimeout = new AbortController()
  const late = delay(INIT_TIMEOUT_MS, 'late' as const, { signal: initTimeout.signal })
  late.catch(() => undefined)
  if ((await Promise.race([first.init, late])) === 'late') await dropEnvironment()
  initTimeout.abort()

  const lambdaFunction: LambdaFunction = {
    functionName: configuration.functionName,
    functionArn: configuration.functionArn,
    timeout: configuration.timeout,
    runtime: location.runtime,
    logs,
    get pid() {
      return environment?.isUsable() ? environment.pid : undefined
    },
    get initDurationMs() {
      return environment?.initDurationMs()
    },
    get initCount() {
      return initCount
    },
    get requestCount() {
      return requestCount
    },
    async invoke(event = {}, invokeOptions = {}) {
      assertRunning()
      const timeout = invokeOptions.timeout ?? configuration.timeout
      checkTimeout('invoke: timeout', timeout)
      const request = toRequest(event, invokeOptions, configuration.functionArn)
      const result = turn.then(() => run(request, timeout))
      turn = result.catch(() => undefined)
      return result
    },
    stop() {
      stopping ??= stop()
      return stopping
    },
    [Symbol.asyncDispose]: () => lambdaFunction.stop(),
  }
  return lambdaFunction
}

function processSettings(
  configuration: FunctionConfiguration,
  runtimeApi: string,
  onOutput: ProcessSettings['onOutput'],
): ProcessSettings {
  const { location } = configuration
  return {
    command: configuration.node,
    args: [...LAMBDA_NODE_OPTIONS, ...configuration.nodeOptions, location.entry],
    cwd: configuration.taskRoot,
    env: lambdaEnvironment({ ...configuration, runtimeApi, runtimeDir: dirname(location.entry) }),
    onOutput,
  }
}

function toRequest(
  event: unknown,
  options: InvokeOptions,
  invokedFunctionArn: string,
): Omit<RuntimeRequest, 'deadlineMs'> {
  const requestId = options.requestId ?? randomUUID()
  if (!/^[\w-]{1,128}$/.test(requestId)) {
    throw new TypeError(`invoke: requestId must be letters, digits, hyphens and underscores, got '${requestId}'`)
  }
  checkHeader('traceId', options.traceId)
  checkHeader('tenantId', options.tenantId)
  return {
    requestId,
    invokedFunctionArn,
    traceId: options.traceId ?? newTraceId(),
    body: toJsonBytes(event),
    ...(options.clientContext !== undefined && { clientContext: JSON.stringify(options.clientContext) }),
    ...(options.identity !== undefined && { cognitoIdentity: JSON.stringify(options.identity) }),
    ...(options.tenantId !== undefined && { tenantId: options.tenantId }),
  }
}

/** The runtime gets it in an HTTP header. */
function checkHeader(name: string, value: string | undefined): void {
  if (value === undefined || /^[\x20-\x7e]+$/.test(value)) return
  throw new TypeError(`invoke: ${name} must be printable ASCII, got ${JSON.stringify(value)}`)
}

function toJsonBytes(event: unknown): Uint8Array {
  const bytes = event instanceof Uint8Array ? event : encode(event)
  if (bytes.byteLength > MAX_EVENT_BYTES) {
    throw new RangeError(
      `invoke: the event has ${bytes.byteLength} bytes; Lambda takes up to ${MAX_EVENT_BYTES} in a synchronous invocation`,
    )
  }
  if (event instanceof Uint8Array) {
    try {
      JSON.parse(Buffer.from(event).toString('utf8'))
    } catch {
      throw new TypeError('invoke: the event was given as bytes, which are not JSON')
    }
  }
  return bytes
}

function encode(event: unknown): Uint8Array {
  let json: string | undefined
  let cause: unknown
  try {
    json = JSON.stringify(event)
  } catch (error) {
    cause = error
  }
  if (json === undefined) {
    throw new TypeError(`invoke: the event is not JSON: a ${typeof event} that JSON.stringify does not take`, { cause })
  }
  return Buffer.from(json)
}

/** https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-tracingheader */
function newTraceId(): string {
  const time = Math.floor(Date.now() / 1000).toString(16)
  return `Root=1-${time}-${randomBytes(12).toString('hex')};Parent=${randomBytes(8).toString('hex')};Sampled=0`
}
