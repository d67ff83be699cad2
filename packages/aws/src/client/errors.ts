// What a call throws: one class, whose `name` is the code of AWS's error, shaped as the AWS SDK v3 shapes its own.
import type { ResponseMetadata } from './metadata.ts'

export interface AwsErrorParts {
  readonly name: string
  readonly message: string
  readonly $fault: 'client' | 'server'
  readonly $service: string
  readonly $metadata?: ResponseMetadata
  /** Present where another attempt may succeed. */
  readonly $retryable?: { readonly throttling?: boolean } | undefined
  readonly cause?: unknown
  /** The other members of AWS's error: `Item`, `CancellationReasons`, … */
  readonly members?: Readonly<Record<string, unknown>> | undefined
}

/**
 * An answer of AWS that is an error, or none that can be understood, or no answer at all. `name` is AWS's code
 * (`ConditionalCheckFailedException`, …). Of our own: `TimeoutError`, `NetworkError`, `MalformedResponseError`,
 * `CredentialsError`, `EndpointError`. Neither the request nor credentials are in it.
 */
export class AwsError extends Error {
  declare readonly $fault: 'client' | 'server'
  declare readonly $service: string
  declare readonly $metadata: ResponseMetadata
  declare readonly $retryable?: { readonly throttling?: boolean }
  /** Of ConditionalCheckFailedException: the item, where ReturnValuesOnConditionCheckFailure asked for it. */
  declare readonly Item?: Record<string, unknown>
  /** Of TransactionCanceledException: one for each action. */
  declare readonly CancellationReasons?: readonly {
    readonly Code?: string
    readonly Message?: string
    readonly Item?: Record<string, unknown>
  }[]

  constructor({ name, message, $fault, $service, $metadata = {}, $retryable, cause, members }: AwsErrorParts) {
    super(message, cause === undefined ? undefined : { cause })
    const code = (cause as NodeJS.ErrnoException | undefined)?.code
    const own = {
      ...members,
      name,
      $fault,
      $service,
      $metadata,
      ...($retryable && { $retryable }),
      ...(code && { code }),
    }
    for (const [key, value] of Object.entries(own))
      if (key !== 'message' && key !== 'stack')
        Object.defineProperty(this, key, { value, enumerable: true, writable: true, configurable: true })
  }
}
