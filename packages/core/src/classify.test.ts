import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { classify, HttpError, LambentError, PermanentError, RetryableError, TimeoutError } from './index.ts'

const aws = (name: string, rest: object = {}) => Object.assign(new Error(name), { name, ...rest })
const node = (code: string) => Object.assign(new Error(code), { code })

describe('classify', () => {
  it.each([
    ['PermanentError', new PermanentError('x'), 'permanent'],
    ['RetryableError', new RetryableError('x'), 'retryable'],
    ['TimeoutError', new TimeoutError('x'), 'retryable'],
    ['LambentError that does not say', new LambentError('x'), 'unknown'],
    ['HttpError 404', new HttpError(404, 'x'), 'permanent'],
    ['HttpError 429', new HttpError(429, 'x'), 'retryable'],
    ['HttpError 500', new HttpError(500, 'x'), 'unknown'],
    ['HttpError 503', new HttpError(503, 'x'), 'retryable'],
    ['HttpError 404 that says it is retryable', new HttpError(404, 'x', { retryable: true }), 'retryable'],
    ['$retryable', aws('SomeException', { $retryable: { throttling: true } }), 'retryable'],
    ['ThrottlingException', aws('ThrottlingException'), 'retryable'],
    ['ThrottledException', aws('ThrottledException'), 'retryable'],
    ['ProvisionedThroughputExceededException', aws('ProvisionedThroughputExceededException'), 'retryable'],
    ['TooManyRequestsException', aws('TooManyRequestsException'), 'retryable'],
    ['SlowDown', aws('SlowDown'), 'retryable'],
    ['InternalServerError', aws('InternalServerError', { $fault: 'server' }), 'retryable'],
    ['503 of the SDK', aws('Whatever', { $metadata: { httpStatusCode: 503 } }), 'retryable'],
    ['400 of the SDK', aws('Whatever', { $metadata: { httpStatusCode: 400 } }), 'unknown'],
    ['ValidationException', aws('ValidationException', { $metadata: { httpStatusCode: 400 } }), 'permanent'],
    ['ConditionalCheckFailedException', aws('ConditionalCheckFailedException'), 'permanent'],
    ['AccessDeniedException: a deployment mends it', aws('AccessDeniedException'), 'unknown'],
    ['ECONNRESET', node('ECONNRESET'), 'retryable'],
    ['ENOTFOUND', node('ENOTFOUND'), 'retryable'],
    ['UND_ERR_HEADERS_TIMEOUT', node('UND_ERR_HEADERS_TIMEOUT'), 'retryable'],
    ['UND_ERR_SOCKET', node('UND_ERR_SOCKET'), 'retryable'],
    ['ENOENT', node('ENOENT'), 'unknown'],
    [
      'a network code two causes down',
      new Error('a', { cause: new TypeError('fetch failed', { cause: node('EPIPE') }) }),
      'retryable',
    ],
    ['AbortError', aws('AbortError'), 'retryable'],
    ['the web’s TimeoutError', AbortSignal.timeout(0).reason ?? aws('TimeoutError'), 'retryable'],
    ['SyntaxError', new SyntaxError('x'), 'unknown'],
    ['aggregate: one retryable', new AggregateError([new PermanentError('x'), node('EPIPE')]), 'retryable'],
    ['aggregate: all permanent', new AggregateError([new PermanentError('x')]), 'permanent'],
    ['aggregate: permanent and unknown', new AggregateError([new PermanentError('x'), new Error('y')]), 'unknown'],
    ['aggregate: empty', new AggregateError([]), 'unknown'],
    [
      'members that do not say, beside a cause that does',
      Object.assign(new Error('x', { cause: node('ECONNRESET') }), { errors: [new Error('y')] }),
      'retryable',
    ],
    ['undefined', undefined, 'unknown'],
    ['null', null, 'unknown'],
    ['a string', 'ECONNRESET', 'unknown'],
  ])('%s', (_name, error, expected) => {
    expect(classify(error)).toBe(expected)
  })

  it('reads its own errors by their fields, so that a second copy of the package agrees', () => {
    expect(classify({ retryable: false })).toBe('permanent')
  })

  it('ends on circular causes and on getters that throw', () => {
    const circle = new Error('a')
    circle.cause = circle
    expect(classify(circle)).toBe('unknown')
    expect(
      classify({
        get retryable() {
          throw new Error('no')
        },
      }),
    ).toBe('unknown')
  })

  it('never throws, whatever was thrown', () => {
    fc.assert(
      fc.property(fc.anything({ withNullPrototype: true, withBigInt: true, withMap: true }), thrown => {
        expect(['retryable', 'permanent', 'unknown']).toContain(classify(thrown))
      }),
    )
  })
})

describe('errors', () => {
  it('have a name that minifying does not change, a code and a cause', () => {
    const cause = new Error('why')
    const error = new PermanentError('card declined', { code: 'CardDeclined', cause })
    expect([error.name, error.code, error.cause]).toEqual(['PermanentError', 'CardDeclined', cause])
    expect(new TimeoutError('x').code).toBe('TimeoutError')
    expect('cause' in new TimeoutError('x')).toBe(false)
    expect(new RetryableError('x', { retryAfter: 200 }).retryAfter).toBe(200)
  })

  it.each([200, 399, 600, 404.5, Number.NaN])('HttpError refuses status %f', status => {
    expect(() => new HttpError(status, 'x')).toThrow(RangeError)
  })
})

it('aggregates of aggregates take no longer than a thousand errors', () => {
  let looked = 0
  const leaf = {
    get name() {
      looked++
      return 'Error'
    },
  }
  let error: object = leaf
  for (let depth = 0; depth < 30; depth++) error = new AggregateError([error, error, error, error])
  expect(classify(error)).toBe('unknown')
  expect(looked).toBeLessThan(4000)
})

it('a cause is found at the end of a long chain', () => {
  let error: Error = new RetryableError('root')
  for (let depth = 0; depth < 100; depth++) error = new Error('outer', { cause: error })
  expect(classify(error)).toBe('retryable')
})
