// What is wrong with a secret: its name, the reason and what to do, never its value.
import { classify, LambentError } from '@lambent/core'

const CODE = {
  missing: 'SecretNotFound',
  denied: 'SecretAccessDenied',
  malformed: 'SecretMalformed',
  expired: 'SecretExpired',
  unavailable: 'SecretUnavailable',
} as const

export type SecretProblem = keyof typeof CODE

/**
 * A secret that can't be had, or is not what it should be. `code` is `SecretNotFound`, `SecretAccessDenied`,
 * `SecretMalformed`, `SecretExpired` or `SecretUnavailable`. Retryable as far as its cause is.
 */
export class SecretError extends LambentError {
  /** Of the source. */
  readonly secret: string

  constructor(secret: string, problem: SecretProblem, message: string, cause?: unknown) {
    const kind = cause === undefined ? 'unknown' : classify(cause)
    // A deployment or an operator mends what is missing, denied or malformed: no unit is lost for it.
    const retryable = kind === 'retryable' ? true : undefined
    super(
      `${secret}: ${message}`,
      { code: CODE[problem], ...(cause !== undefined && { cause }) },
      'SecretError',
      retryable,
    )
    this.secret = secret
  }
}

/** The SecretError for what a call threw. */
export function secretError(secret: string, action: string, error: unknown): SecretError {
  if (error instanceof SecretError) return error
  const { name = '', message = '' } = Object(error) as { readonly name?: string; readonly message?: string }
  if (/AccessDenied|NotAuthorized|UnrecognizedClient|InvalidClientToken/.test(name))
    return new SecretError(
      secret,
      'denied',
      `access is denied: the role needs ${action}, and kms:Decrypt where a key of one’s own encrypts it`,
      error,
    )
  if (/NotFound|ParameterNotFound|ResourceNotFound/.test(name))
    return new SecretError(secret, 'missing', `there is none in this account and region (${name})`, error)
  return new SecretError(
    secret,
    'unavailable',
    `${action} failed: ${name}${message && `: ${message.slice(0, 300)}`}`,
    error,
  )
}
