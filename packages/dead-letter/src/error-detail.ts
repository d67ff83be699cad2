// What a dead letter keeps of an error: by its fields, since anything can be thrown. Never its other properties, which may
// hold requests, responses and credentials.
import { defined } from './json.ts'
import type { ErrorDetail } from './letter.ts'

const MESSAGE = 2048
const STACK = 4096
const INNER_STACK = 1024
const DEPTH = 5
const MEMBERS = 5

/** Never throws. */
export function errorDetail(error: unknown, depth = 0): ErrorDetail {
  try {
    return detail(error, depth)
  } catch {
    return { name: 'unknown', message: 'what was thrown cannot be looked into' } // a getter that throws
  }
}

function detail(error: unknown, depth: number): ErrorDetail {
  if (typeof error !== 'object' || error === null)
    return { name: error === null ? 'null' : typeof error, message: cut(describe(error), 200) }
  const { name, message, code, stack, cause, errors } = error as Record<string, unknown>
  const deeper = depth < DEPTH
  return defined({
    name: cut(typeof name === 'string' && name !== '' ? name : 'object', 256),
    message: cut(typeof message === 'string' ? message : '', MESSAGE),
    code: typeof code === 'string' || typeof code === 'number' ? cut(`${code}`, 256) : undefined,
    stack: typeof stack === 'string' ? cut(stack, depth === 0 ? STACK : INNER_STACK) : undefined,
    cause: deeper && cause !== undefined ? errorDetail(cause, depth + 1) : undefined,
    errors:
      deeper && Array.isArray(errors) && errors.length > 0
        ? errors.slice(0, MEMBERS).map(each => errorDetail(each, depth + 1))
        : undefined,
  }) as ErrorDetail
}

function describe(error: unknown): string {
  return typeof error === 'function' ? 'a function' : String(error)
}

/** How much of an error is kept when the message would not fit: all, less, or hardly anything. */
export function shortened(error: ErrorDetail, level: number): ErrorDetail {
  if (level === 0) return error
  const { name, message, code, stack, cause, errors } = error
  if (level === 1)
    return defined({
      name,
      message: cut(message, 512),
      code,
      stack: stack && cut(stack, INNER_STACK),
      cause: cause && withoutStack(cause),
      errors: errors?.map(withoutStack),
    }) as ErrorDetail
  return defined({ name, message: cut(message, 256), code, stack: stack && whereOf(stack) }) as ErrorDetail
}

/** The first frames of a stack, without the message before them: who threw it. */
function whereOf(stack: string): string | undefined {
  const frames = stack.split('\n').filter(line => /^\s+at /.test(line))
  return frames.length > 0 ? cut(frames.slice(0, 3).join('\n'), 300) : undefined
}

function withoutStack({ stack: _, cause, errors, message, ...rest }: ErrorDetail): ErrorDetail {
  return defined({
    ...rest,
    message: cut(message, 256),
    cause: cause && withoutStack(cause),
    errors: errors?.map(withoutStack),
  }) as ErrorDetail
}

/** At most so many characters, and no half of a pair. */
function cut(text: string, length: number): string {
  if (text.length <= length) return text
  const end = /[\ud800-\udbff]/.test(text.charAt(length - 2)) ? length - 2 : length - 1
  return `${text.slice(0, end)}…`
}
