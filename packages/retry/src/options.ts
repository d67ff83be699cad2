// Options, checked where they are given: at the definition of the handler.

/** @throws {RangeError} when it is no whole number from `least` on */
export function mustBeCount(value: number, what: string, least = 1): number {
  if (Number.isSafeInteger(value) && value >= least) return value
  throw new RangeError(`${what} takes a whole number from ${least} on, not ${value}`)
}

/** @throws {RangeError} when it is no number of milliseconds from 0 on; Infinity is one */
export function mustBeMs(value: number, what: string): number {
  if (typeof value === 'number' && value >= 0) return value
  throw new RangeError(`${what} takes milliseconds from 0 on, not ${value}`)
}

/** @throws {RangeError} when it is not above 0 and at most 1 */
export function mustBeShare(value: number, what: string): number {
  if (typeof value === 'number' && value > 0 && value <= 1) return value
  throw new RangeError(`${what} takes a number above 0 and at most 1, not ${value}`)
}

/** @throws {TypeError} when it is given and is no function */
export function mustBeFunction<T>(value: T, what: string): T {
  if (value === undefined || typeof value === 'function') return value
  throw new TypeError(`${what} takes a function, not ${typeof value}`)
}

/** @throws {TypeError} when it is no text, or empty */
export function mustBeText(value: unknown, what: string): string {
  if (typeof value === 'string' && value !== '') return value
  const got = value === undefined ? 'undefined: is the environment variable set?' : `${typeof value}`
  throw new TypeError(`${what} takes a text that is not empty, not ${value === '' ? 'an empty one' : got}`)
}

/** What a function of the user says of an error. Where it throws, both errors go on. */
export function ask<T>(error: unknown, what: string, answer: () => T): T {
  try {
    return answer()
  } catch (defect) {
    throw new AggregateError([error, defect], `${what} threw: it must say what becomes of an error`)
  }
}
