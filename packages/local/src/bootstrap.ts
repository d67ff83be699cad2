// The entry of the runtime's process where aws-lambda-ric is not installed: it loads the handler, asks the Runtime API
// for one invocation after another and reports what came of it, in the way and in the words of aws-lambda-ric 4.
// One file with no import but Node's own: it runs beside user code and must not share a module with it.
import { existsSync, writeSync } from 'node:fs'
import { Agent, type ClientRequest, type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http'
import { createRequire } from 'node:module'
import { basename, join, resolve as resolvePath } from 'node:path'
import { pathToFileURL } from 'node:url'
import { format } from 'node:util'

type Handler = (...args: unknown[]) => unknown

interface InvocationContext {
  readonly awsRequestId: string
  readonly xRayTraceId: string | undefined
  readonly tenantId: string | undefined
}

const env = process.env
const STREAMING = Symbol.for('aws.lambda.runtime.handler.streaming')

async function start(): Promise<void> {
  const invokeStore = createInvokeStore()
  patchConsole(() => invokeStore.getRequestId())
  installGlobals(invokeStore)

  let handler: Handler
  try {
    handler = await loadHandler(env.LAMBDA_TASK_ROOT ?? '', env._HANDLER ?? '')
  } catch (error) {
    logError('Init Error', error)
    const body = serializeError(error)
    await post('init/error', JSON.stringify(body), { 'Lambda-Runtime-Function-Error-Type': asHeader(body.errorType) })
    throw error
  }

  for (;;) {
    const { headers, body } = await nextInvocation()
    const context = contextOf(headers)
    const event: unknown = JSON.parse(body)
    const protectedFields = {
      [Symbol.for('_AWS_LAMBDA_REQUEST_ID')]: context.awsRequestId,
      [Symbol.for('_AWS_LAMBDA_X_RAY_TRACE_ID')]: context.xRayTraceId,
    }
    await invokeStore.run(protectedFields, () =>
      isStreaming(handler) ? runStreaming(handler, event, context) : runBuffered(handler, event, context),
    )
  }
}

// --- The handler ---------------------------------------------------------------------------------------------------

async function loadHandler(taskRoot: string, handlerString: string): Promise<Handler> {
  if (handlerString.includes('..')) {
    const why = 'Use absolute paths when specifying root directories in handler names.'
    throw runtimeError('Runtime.MalformedHandlerName', `'${handlerString}' is not a valid handler name. ${why}`)
  }
  const name = basename(handlerString)
  const dot = name.indexOf('.')
  if (dot === -1) throw runtimeError('Runtime.MalformedHandlerName', 'Bad handler')
  const folder = resolvePath(taskRoot, handlerString.slice(0, handlerString.length - name.length))
  const module = await loadModule(taskRoot, folder, name.slice(0, dot))

  const path = name.slice(dot + 1).split('.')
  const handler = find(module, path) ?? find((module as { default?: unknown } | undefined)?.default, path)
  if (!handler) throw runtimeError('Runtime.HandlerNotFound', `${handlerString} is undefined or not exported`)
  if (typeof handler !== 'function') {
    throw runtimeError('Runtime.HandlerNotFound', `${handlerString} is not a function`)
  }
  if (!isStreaming(handler as Handler) && handler.length >= 3) {
    throw runtimeError(
      'Runtime.CallbackHandlerDeprecated',
      'ERROR: AWS Lambda has removed support for callback-based function handlers starting with Node.js 24. ' +
        'You need to modify this function to use a supported handler signature to use Node.js 24 or later. ' +
        'For more information see https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html.',
    )
  }
  return handler as Handler
}

async function loadModule(taskRoot: string, folder: string, name: string): Promise<unknown> {
  try {
    for (const extension of ['', '.js', '.mjs', '.cjs']) {
      const file = join(folder, name + extension)
      if (existsSync(file)) return await import(pathToFileURL(file).href)
    }
    const require = createRequire(import.meta.url)
    return require(require.resolve(name, { paths: [taskRoot, folder] }))
  } catch (error) {
    if (error instanceof SyntaxError) throw runtimeError('Runtime.UserCodeSyntaxError', String(error), error.stack)
    // Only require()'s code counts: a module that import cannot find is reported as the plain Error that it is.
    if (error instanceof Error && (error as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND') {
      throw runtimeError('Runtime.ImportModuleError', String(error))
    }
    throw error
  }
}

function find(value: unknown, path: readonly string[]): unknown {
  let found = value
  for (const key of path) {
    if (typeof found !== 'object' || found === null) return undefined
    found = (found as Record<string, unknown>)[key]
  }
  return found
}

function isStreaming(handler: Handler): boolean {
  const mode = (handler as { [STREAMING]?: unknown })[STREAMING]
  if (!mode || mode === 'response') return Boolean(mode)
  throw runtimeError('Runtime.MalformedStreamingHandler', 'Only response streaming is supported.')
}

// --- One invocation ------------------------------------------------------------------------------------------------

async function runBuffered(handler: Handler, event: unknown, context: InvocationContext): Promise<void> {
  const path = `invocation/${encodeURIComponent(context.awsRequestId)}`
  try {
    const result = await handler(event, context)
    await nextTurn()
    await post(`${path}/response`, serializeResult(result))
  } catch (error) {
    await nextTurn()
    logError('Invoke Error', error)
    await post(`${path}/error`, JSON.stringify(serializeError(error)))
  }
}

/** A rejection that the handler left unhandled ends the process before its result is sent. */
function nextTurn(): Promise<void> {
  return new Promise(resolve => setImmediate(resolve))
}

function serializeResult(result: unknown): string {
  let json: string | undefined
  try {
    json = JSON.stringify(result === undefined ? null : result)
  } catch {
    throw runtimeError('Runtime.JSONStringifyError', 'Unable to stringify response body')
  }
  // A function or a symbol. The words are those of aws-lambda-ric's native client.
  if (json === undefined) throw new TypeError('Wrong arguments')
  return json
}

function contextOf(headers: IncomingHttpHeaders): InvocationContext {
  const header = (name: string): string | undefined => headers[`lambda-runtime-${name}`] as string | undefined
  const deadline = Number(header('deadline-ms'))
  const traceId = header('trace-id')
  if (traceId === undefined) delete env._X_AMZN_TRACE_ID
  else env._X_AMZN_TRACE_ID = traceId
  return Object.assign(
    {
      clientContext: parseHeader(header('client-context')),
      identity: parseHeader(header('cognito-identity')),
      invokedFunctionArn: header('invoked-function-arn'),
      awsRequestId: header('aws-request-id') ?? '',
      tenantId: header('aws-tenant-id'),
      xRayTraceId: traceId,
      getRemainingTimeInMillis: () => deadline - Date.now(),
    },
    {
      functionName: env.AWS_LAMBDA_FUNCTION_NAME,
      functionVersion: env.AWS_LAMBDA_FUNCTION_VERSION,
      memoryLimitInMB: env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
      logGroupName: env.AWS_LAMBDA_LOG_GROUP_NAME,
      logStreamName: env.AWS_LAMBDA_LOG_STREAM_NAME,
    },
  )
}

function parseHeader(json: string | undefined): unknown {
  return json === undefined ? undefined : JSON.parse(json)
}

// --- A streamed response -------------------------------------------------------------------------------------------

interface ResponseStream extends ClientRequest {
  setContentType(contentType: string): void
  _onBeforeFirstWrite?: (write: (chunk: string | Uint8Array) => unknown) => void
}

async function runStreaming(handler: Handler, event: unknown, context: InvocationContext): Promise<void> {
  const { stream, answered } = openResponseStream(context.awsRequestId)
  try {
    const running = handler(event, stream, context)
    if (typeof (running as { then?: unknown } | null | undefined)?.then !== 'function') {
      throw new Error('Streaming does not support non-async handlers.')
    }
    if ((await running) !== undefined) console.warn('Streaming handlers ignore return values.')
    await answered
    if (!stream.writableFinished) throw new Error('Response stream is not finished.')
  } catch (error) {
    await nextTurn()
    logError('Invoke Error', error)
    const body = serializeError(error)
    stream.addTrailers({
      'Lambda-Runtime-Function-Error-Type': asHeader(body.errorType),
      'Lambda-Runtime-Function-Error-Body': Buffer.from(JSON.stringify(body)).toString('base64'),
    })
    stream.end()
    await answered.catch(() => undefined)
  }
}

function openResponseStream(requestId: string): { stream: ResponseStream; answered: Promise<void> } {
  const answered = Promise.withResolvers<void>()
  const stream = openRequest(
    'POST',
    `invocation/${encodeURIComponent(requestId)}/response`,
    {
      'Lambda-Runtime-Function-Response-Mode': 'streaming',
      Trailer: 'Lambda-Runtime-Function-Error-Type, Lambda-Runtime-Function-Error-Body',
      'Content-Type': 'application/octet-stream',
      'Transfer-Encoding': 'chunked',
    },
    response => response.resume().once('end', answered.resolve),
  ) as ResponseStream
  stream.once('error', answered.reject)
  answered.promise.catch(() => undefined)

  let started = false
  const write = stream.write.bind(stream) as (chunk: unknown, ...rest: unknown[]) => boolean
  stream.setContentType = contentType => {
    if (started) throw runtimeError('Runtime.InvalidStreamingOperation', 'Cannot set content-type, too late.')
    stream.setHeader('Content-Type', contentType)
  }
  stream.write = ((chunk: unknown, ...rest: unknown[]) => {
    if (!started) stream._onBeforeFirstWrite?.(write)
    started = true
    const isBytes = typeof chunk === 'string' || chunk instanceof Uint8Array
    return write(isBytes ? chunk : JSON.stringify(chunk), ...rest)
  }) as ResponseStream['write']
  return { stream, answered: answered.promise }
}

// --- The Runtime API -----------------------------------------------------------------------------------------------

const agent = new Agent({ keepAlive: true, maxSockets: 1 })

async function nextInvocation(): Promise<{ headers: IncomingHttpHeaders; body: string }> {
  const { status, headers, body } = await call('GET', 'invocation/next')
  if (status < 200 || status > 299) throw new Error(`Failed to get next invocation, error ${status}`)
  return { headers, body }
}

/** What the Runtime API answers is not looked at, as aws-lambda-ric does not: the next call will fail if it must. */
async function post(path: string, json: string, headers: Record<string, string> = {}): Promise<void> {
  await call('POST', path, json, { 'Content-Type': 'application/json', ...headers })
}

function call(
  method: string,
  path: string,
  body?: string,
  headers: Record<string, string | number> = {},
): Promise<{ status: number; headers: IncomingHttpHeaders; body: string }> {
  return new Promise((resolve, reject) => {
    const length = body === undefined ? {} : { 'Content-Length': Buffer.byteLength(body) }
    const outgoing = openRequest(method, path, { ...headers, ...length }, response => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => {
        text += chunk
      })
      response.once('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }))
      response.once('error', reject)
    })
    outgoing.once('error', reject)
    outgoing.end(body)
  })
}

function openRequest(
  method: string,
  path: string,
  headers: Record<string, string | number>,
  onResponse: (response: IncomingMessage) => void,
): ClientRequest {
  const [host, port] = (env.AWS_LAMBDA_RUNTIME_API ?? '').split(':')
  return request({ method, host, port, path: `/2018-06-01/runtime/${path}`, agent, headers }, onResponse)
}

// --- Errors --------------------------------------------------------------------------------------------------------

interface SerializedError {
  readonly errorType: string
  readonly errorMessage: string
  readonly trace: string[]
}

function runtimeError(name: string, message: string, stack?: string): Error {
  const error = new Error(message)
  error.name = name
  if (stack !== undefined) error.stack = stack
  return error
}

function serializeError(error: unknown): SerializedError {
  const clean = (text: string): string => text?.replaceAll('\x7f', '%7F')
  try {
    if (error instanceof Error) {
      const { name, message, stack } = error
      return { errorType: clean(name), errorMessage: clean(message), trace: stack ? clean(stack).split('\n') : [] }
    }
    return { errorType: typeof error, errorMessage: String(error), trace: [] }
  } catch {
    return {
      errorType: 'handled',
      errorMessage:
        'callback called with Error argument, but there was a problem while retrieving one or more of its message, name, and stack',
      trace: [],
    }
  }
}

function asHeader(value: string): string {
  return String(value).replace(/[^\x20-\x7e]/g, '?')
}

// --- The console ----------------------------------------------------------------------------------------------------

const LEVELS = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'] as const
const JSON_FORMAT = env.AWS_LAMBDA_LOG_FORMAT?.toUpperCase() === 'JSON'

/** Entries go to the telemetry file descriptor: it is written synchronously, so none is lost when the process ends. */
function patchConsole(requestId: () => string): void {
  const fd = Number(env._LAMBDA_TELEMETRY_LOG_FD)
  delete env._LAMBDA_TELEMETRY_LOG_FD
  const minimum = Math.max(0, (LEVELS as readonly string[]).indexOf(env.AWS_LAMBDA_LOG_LEVEL?.toUpperCase() ?? ''))
  const target = console as unknown as Record<string, (...args: unknown[]) => void>
  for (const [index, level] of LEVELS.entries()) {
    const render = JSON_FORMAT ? jsonLine : textLine
    target[level.toLowerCase()] = (...args) => {
      if (index < minimum) return
      const now = new Date()
      writeAll(fd, frame(index, now, render(now.toISOString(), requestId(), level, args)))
    }
  }
  target.log = target.info as (...args: unknown[]) => void
}

/** Type and level, length, time in microseconds, message; telemetry.ts reads it. */
function frame(level: number, time: Date, line: string): Buffer {
  const message = Buffer.from(line)
  const header = Buffer.alloc(16)
  header.writeUInt32BE(((JSON_FORMAT ? 0xa55a0002 : 0xa55a0003) | ((level + 1) << 2)) >>> 0, 0)
  header.writeUInt32BE(message.length, 4)
  header.writeBigInt64BE(BigInt(time.valueOf()) * 1000n, 8)
  return Buffer.concat([header, message])
}

function writeAll(fd: number, bytes: Buffer): void {
  for (let written = 0; written < bytes.length; ) written += writeSync(fd, bytes, written)
}

function textLine(timestamp: string, requestId: string, level: string, args: unknown[]): string {
  return `${[timestamp, requestId, level, format(args[0], ...args.slice(1))].join('\t')}\n`
}

function jsonLine(timestamp: string, requestId: string, level: string, args: unknown[]): string {
  const entry: Record<string, unknown> = { timestamp, level, requestId }
  if (args.length <= 1) {
    try {
      return JSON.stringify({ ...entry, message: args[0] }, (_, value) => describeError(value) ?? value)
    } catch {
      return JSON.stringify({ ...entry, message: format(args[0]) })
    }
  }
  const error = args.slice(1).find(arg => arg instanceof Error)
  return JSON.stringify({ ...entry, message: format(...args), ...describeError(error, {}) })
}

function describeError(value: unknown, own: object | undefined = value as object): object | undefined {
  if (!(value instanceof Error)) return undefined
  return {
    errorType: value.constructor?.name ?? 'UnknownError',
    errorMessage: value.message,
    stackTrace: typeof value.stack === 'string' ? value.stack.split('\n') : value.stack,
    ...own,
  }
}

function logError(what: string, thrown: unknown): void {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown))
  if (JSON_FORMAT) console.error(error)
  else console.error(what, `\t${errorJson(error)}`)
}

function errorJson(error: Error): string {
  const readable = (value: unknown): unknown => {
    if (!(value instanceof Error)) return value
    const { name, message, stack } = value
    const code = (value as NodeJS.ErrnoException).code
    return {
      errorType: name,
      errorMessage: message,
      code,
      ...value,
      ...(typeof stack === 'string' && { stack: stack.split('\n') }),
    }
  }
  try {
    return JSON.stringify(error, (_, value) => readable(value))
  } catch {
    return JSON.stringify(serializeError(error))
  }
}

// --- What user code finds on globalThis.awslambda -------------------------------------------------------------------

/** The store that @aws/lambda-invoke-store hands to user code when the runtime has put one here. */
function createInvokeStore() {
  let current: Record<PropertyKey, unknown> | undefined
  const keys = ['_AWS_LAMBDA_REQUEST_ID', '_AWS_LAMBDA_X_RAY_TRACE_ID', '_AWS_LAMBDA_TENANT_ID'].map(Symbol.for)
  const [requestId = '', traceId = '', tenantId = ''] = keys as PropertyKey[]
  return {
    getContext: () => current,
    hasContext: () => current !== undefined,
    get: (key: PropertyKey) => current?.[key],
    set(key: PropertyKey, value: unknown): void {
      if (keys.includes(key as symbol)) {
        throw new Error(`Cannot modify protected Lambda context field: ${String(key)}`)
      }
      current = current ?? {}
      current[key] = value
    },
    run<Result>(context: Record<PropertyKey, unknown>, work: () => Result): Result {
      current = context
      return work()
    },
    getRequestId: () => (current?.[requestId] as string | undefined) ?? '-',
    getXRayTraceId: () => current?.[traceId] as string | undefined,
    getTenantId: () => current?.[tenantId] as string | undefined,
  }
}

function installGlobals(InvokeStore: object): void {
  if (['true', '1'].includes(env.AWS_LAMBDA_NODEJS_NO_GLOBAL_AWSLAMBDA ?? '')) return
  const awslambda = {
    InvokeStore,
    streamifyResponse: (handler: Handler): Handler => Object.assign(handler, { [STREAMING]: 'response' }),
    HttpResponseStream: {
      from(stream: ResponseStream, prelude: unknown): ResponseStream {
        stream.setContentType('application/vnd.awslambda.http-integration-response')
        stream._onBeforeFirstWrite = write => {
          write(JSON.stringify(prelude))
          write(new Uint8Array(8))
        }
        return stream
      },
    },
  }
  Object.assign(globalThis, { awslambda })
}

// Not awaited: a handler module whose promise never settles must end the process with status 0, not 13.
void start()
