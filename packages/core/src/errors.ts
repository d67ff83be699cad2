// Errors carry their policy: `retryable` true, false, or undefined where nobody knows. `classify` reads it.

export interface ErrorOptions {
  /** Stable, for programs and for the documentation. */
  readonly code?: string
  readonly cause?: unknown
  /** Whether the same work may succeed later: `true`, `false`, or left out where that is not known. */
  readonly retryable?: boolean
}

/** The options of an error whose class says whether it is retryable. */
export type FixedErrorOptions = Omit<ErrorOptions, 'retryable'>

/** The base of all errors of Lambent. */
export class LambentError extends Error {
  /** The options' code, or the name of the class. */
  declare readonly code: string
  declare readonly retryable: boolean | undefined

  /** Subclasses name themselves, since minifying changes the names of classes, and may fix `retryable`. */
  constructor(
    message: string,
    options: ErrorOptions = {},
    name = 'LambentError',
    retryable: boolean | undefined = options.retryable,
  ) {
    super(message, options)
    this.name = name
    this.code = options.code ?? name
    this.retryable = retryable
  }
}

/** The same work will fail the same way: it is never retried, and goes to the dead letters at once. */
export class PermanentError extends LambentError {
  constructor(message: string, options?: FixedErrorOptions) {
    super(message, options, 'PermanentError', false)
  }
}

/** The same work may succeed later. */
export class RetryableError extends LambentError {
  /** Not before this many milliseconds from now, where the failing side said so. */
  declare readonly retryAfter: number | undefined
  constructor(message: string, options?: FixedErrorOptions & { readonly retryAfter?: number }) {
    super(message, options, 'RetryableError', true)
    this.retryAfter = options?.retryAfter
  }
}

/** Time ran out: the deadline of the invocation, of an attempt, of a call. */
export class TimeoutError extends LambentError {
  constructor(message: string, options?: FixedErrorOptions) {
    super(message, options, 'TimeoutError', true)
  }
}

/** The event is not of the kind that the source handles. */
export class UnexpectedEventError extends LambentError {
  constructor(message: string, options?: FixedErrorOptions) {
    super(message, options, 'UnexpectedEventError', false)
  }
}
