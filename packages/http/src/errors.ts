// The errors of HTTP by name. Each is an answer: its message is the problem's `detail` below 500, and goes only to the
// log from 500 on. All take `(message?, options?)`; the message is the reason phrase where it is left out.
import { HttpError, type HttpErrorOptions } from '@lambent/core'
import { reason } from './reason.ts'

class NamedHttpError extends HttpError {
  constructor(status: number, name: string, message: string = reason(status), options?: HttpErrorOptions) {
    super(status, message, { code: name, ...options })
    this.name = name
  }
}

/** 400: the request is malformed. */
export class BadRequestError extends NamedHttpError {
  constructor(message?: string, options?: HttpErrorOptions) {
    super(400, 'BadRequestError', message, options)
  }
}

/** 401: credentials are missing or wrong. RFC 9110 asks for a `www-authenticate` header: give it in `headers`. */
export class UnauthorizedError extends NamedHttpError {
  constructor(message?: string, options?: HttpErrorOptions) {
    super(401, 'UnauthorizedError', message, options)
  }
}

/** 403: the caller is known and may not do this. */
export class ForbiddenError extends NamedHttpError {
  constructor(message?: string, options?: HttpErrorOptions) {
    super(403, 'ForbiddenError', message, options)
  }
}

/** 404: there is nothing here, or nothing that the caller may know of. */
export class NotFoundError extends NamedHttpError {
  constructor(message?: string, options?: HttpErrorOptions) {
    super(404, 'NotFoundError', message, options)
  }
}

/** 405: not with this method. RFC 9110 asks for an `allow` header: give it in `headers`. */
export class MethodNotAllowedError extends NamedHttpError {
  constructor(message?: string, options?: HttpErrorOptions) {
    super(405, 'MethodNotAllowedError', message, options)
  }
}

/** 406: in none of the representations that the `accept` headers allow. */
export class NotAcceptableError extends NamedHttpError {
  constructor(message?: string, options?: HttpErrorOptions) {
    super(406, 'NotAcceptableError', message, options)
  }
}

/** 409: against the present state of the resource, or while the same request is in progress. */
export class ConflictError extends NamedHttpError {
  constructor(message?: string, options?: HttpErrorOptions) {
    super(409, 'ConflictError', message, options)
  }
}

/** 410: was here, and will not come back. */
export class GoneError extends NamedHttpError {
  constructor(message?: string, options?: HttpErrorOptions) {
    super(410, 'GoneError', message, options)
  }
}

/** 412: a condition such as `if-match` does not hold. */
export class PreconditionFailedError extends NamedHttpError {
  constructor(message?: string, options?: HttpErrorOptions) {
    super(412, 'PreconditionFailedError', message, options)
  }
}

/** 413: the body is larger than is taken. */
export class ContentTooLargeError extends NamedHttpError {
  constructor(message?: string, options?: HttpErrorOptions) {
    super(413, 'ContentTooLargeError', message, options)
  }
}

/** 415: the body's content type or content encoding is not one that is read. */
export class UnsupportedMediaTypeError extends NamedHttpError {
  constructor(message?: string, options?: HttpErrorOptions) {
    super(415, 'UnsupportedMediaTypeError', message, options)
  }
}

/** 422: well-formed, but its content cannot be processed. */
export class UnprocessableContentError extends NamedHttpError {
  constructor(message?: string, options?: HttpErrorOptions) {
    super(422, 'UnprocessableContentError', message, options)
  }
}

/** 428: only with a condition such as `if-match`. */
export class PreconditionRequiredError extends NamedHttpError {
  constructor(message?: string, options?: HttpErrorOptions) {
    super(428, 'PreconditionRequiredError', message, options)
  }
}

/** 429: too many requests of this caller. A `retry-after` header (seconds) says when to come back. Retryable. */
export class TooManyRequestsError extends NamedHttpError {
  constructor(message?: string, options?: HttpErrorOptions) {
    super(429, 'TooManyRequestsError', message, options)
  }
}

/** 502: a service that this one needs answered with nonsense. Retryable. */
export class BadGatewayError extends NamedHttpError {
  constructor(message?: string, options?: HttpErrorOptions) {
    super(502, 'BadGatewayError', message, options)
  }
}

/** 503: overloaded or under maintenance. A `retry-after` header (seconds) says when to come back. Retryable. */
export class ServiceUnavailableError extends NamedHttpError {
  constructor(message?: string, options?: HttpErrorOptions) {
    super(503, 'ServiceUnavailableError', message, options)
  }
}

/** 504: a service that this one needs did not answer in time. Retryable. */
export class GatewayTimeoutError extends NamedHttpError {
  constructor(message?: string, options?: HttpErrorOptions) {
    super(504, 'GatewayTimeoutError', message, options)
  }
}
