// Errors that are HTTP answers: a status, and what RFC 9457 (problem details) lets a client see.
import { type ErrorOptions, LambentError } from './errors.ts'

export interface HttpErrorOptions extends ErrorOptions {
  /** Header fields of the answer, such as `retry-after`. */
  readonly headers?: Readonly<Record<string, string>>
  /** Extension members of the problem document (RFC 9457, section 3.2): the client sees them. */
  readonly extensions?: Readonly<Record<string, unknown>>
}

/**
 * An error with an HTTP status. The `http()` source answers it as `application/problem+json`; the message is its
 * `detail` below 500, and stays in the log from 500 on. Retryable by default: 408, 425, 429, 502, 503, 504; unknown: 500.
 * @throws {RangeError} when the status is not 400 to 599
 * @see https://www.rfc-editor.org/rfc/rfc9457
 */
export class HttpError extends LambentError {
  declare readonly status: number
  declare readonly headers: Readonly<Record<string, string>> | undefined
  declare readonly extensions: Readonly<Record<string, unknown>> | undefined

  constructor(status: number, message: string, options: HttpErrorOptions = {}) {
    super(
      message,
      options,
      'HttpError',
      options.retryable ?? (status === 500 ? undefined : /408|42[59]|50[234]/.test(`${status}`)),
    )
    if (!/^[45]\d\d$/.test(`${status}`)) throw new RangeError(`no error status: ${status}`)
    this.status = status
    this.headers = options.headers
    this.extensions = options.extensions
  }
}
