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
  const signer = new aws4.RequestSigner(
    {
      method,
      host,
      path,
      service,
      region,
      body: body as string, // its hash is of bytes, too
      doNotModifyHeaders: true,
      doNotEncodePath: true, // but for S3's, which are never encoded twice, ours have nothing to encode
      headers: {
        ...headers,
        Host: host,
        'X-Amz-Date': stamp,
        ...(service === 's3' && { 'x-amz-content-sha256': headers['x-amz-content-sha256'] ?? sha256(body) }),
        ...(sessionToken && { 'X-Amz-Security-Token': sessionToken }),
      },
    },
    { accessKeyId, secretAccessKey },
  )
  signer.datetime = stamp
  const signed = signer.sign()
  // Not signed: a proxy may write it in another way.
  const framing = length > 0 || method === 'PUT' || method === 'POST' ? { 'Content-Length': `${length}` } : {}
  return { path: signed.path ?? path, headers: { ...(signed.headers as Record<string, string>), ...framing } }
}

function sha256(body: string | Uint8Array): string {
  return process.getBuiltinModule('node:crypto').createHash('sha256').update(body).digest('hex')
}
