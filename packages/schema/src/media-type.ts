// Whether a request says of its body what the codec expects.
import { ParseError } from './parse-error.ts'

/**
 * An absent `content-type` is accepted: the payload itself will show. Parameters and letter case do not matter, but for
 * a `charset` that is not UTF-8.
 * @throws {ParseError} `UnsupportedMediaType`, 415
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-8.3
 */
export function mustBeMediaType(contentType: string | undefined, accepted: readonly string[], name: string): void {
  if (!contentType) return
  const [type = '', ...parameters] = contentType.toLowerCase().split(';')
  const essence = type.trim()
  const fits = (each: string) => (each.startsWith('+') ? essence.endsWith(each) : essence === each)
  const charset = parameters.find(each => each.trim().startsWith('charset='))
  if (accepted.some(fits) && (!charset || /=\s*"?(utf-?8|us-ascii)"?\s*$/.test(charset))) return
  throw new ParseError(
    'UnsupportedMediaType',
    name,
    `the content-type must be ${accepted.map(each => each.replace(/^\+/, '*/*+')).join(' or ')}, in UTF-8`,
    { status: 415, headers: { accept: `${accepted[0]}` } },
  )
}
