// The one error of this package: what was wrong with a payload, and where in it. Never what was in it.
import { HttpError } from '@lambent/core'
import type { StandardSchemaV1 } from '@standard-schema/spec'
import { keyOf, quotes, RUN } from './quotes.ts'

/** Stable, for programs: what `error.code` can be. Codecs of your own may have codes of their own. */
export type ParseErrorCode =
  | 'ContentTooLarge'
  | 'EmptyBody'
  | 'InvalidRequest'
  | 'MalformedAttributeValue'
  | 'MalformedBase64'
  | 'MalformedEnvelope'
  | 'MalformedGzip'
  | 'MalformedJson'
  | 'MalformedMultipart'
  | 'MalformedUtf8'
  | 'MissingImage'
  | 'ResponseMismatch'
  | 'SchemaMismatch'
  | 'UnexpectedType'
  | 'UnsupportedMediaType'
  | (string & {})

/** One thing that is wrong. */
export interface ParseIssue {
  /** JSON pointer (RFC 6901) from the root of the value that was validated: `/items/0/quantity`, empty for the root. */
  readonly path: string
  /** What is wrong, without the value, at most 300 characters. */
  readonly message: string
  /** The part of the request, where `parseRequest` validated several. */
  readonly in?: string
}

export interface ParseErrorOptions {
  /** HTTP status. @default 400 */
  readonly status?: number
  readonly cause?: unknown
  /** Header fields of the answer. */
  readonly headers?: Readonly<Record<string, string>>
  /** All that is wrong. Left out, it is one at the root: the message. */
  readonly issues?: readonly (StandardSchemaV1.Issue | ParseIssue)[]
  /** What was validated: messages of `issues` that quote a piece of it say nothing but `does not match`. */
  readonly value?: unknown
  /** How many more there are than `issues`. @default 0 */
  readonly omitted?: number
}

const LISTED = 32 // in the answer
const SAID = 3 // in the message
const LENGTH = 300 // of a message or path, in characters: both may have keys of the payload in them

/**
 * The payload is not what it should be, and will not be: it is never retried, and goes to the dead letters at once. As
 * the answer to an HTTP request it has a status from 400 to 422, and its first 32 issues as extension `issues` (with
 * the number of others as `omittedIssues`).
 */
export class ParseError extends HttpError {
  /** The first 32. */
  readonly issues: readonly ParseIssue[]
  declare readonly extensions: Readonly<Record<string, unknown>>

  /** `where` and `what` make the message: `body: malformed JSON at line 1, column 5 (offset 4)`. */
  constructor(code: ParseErrorCode, where: string, what: string, options: ParseErrorOptions = {}) {
    const { status = 400, issues: all = [{ message: what }], value, omitted: before = 0, ...rest } = options
    const issues = all.slice(0, LISTED).map(issue => shown(issue, value))
    const omitted = before + all.length - issues.length
    super(status, options.issues ? `${where}: ${what}${summary(issues, before + all.length)}` : `${where}: ${what}`, {
      ...rest,
      code,
      retryable: false,
      extensions: omitted > 0 ? { issues, omittedIssues: omitted } : { issues },
    })
    this.name = 'ParseError'
    this.issues = issues
  }
}

/** Also of another copy of this package: the ES module's and the CommonJS one's classes are not the same. */
export function isParseError(error: unknown): error is ParseError {
  return error instanceof Error && error.name === 'ParseError' && Array.isArray((error as Partial<ParseError>).issues)
}

function summary(issues: readonly ParseIssue[], total: number): string {
  const said = issues.slice(0, SAID).map(issue => `${[issue.in, issue.path].join('')} ${issue.message}`.trim())
  return said.length > 0 ? `: ${said.join('; ')}${total > SAID ? `; and ${total - SAID} more` : ''}` : ''
}

function shown(issue: StandardSchemaV1.Issue | ParseIssue, value: unknown): ParseIssue {
  const { path = '' } = issue
  const message = withoutValue(`${issue.message}`)
  return {
    ...('in' in issue && { in: issue.in }),
    path: bounded(typeof path === 'string' ? path : path.map(token).join('')),
    message: quotes(message.slice(0, LENGTH + RUN), path, value) ? 'does not match' : bounded(message),
  }
}

/** @see https://www.rfc-editor.org/rfc/rfc6901#section-3 */
function token(segment: PropertyKey | StandardSchemaV1.PathSegment): string {
  return `/${String(keyOf(segment)).replaceAll('~', '~0').replaceAll('/', '~1')}`
}

function bounded(text: string): string {
  return text.length > LENGTH ? `${text.slice(0, LENGTH)}…` : text
}

// valibot ends with `but received "…"` or `: Received "…"`, arktype with `(was "…")`: from there on it is cut, unless
// it is a plain word or two, which name a type (`received undefined`, `(was a string)`); both put text into quotes.
// For several faults at once arktype says `(…) must be...`, and lists them.
function withoutValue(message: string): string {
  return message
    .replace(/ \(.*\)(?= must be\.\.\.)/s, '')
    .replace(/(:| but)? [Rr]eceived (?![A-Za-z]+$).*|\s\(was (?![A-Za-z ]+\)$).*/s, '')
}
