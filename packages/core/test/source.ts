// A source for the engine's own tests: any event, one unit; `batch` has records under `items`.
import {
  type BatchPipeline,
  type BatchSource,
  type LambdaContext,
  type Pipeline,
  pipeline,
  type SourceTypes,
} from '../src/index.ts'

export interface PlainTypes extends SourceTypes {
  event: unknown
  context: { event: { name?: string } }
  returns: unknown
  response: unknown
}

export function plain(fail?: (error: unknown) => unknown): Pipeline<PlainTypes> {
  return pipeline<PlainTypes>({
    name: 'test:plain',
    open: (event, lambda) => ({
      event: event as { name?: string },
      unit: { kind: 'invocation', source: 'test:plain', id: lambda?.awsRequestId ?? '', raw: event as object },
    }),
    respond: value => value,
    ...(fail && { fail }),
  })
}

export interface BatchTypes extends SourceTypes {
  event: { items: string[] }
  context: { event: { items: string[] } }
  returns: string[] | undefined
  response: string[]
}
export interface ItemTypes {
  context: { item: string }
  returns: unknown
  options: { reverse?: boolean }
}

export function batch(
  parts: Pick<BatchSource<BatchTypes, ItemTypes>, 'permissions'> = {},
): BatchPipeline<BatchTypes, ItemTypes> {
  return pipeline<BatchTypes, ItemTypes>({
    ...parts,
    name: 'test:batch',
    open: event => ({
      event: event as { items: string[] },
      unit: { kind: 'invocation', source: 'test:batch', id: 'b', raw: event as object },
    }),
    respond: value => (value as string[] | undefined) ?? [],
    each: options => async (ctx, run) => {
      const { items } = ctx.event
      const done: string[] = []
      for (const item of options?.reverse ? [...items].reverse() : items)
        done.push(
          String(await run({ item, event: item, unit: { kind: 'record', source: 'test:batch', id: item, raw: item } })),
        )
      return done
    },
  })
}

export const lambda = (overrides: Partial<LambdaContext> = {}): LambdaContext => ({
  functionName: 'fn',
  functionVersion: '1',
  invokedFunctionArn: 'arn:aws:lambda:eu-central-1:123456789012:function:fn',
  memoryLimitInMB: '128',
  awsRequestId: 'r-1',
  logGroupName: 'group',
  logStreamName: 'stream',
  getRemainingTimeInMillis: () => 3000,
  ...overrides,
})
