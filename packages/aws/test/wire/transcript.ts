// What a client said to a series of calls, in a form in which two clients can be compared.

/** Replaces what differs from run to run: ids, times, handles. */
const CHANGING =
  /^(TableName|MessageId|ReceiptHandle|SequenceNumber|EventId|VersionId|VersionIdsToStages|ARN|Arn|CreatedDate|LastModifiedDate|LastModified|AccessKeyId|SecretAccessKey|SessionToken|Expiration|AssumedRoleId|InitialConfigurationToken|NextPollConfigurationToken|TaskHandle|QueueUrl|KeyId|SentTimestamp|ApproximateFirstReceiveTimestamp|SenderId)$/

export interface Outcome {
  readonly output?: unknown
  readonly error?: unknown
}

/** The outcome of a call. */
export async function outcome(call: Promise<object>): Promise<Outcome> {
  try {
    const { $metadata, ...output } = (await call) as { readonly $metadata?: { readonly httpStatusCode?: number } }
    return { output: { status: $metadata?.httpStatusCode, ...(plain(output) as object) } }
  } catch (error) {
    const { name, message, $fault, $metadata, Item, CancellationReasons, Code, Type } = error as Record<string, never>
    const { httpStatusCode: status } = Object($metadata) as { readonly httpStatusCode?: number }
    return { error: plain({ name, message, $fault, status, Item, CancellationReasons, Code, Type }) }
  }
}

function plain(value: unknown, key = ''): unknown {
  if (value === undefined) return undefined
  if (CHANGING.test(key)) return `<${value instanceof Date ? 'date' : typeof value}>`
  if (value instanceof Uint8Array) return { bytes: Buffer.from(value).toString('hex') }
  if (Array.isArray(value)) return value.map(inner => plain(inner))
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(([name, inner]) => [name, plain(inner, name)] as const)
  return Object.fromEntries(entries.filter(([, inner]) => inner !== undefined && typeof inner !== 'function'))
}

/** Less the checksums, of which the SDK sends another kind, and the message of errors without a body: it says none. */
export function comparable({ output, error }: Outcome): unknown {
  const { ChecksumCRC32, ChecksumSHA256, ChecksumType, ...rest } = Object(output)
  const { message, ...fault } = Object(error)
  return { ...rest, ...fault, ...(!/^UnknownError$|was answered with/.test(message) && { message }) }
}
