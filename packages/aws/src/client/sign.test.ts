// AWS's published test suite of Signature Version 4 (Apache License 2.0, Amazon.com, Inc.), as files of one JSON document.
import { describe, expect, it } from 'vitest'
import vectors from '../../test/sigv4/vectors.json' with { type: 'json' }
import { sign } from './sign.ts'

const CREDENTIALS = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' }
const NOW = Date.UTC(2015, 7, 30, 12, 36)

interface Parsed {
  readonly method: string
  readonly path: string
  readonly headers: Record<string, string>
  readonly body: string
}

function parse(text: string): Parsed {
  const [head = '', body = ''] = text.replaceAll('\r', '').split(/\n\n([\s\S]*)/)
  const [first = '', ...lines] = head.replace(/\n[ \t]+/g, ',').split('\n')
  const headers: Record<string, string> = {}
  for (const line of lines.filter(Boolean)) {
    const [, name = '', value = ''] = /^([^:]+):(.*)$/.exec(line) ?? []
    const key = Object.keys(headers).find(other => other.toLowerCase() === name.toLowerCase()) ?? name
    headers[key] = headers[key] === undefined ? value : `${headers[key]},${value}`
  }
  const [, method = '', path = ''] = /^(\w+) (.*) HTTP\/1\.1$/.exec(first) ?? []
  return { method, path, headers, body }
}

describe('AWS’s test vectors', () => {
  it('are all there', () => expect(Object.keys(vectors).length).toBeGreaterThan(25))

  it.each(Object.entries(vectors))('%s', (_name, { req, authz }) => {
    const { method, path, body, headers } = parse(req)
    const { Host = '', 'X-Amz-Date': _date, 'X-Amz-Security-Token': sessionToken, ...rest } = headers
    const signed = sign(
      { method, host: Host, path, headers: rest, body },
      'service',
      'us-east-1',
      { ...CREDENTIALS, sessionToken },
      NOW,
    )
    expect(signed.headers.Authorization).toBe(authz.trim())
  })
})

describe('a request', () => {
  const request = { method: 'POST', host: 'h.test', path: '/', headers: {}, body: 'é' }

  it('says its length in bytes, and carries the session token', () => {
    const { headers } = sign(request, 'dynamodb', 'eu-west-1', { ...CREDENTIALS, sessionToken: 'token' }, NOW)
    expect(headers).toMatchObject({
      'Content-Length': '2',
      'X-Amz-Security-Token': 'token',
      'X-Amz-Date': '20150830T123600Z',
    })
    expect(headers.Authorization).toContain('SignedHeaders=host;x-amz-date;x-amz-security-token,')
  })

  it('is signed alike for a string and for its bytes', () => {
    const bytes = { ...request, body: new TextEncoder().encode('é') }
    expect(sign(bytes, 's3', 'eu-west-1', CREDENTIALS, NOW)).toEqual(sign(request, 's3', 'eu-west-1', CREDENTIALS, NOW))
  })
})
