// The same work under middy itself and through the bridge.
import { type LambdaContext, type Pipeline, pipeline, type Unit } from '@lambent/core'
import { lambdaContext } from '@lambent/testing'
import middy from '@middy/core'
import type { MiddyHooks } from '../src/index.ts'
import { fromMiddy } from '../src/index.ts'

export type Work = (event: never, context: never) => unknown
export type Outcome = { readonly value: unknown } | { readonly error: unknown }

interface Anything {
  readonly event: unknown
  readonly context: object
  readonly returns: unknown
  readonly response: unknown
}

/** A pipeline whose events and responses are anything. */
export const plain = (): Pipeline<Anything> =>
  pipeline<Anything>({
    name: 'test',
    open: event => ({ event, unit: { kind: 'invocation', source: 'test', id: '1', raw: event as Unit['raw'] } }),
    respond: value => value,
  })

async function settled(run: () => Promise<unknown>): Promise<Outcome> {
  try {
    return { value: await run() }
  } catch (error) {
    return { error }
  }
}

export const context = (): LambdaContext => lambdaContext({ awsRequestId: 'r-1' })

/** What middy itself gives. */
export function byMiddy(middlewares: readonly MiddyHooks[], work: Work, event: unknown): Promise<Outcome> {
  // A test's middlewares have any types: the differential is about what they do.
  const chain = middy().use(middlewares as never) as unknown as {
    handler(work: Work): (event: unknown, context: unknown) => Promise<unknown>
  }
  const handler = chain.handler(work)
  return settled(() => handler(structuredClone(event), context()))
}

/** What a pipeline of Lambent gives with them in it. */
export function byLambent(middlewares: readonly MiddyHooks[], work: Work, event: unknown): Promise<Outcome> {
  const handler = plain()
    .use(fromMiddy(...middlewares))
    .handle(({ middy }) => work((middy as { event: never }).event, (middy as { context: never }).context))
  return settled(() => handler(structuredClone(event), context()))
}
