// Errors that are HTTP answers: a status, and what RFC 9457 (problem details) lets a client see.
import { type ErrorOptions, LambentError } from './errors.ts'

export interface HttpErrorOptions extends ErrorOptions {
  /** Header fields of the answer, such as `retry-after`. */
  readonly headers?: Readonly<Record<string, string>>
  /** Extension members of the problem document (RFC 9457, section 3.2): the client sees them. */
  readonly extensions?: Readonly<Record<string, unknown>>
}

const retryableStatus = (status: number): boolean | undefined =>
  status === 500 ? undefined : [408, 425, 429, 502, 503, 504].includes(status)

/**
 * An error with an HTTP status. The `http()` source answers it as `application/problem+json`; the message is its
 * `detail` below 500, and stays in the log from 500 on. Retryable by default: 408, 425, 429, 502, 503, 504; unknown: 500.
 * @throws {RangeError} when the status is not 400 to 599
 * @see https://www.rfc-editor.org/rfc/rfc9457
 */
export class HttpError extends LambentError {
  readonly status: number
  readonly headers: Readonly<Record<string, string>> | undefined
  readonly extensions: Readonly<Record<string, unknown>> | undefined

  constructor(status: number, message: string, options: HttpErrorOptions = {}) {
    super(message, options, 'HttpError', options.retryable ?? retryableStatus(status))
    if (!/^[45]\d\d$/.test(status as unknown as string)) throw new RangeError(`status ${status} is no error`)
    this.status = status
    this.headers = options.headers
    this.extensions = options.extensions
  }
}
