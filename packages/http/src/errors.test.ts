import { classify, HttpError } from '@lambent/core'
import { expect, test } from 'vitest'
import * as errors from './errors.ts'

const statuses: Record<keyof typeof errors, number> = {
  BadRequestError: 400,
  UnauthorizedError: 401,
  ForbiddenError: 403,
  NotFoundError: 404,
  MethodNotAllowedError: 405,
  NotAcceptableError: 406,
  ConflictError: 409,
  GoneError: 410,
  PreconditionFailedError: 412,
  ContentTooLargeError: 413,
  UnsupportedMediaTypeError: 415,
  UnprocessableContentError: 422,
  PreconditionRequiredError: 428,
  TooManyRequestsError: 429,
  BadGatewayError: 502,
  ServiceUnavailableError: 503,
  GatewayTimeoutError: 504,
}

test.each(Object.entries(errors))('%s names itself and has its status', (name, NamedError) => {
  const status = statuses[name as keyof typeof errors]
  const cause = new Error('inner')
  const error = new NamedError('why', { cause, headers: { a: 'b' }, extensions: { c: 1 } })
  expect(error).toBeInstanceOf(HttpError)
  expect(error).toMatchObject({
    name,
    code: name,
    status,
    message: 'why',
    cause,
    headers: { a: 'b' },
    extensions: { c: 1 },
  })
  expect(classify(error)).toBe([429, 502, 503, 504].includes(status) ? 'retryable' : 'permanent')
})

test('without a message there is the reason phrase, and the code can be another', () => {
  expect(new errors.ContentTooLargeError()).toMatchObject({ message: 'Content Too Large' })
  expect(new errors.ConflictError('x', { code: 'OrderShipped' })).toMatchObject({
    name: 'ConflictError',
    code: 'OrderShipped',
  })
})
