// Signature Version 4, by aws4: 9 kB minified, where @smithy/signature-v4 with what it brings is 140 kB.
import aws4 from 'aws4'
import type { Credentials } from './credentials.ts'

export interface Signable {
  readonly method: string
  readonly host: string
  /** With its query, encoded. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Uint8Array
}

export interface Signed {
  readonly path: string
  readonly headers: Record<string, string>
}

/**
 * `now` is in epoch milliseconds.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export function sign(
  { method, host, path, headers, body }: Signable,
  service: string,
  region: string,
  { accessKeyId, secretAccessKey, sessionToken }: Credentials,
  now: number,
): Signed {
  const stamp = new Date(now).toISOString().replace(/[:-]|\.\d{3}/g, '')
  const length = typeof body === 'string' ? Buffer.byteLength(body) : body.byteLength
  const request = {
    method,
    host,
    path,
    service,
    region,
    body,
    headers: {
      ...headers,
      Host: host,
      'X-Amz-Date': stamp,
      ...((length > 0 || method === 'PUT' || method === 'POST') && { 'Content-Length': `${length}` }),
      ...(sessionToken && { 'X-Amz-Security-Token': sessionToken }),
    },
  }
  const signed = aws4.sign(request as aws4.Request, { accessKeyId, secretAccessKey })
  return { path: signed.path ?? path, headers: signed.headers as Record<string, string> }
}
