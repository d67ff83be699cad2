// AWS's published test suite of Signature Version 4 (Apache License 2.0, Amazon.com, Inc.), as files of one JSON document.
import aws4 from 'aws4'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import vectors from '../../test/sigv4/vectors.json' with { type: 'json' }
import { encode, queryOf } from './rest.ts'
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
    expect(signed.Authorization).toBe(authz.trim())
  })
})

describe('a request', () => {
  const request = { method: 'POST', host: 'h.test', path: '/', headers: {}, body: 'é' }

  it('says its length in bytes, and carries the session token', () => {
    const headers = sign(request, 'dynamodb', 'eu-west-1', { ...CREDENTIALS, sessionToken: 'token' }, NOW)
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

describe('any request', () => {
  const text = fc.string({ unit: fc.constantFrom(...'abAB01 -._~+&=%é☃'), minLength: 1 })
  const requests = fc.record({
    method: fc.constantFrom('GET', 'POST', 'PUT', 'DELETE'),
    path: fc.array(text, { maxLength: 4 }).map(parts => `/${parts.map(encode).join('/')}`),
    query: fc.dictionary(text, text, { maxKeys: 4 }),
    headers: fc.dictionary(
      fc.constantFrom('Content-Type', 'X-Amz-Target', 'x-amz-meta-a', 'If-Match'),
      fc.string({ unit: fc.constantFrom(...'ab ;=/"') }),
    ),
    body: fc.oneof(fc.string(), fc.uint8Array()),
    service: fc.constantFrom('s3', 'dynamodb'),
  })

  it('has the signature that aws4 gives it', () => {
    fc.assert(
      // Few secrets, more scopes than keys are kept of: each is used again, and with another secret.
      fc.property(
        requests,
        fc.constantFrom('one', 'two'),
        fc.nat(60),
        ({ method, path, query, headers, body, service }, secret, day) => {
          const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: secret }
          const now = NOW + day * 86_400_000
          const stamp = new Date(now).toISOString().replace(/[:-]|\.000/g, '')
          const whole = `${path}${queryOf(query)}`
          const ours = sign(
            { method, host: 'h.test', path: whole, headers, body },
            service,
            'eu-west-1',
            credentials,
            now,
          )
          const digest = ours['x-amz-content-sha256']
          const signer = new aws4.RequestSigner(
            {
              method,
              host: 'h.test',
              path: whole,
              service,
              region: 'eu-west-1',
              body: body as string, // its hash is of bytes, too
              headers: {
                ...headers,
                Host: 'h.test',
                'X-Amz-Date': stamp,
                ...(digest && { 'x-amz-content-sha256': digest }),
              },
              doNotModifyHeaders: true,
            },
            credentials,
          )
          signer.datetime = stamp
          expect(ours.Authorization).toBe(signer.sign().headers?.Authorization)
        },
      ),
      { numRuns: 500 },
    )
  })
})
