// @lambent/http: the source for requests of API Gateway, Lambda function URLs and Application Load Balancers.

export { HttpError, type HttpErrorOptions } from '@lambent/core'
export {
  BadGatewayError,
  BadRequestError,
  ConflictError,
  ContentTooLargeError,
  ForbiddenError,
  GatewayTimeoutError,
  GoneError,
  MethodNotAllowedError,
  NotAcceptableError,
  NotFoundError,
  PreconditionFailedError,
  PreconditionRequiredError,
  ServiceUnavailableError,
  TooManyRequestsError,
  UnauthorizedError,
  UnprocessableContentError,
  UnsupportedMediaTypeError,
} from './errors.ts'
export { type HttpContext, type HttpHandler, type HttpOptions, type HttpTypes, http } from './http.ts'
export type { HttpEvent, HttpKind } from './kind.ts'
export type { HttpRequest } from './request.ts'
export type { HttpHeaders, HttpResponse } from './response.ts'
export type { HttpResult } from './result.ts'
