// Errors as answers: problem details (RFC 9457), which say as much of an error as its client may know.
import { HttpError, RetryableError, TimeoutError } from '@lambent/core'
import { reason } from './reason.ts'
import { type HttpResponse, isStatus } from './response.ts'

/**
 * The response for anything thrown. An HttpError is its own status, headers and extensions, and below 500 its message
 * is the `detail`; a TimeoutError is 504, as API Gateway itself answers when a function takes too long; any other RetryableError,
 * such as that of an open circuit, is 503, with Retry-After where it knows; all else is 500. Those say nothing more.
 * @see https://www.rfc-editor.org/rfc/rfc9457
 */
export function problem(error: unknown): HttpResponse {
  // Whoever made the error may have changed its status: an answer is never below 400.
  const known = error instanceof HttpError && isStatus(error.status) && error.status >= 400 ? error : undefined
  const headers = Object.entries(known?.headers ?? {}).filter(([name]) => name.toLowerCase() !== 'content-type')
  const passing = !known && error instanceof RetryableError ? error : undefined
  const status = known?.status ?? (error instanceof TimeoutError ? 504 : passing ? 503 : 500)
  const wait = Math.ceil((passing?.retryAfter ?? 0) / 1000)
  if (wait > 0) headers.push(['retry-after', `${wait}`])
  return {
    status,
    headers: [...headers, ['content-type', 'application/problem+json']],
    body: {
      type: 'about:blank',
      title: reason(status),
      detail: known && status < 500 ? known.message : undefined,
      ...known?.extensions,
      status,
    },
  }
}
