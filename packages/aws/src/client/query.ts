// AWS Query: a form that is posted, answered in XML.
// https://smithy.io/2.0/aws/protocols/aws-query-protocol.html
import type { WireResponse } from './http.ts'
import { base64Of } from './json.ts'
import type { Call, ErrorAnswer } from './send.ts'
import { child, parseXml, textOf, type XmlValue } from './xml.ts'

export interface QueryProtocol {
  readonly version: string
  /** The names of errors whose codes differ from them. */
  readonly errors: (code: string) => string
}

/** `read` makes the output of the result element. */
export function queryCall<Output>(
  { version, errors }: QueryProtocol,
  operation: string,
  input: object,
  read: (result: XmlValue | undefined) => Output,
): Call<Output> {
  const form = new URLSearchParams({ Action: operation, Version: version })
  write(form, '', input)
  return {
    operation,
    method: 'POST',
    path: '/',
    headers: { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' },
    body: form.toString(),
    read: response => read(resultOf(response, operation)),
    readError: response => errorOf(response, errors),
  }
}

// In the order of the names, as the parts of maps and lists are numbered.
function write(form: URLSearchParams, path: string, value: unknown): void {
  if (value === undefined || value === null) return
  if (value instanceof Uint8Array) form.append(path, base64Of(value))
  else if (value instanceof Date) form.append(path, value.toISOString())
  else if (Array.isArray(value)) {
    for (const [index, member] of value.entries()) write(form, `${path}.member.${index + 1}`, member)
  } else if (typeof value === 'object') {
    const prefix = path && `${path}.`
    for (const [name, inner] of Object.entries(value))
      if (name === 'MessageAttributes') writeMap(form, `${prefix}${name}`, inner)
      else write(form, `${prefix}${name}`, inner)
  } else form.append(path, String(value))
}

function writeMap(form: URLSearchParams, path: string, map: object | undefined): void {
  for (const [index, [name, value]] of Object.entries(map ?? {}).entries()) {
    form.append(`${path}.entry.${index + 1}.Name`, name)
    write(form, `${path}.entry.${index + 1}.Value`, value)
  }
}

function resultOf({ body }: WireResponse, operation: string): XmlValue | undefined {
  const { name, value } = parseXml(body.toString('utf8'))
  if (name !== `${operation}Response`) throw new SyntaxError(`another element than ${operation}Response`)
  return child(value, `${operation}Result`)
}

function errorOf({ body }: WireResponse, errors: QueryProtocol['errors']): ErrorAnswer | undefined {
  const { value } = parseXml(body.toString('utf8'))
  const error = child(value, 'Error')
  const Code = textOf(error, 'Code')
  if (!Code) return undefined
  const Type = textOf(error, 'Type')
  return {
    name: errors(Code),
    message: textOf(error, 'Message') ?? '',
    members: { Code, ...(Type && { Type }) },
    $fault: Type && (Type === 'Sender' ? 'client' : 'server'),
  } as ErrorAnswer
}
