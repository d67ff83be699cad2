// A cold start as Lambda has it: AWS's own runtime in a process of its own, which asks the Runtime API for events. Times
// are from the spawn: to the first question for work (the init phase), and to the first answer.
// https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { Throttle } from './throttle.ts'

const RIC = join(import.meta.dirname, '../../node_modules/aws-lambda-ric')
/** The managed runtimes run with these. */
const FLAGS = ['--no-experimental-require-module', '--no-experimental-detect-module']

export interface Start {
  /** ms from the spawn to the first request for an event. */
  readonly init: number
  /** ms from the spawn to the first answer. */
  readonly first: number
  /** The answers, in the order of the events; a failure is its error document. */
  readonly answers: readonly unknown[]
  readonly output: string
}

export interface StartOptions {
  /** The folder with `handler.mjs` or `handler.cjs`. */
  readonly folder: string
  readonly events: readonly unknown[]
  readonly environment: Readonly<Record<string, string>>
  readonly node?: string | undefined
  readonly nodeOptions?: readonly string[] | undefined
  readonly throttle?: Throttle | undefined
}

export interface Runtime {
  start(options: StartOptions): Promise<Start>
  close(): void
}

/** @throws {Error} where aws-lambda-ric is not installed */
export async function startRuntime(): Promise<Runtime> {
  if (!existsSync(join(RIC, 'rapid-client.node')))
    throw new Error('aws-lambda-ric is not there: `npm run bench:install` installs it')

  let onNext: (response: ServerResponse) => void = () => {}
  let onAnswer: (answer: unknown, isInit: boolean) => void = () => {}
  const server = createServer(async (request, response) => {
    if (request.method === 'GET') return onNext(response)
    let text = ''
    for await (const chunk of request.setEncoding('utf8')) text += chunk
    response.writeHead(202, { 'content-type': 'application/json' }).end('{"status":"OK"}')
    onAnswer(text === '' ? undefined : JSON.parse(text), request.url?.endsWith('/init/error') ?? false)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`

  return {
    async start({ folder, events, environment, node = process.execPath, nodeOptions = [], throttle }) {
      const answers: unknown[] = []
      let output = ''
      let init = 0
      let first = 0
      const left = [...events]
      const started = performance.now()
      const child = spawn(node, [...FLAGS, ...nodeOptions, join(RIC, 'index.mjs')], {
        cwd: folder,
        stdio: ['ignore', 'pipe', 'pipe'],
        env: {
          _HANDLER: 'handler.handler',
          AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE',
          AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
          AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '1024',
          AWS_LAMBDA_FUNCTION_NAME: 'bench',
          AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
          AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
          AWS_LAMBDA_LOG_GROUP_NAME: '/aws/lambda/bench',
          AWS_LAMBDA_LOG_STREAM_NAME: '2026/01/01/[$LATEST]0123456789abcdef',
          AWS_LAMBDA_RUNTIME_API: address,
          AWS_REGION: 'eu-west-1',
          AWS_SECRET_ACCESS_KEY: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
          // Nothing of the user's own configuration.
          HOME: folder,
          LAMBDA_TASK_ROOT: folder,
          PATH: process.env.PATH ?? '',
          TZ: ':UTC',
          ...environment,
        },
      })
      throttle?.hold(child.pid)
      for (const stream of [child.stdout, child.stderr])
        stream.setEncoding('utf8').on('data', (chunk: string) => {
          output += chunk
        })
      const exited = once(child, 'exit')
      const done = new Promise<void>((resolve, reject) => {
        onNext = response => {
          init ||= performance.now() - started
          const event = left.shift()
          if (event === undefined) return resolve()
          const body = JSON.stringify(event)
          response
            .writeHead(200, {
              'content-type': 'application/json',
              'content-length': Buffer.byteLength(body),
              'lambda-runtime-aws-request-id': `8476a536-e9f4-11e8-9739-2dfe598c3f${String(10 + left.length)}`,
              'lambda-runtime-deadline-ms': String(Date.now() + 30_000),
              'lambda-runtime-invoked-function-arn': 'arn:aws:lambda:eu-west-1:123456789012:function:bench',
              'lambda-runtime-trace-id': 'Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=0',
            })
            .end(body)
        }
        onAnswer = (answer, isInit) => {
          first ||= performance.now() - started
          answers.push(answer)
          if (isInit) reject(new Error(`the initialization failed: ${JSON.stringify(answer)}\n${output}`))
          // The last: its time is known, and the process need not ask again.
          if (left.length === 0 && events.length === 1) resolve()
        }
        child.once('error', reject)
        child.once('exit', code => reject(new Error(`the process ended with ${code} before it answered\n${output}`)))
      })
      try {
        await done
      } finally {
        throttle?.hold(undefined)
        child.kill('SIGKILL')
        if (child.pid !== undefined) await exited
        // What it asked in its last moment is not to be taken for a question of the next one.
        server.closeAllConnections()
      }
      return { init, first, answers, output }
    },
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
}
