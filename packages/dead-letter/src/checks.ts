// Options, checked where they are given: at the definition of the handler.

/** @throws {TypeError} when it is no text, or empty */
export function mustBeText(value: unknown, what: string): string {
  if (typeof value === 'string' && value !== '') return value
  const got =
    value === undefined ? 'undefined: is the environment variable set?' : value === '' ? 'an empty text' : typeof value
  throw new TypeError(`${what} must be a text, got ${got}`)
}

/** @throws {RangeError} when it is no whole number from 1 on */
export function mustBeBytes(value: number, what: string): number {
  if (Number.isSafeInteger(value) && value > 0) return value
  throw new RangeError(`${what} must be a whole number of bytes from 1 on, not ${value}`)
}
