// The answers of SendMessageBatch and PublishBatch, which have one shape.
import { LambentError } from '@lambent/core'
import type { Outcome } from './batcher.ts'
import type { FailedEntry } from './port.ts'

/** The id of an entry in its call: its place in it. */
export function entryId(index: number): string {
  return `${index}`
}

/** One outcome for each entry. What the answer does not name as successful was not stored, as far as anybody knows. */
export function outcomesOf(
  total: number,
  answer: {
    readonly Successful?: readonly { readonly Id?: string | undefined }[] | undefined
    readonly Failed?: readonly FailedEntry[] | undefined
  },
): readonly Outcome[] {
  const successful = new Set(answer?.Successful?.map(({ Id }) => Id))
  const failed = new Map(answer?.Failed?.map(entry => [entry.Id, entry]))
  return Array.from({ length: total }, (_, index) => {
    const failure = failed.get(entryId(index))
    if (failure) return refused(failure.Code, failure.Message, failure.SenderFault !== true)
    return successful.has(entryId(index)) ? undefined : refused('NoAnswer', 'the answer does not name the entry', true)
  })
}

export function refused(code: string | undefined, message: string | undefined, retryable: boolean): Outcome {
  const error = new LambentError(`${code ?? 'Unknown'}: ${`${message ?? ''}`.slice(0, 300)}`, {
    code: code ?? 'Unknown',
    retryable,
  })
  return { error, retryable }
}
