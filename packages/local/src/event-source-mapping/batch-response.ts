// Which messages of a batch have failed, as Lambda reads it out of the function's response.
// https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html#services-sqs-batchfailurereporting

export interface BatchVerdict {
  /** Ids of the messages that have failed and stay in the queue. */
  readonly failed: ReadonlySet<string>
  /** Why the whole batch has failed, or what Lambda does not see in a response that somebody may have meant. */
  readonly reason?: string
}

const NONE: ReadonlySet<string> = new Set()

/**
 * The verdict where `ReportBatchItemFailures` is set. Nothing, null, `{}` and no or an empty `batchItemFailures` mean
 * success; a failure that names no message of the batch fails all of it.
 */
export function readBatchResponse(payload: Uint8Array, messageIds: ReadonlySet<string>): BatchVerdict {
  const failAll = (reason: string): BatchVerdict => ({ failed: messageIds, reason })
  const text = Buffer.from(payload).toString('utf8').trim()
  if (text === '') return { failed: NONE }
  const response = parse(text)
  if (response === undefined) return failAll('the response is not JSON')
  if (response === null || response === '') return { failed: NONE }
  if (!isObject(response)) return failAll(`the response is ${kindOf(response)}, not an object`)

  const { batchItemFailures } = response
  if (batchItemFailures === undefined || batchItemFailures === null) {
    if (Object.keys(response).every(key => key === 'batchItemFailures')) return { failed: NONE }
    return { failed: NONE, reason: 'the response has no batchItemFailures: Lambda takes that for success' }
  }
  if (!Array.isArray(batchItemFailures)) {
    return failAll(`batchItemFailures is ${kindOf(batchItemFailures)}, not an array`)
  }
  const failed = new Set<string>()
  for (const [index, item] of batchItemFailures.entries()) {
    const at = `batchItemFailures[${index}]`
    if (!isObject(item)) return failAll(`${at} is ${kindOf(item)}, not an object with an itemIdentifier`)
    const { itemIdentifier } = item
    if (itemIdentifier === undefined) return failAll(`${at} has no itemIdentifier`)
    if (typeof itemIdentifier !== 'string') return failAll(`${at}.itemIdentifier is ${kindOf(itemIdentifier)}`)
    if (itemIdentifier === '') return failAll(`${at}.itemIdentifier is empty`)
    if (!messageIds.has(itemIdentifier)) return failAll(`${at}.itemIdentifier is no message id of the batch`)
    failed.add(itemIdentifier)
  }
  return { failed }
}

/** The verdict where `ReportBatchItemFailures` is not set: whatever the function returned, it succeeded. */
export function ignoreBatchResponse(payload: Uint8Array): BatchVerdict {
  const response = parse(Buffer.from(payload).toString('utf8'))
  const reported = isObject(response) && Array.isArray(response.batchItemFailures) && response.batchItemFailures.length
  if (!reported) return { failed: NONE }
  return {
    failed: NONE,
    reason: 'the response reports batchItemFailures, but functionResponseTypes lacks ReportBatchItemFailures: ignored',
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function kindOf(value: unknown): string {
  if (value === null) return 'null'
  return Array.isArray(value) ? 'an array' : `a ${typeof value}`
}
