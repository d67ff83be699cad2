import { pipeline, type SourceTypes } from '@lambent/core'

interface Plain extends SourceTypes {
  readonly event: unknown
  readonly context: { readonly event: unknown }
}

export const handler = pipeline<Plain>({
  name: 'bench',
  open: event => ({ event, unit: { kind: 'invocation', source: 'bench', id: '1', raw: undefined } }),
  respond: value => value,
}).handle(() => ({ batchItemFailures: [] }))
