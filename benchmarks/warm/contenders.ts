// The chains that are compared: 0 to 20 middlewares, each of which adds a key, around a handler that reads the last.
import { join } from 'node:path'
import { apiGatewayProxyEventV2, lambdaContext } from '@lambent/testing'
import { STACKS } from '../lib/about.ts'

export const LENGTHS = [0, 1, 5, 10, 20]
export type Invoke = () => Promise<unknown>

export interface Chain {
  readonly name: string
  readonly group: 'plain' | 'http'
  readonly length: number
  readonly ours: boolean
  /** In a process that loads no other, as a function does. */
  load(): Promise<Invoke>
}

type Handler = (event: unknown, context: object) => Promise<unknown>

/** Each is an export of a module of benchmarks/stacks/warm, which makes a chain of a length. */
const MAKERS: readonly (readonly [name: string, group: Chain['group'], module: string, maker: string])[] = [
  ['by hand', 'plain', 'by-hand', 'plain'],
  ['Lambent', 'plain', 'lambent', 'plain'],
  ['Lambent, async middlewares', 'plain', 'lambent', 'plainAsync'],
  ['middy, synchronous hooks', 'plain', 'middy', 'plain'],
  ['middy, synchronous hooks, its early timeout off', 'plain', 'middy', 'withoutTimeout'],
  ['middy, async hooks', 'plain', 'middy', 'plainAsync'],
  ['by hand', 'http', 'by-hand', 'overHttp'],
  ['Lambent', 'http', 'lambent', 'overHttp'],
  ['middy, synchronous hooks', 'http', 'middy', 'overHttp'],
  ['Powertools router', 'http', 'powertools', 'overHttp'],
  ['hono', 'http', 'hono', 'overHttp'],
]

const base = lambdaContext({ timeout: 30_000 })
const until = Date.now() + 900_000
const request = apiGatewayProxyEventV2({
  method: 'POST',
  path: '/orders',
  headers: { 'content-type': 'application/json' },
  body: '{}',
})

/** Each invocation has a context of its own, since middy's hooks write on it. */
const contextOf = () => ({
  functionName: base.functionName,
  functionVersion: base.functionVersion,
  invokedFunctionArn: base.invokedFunctionArn,
  memoryLimitInMB: base.memoryLimitInMB,
  awsRequestId: base.awsRequestId,
  logGroupName: base.logGroupName,
  logStreamName: base.logStreamName,
  getRemainingTimeInMillis: () => until - Date.now(),
})

export const chains: readonly Chain[] = LENGTHS.flatMap(length =>
  MAKERS.filter(([, , module]) => module !== 'by-hand' || length === 0).map(([name, group, module, maker]) => ({
    name,
    group,
    length,
    ours: name.startsWith('Lambent'),
    async load() {
      const handler: Handler = (await import(join(STACKS, 'warm', `${module}.mjs`)))[maker](length)
      const event = group === 'http' ? request : {}
      return () => handler(event, contextOf())
    },
  })),
)
