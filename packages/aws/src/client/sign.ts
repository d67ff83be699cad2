// Signature Version 4: what proves to AWS who has sent a request, and that nobody has changed it.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
import type { KeyObject } from 'node:crypto'
import type { Credentials } from './credentials.ts'
import { encode } from './rest.ts'

export interface Signable {
  readonly method: string
  readonly host: string
  /** With its query, encoded. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Uint8Array
}

/** The headers that a request is sent with. `now` is in epoch milliseconds. */
export function sign(
  { method, host, path, headers, body }: Signable,
  service: string,
  region: string,
  { accessKeyId, secretAccessKey, sessionToken }: Credentials,
  now: number,
): Record<string, string> {
  const digest = (data: string | Uint8Array) => process.getBuiltinModule('node:crypto').hash('sha256', data, 'hex')
  const stamp = new Date(now).toISOString().replace(/[:-]|\.\d{3}/g, '')
  // S3's callers have hashed their bodies.
  const payload = headers['x-amz-content-sha256'] ?? digest(body)
  const sent: Record<string, string> = {
    ...headers,
    Host: host,
    'X-Amz-Date': stamp,
    ...(service === 's3' && { 'x-amz-content-sha256': payload }),
    ...(sessionToken && { 'X-Amz-Security-Token': sessionToken }),
  }
  const canonical = Object.entries(sent)
    .map(([name, value]) => [name.toLowerCase(), value.trim().replace(/\s+/g, ' ')] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1))
  const names = canonical.map(([name]) => name).join(';')
  const [place = '', query] = path.split(/\?(.*)/s)
  const request = [
    method,
    service === 's3' ? place : canonicalPath(place),
    canonicalQuery(query),
    ...canonical.map(([name, value]) => `${name}:${value}`),
    '',
    names,
    payload,
  ].join('\n')
  const scope = `${stamp.slice(0, 8)}/${region}/${service}/aws4_request`
  const key = keyOf(scope, secretAccessKey)
  const signature = hmac(key, `AWS4-HMAC-SHA256\n${stamp}\n${scope}\n${digest(request)}`).toString('hex')

  const length = Buffer.byteLength(body)
  return {
    ...sent,
    Authorization: `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${scope}, SignedHeaders=${names}, Signature=${signature}`,
    // Not signed: a proxy may write it in another way.
    ...((length > 0 || method === 'PUT' || method === 'POST') && { 'Content-Length': `${length}` }),
  }
}

function hmac(key: string | Buffer | KeyObject, data: string): Buffer {
  return process.getBuiltinModule('node:crypto').createHmac('sha256', key).update(data).digest()
}

// The key of a scope is the same for a day, and most of the work of a signature.
const keys = new Map<string, { readonly secret: string; readonly key: KeyObject }>()
const MOST_KEYS = 50

function keyOf(scope: string, secret: string): KeyObject {
  const known = keys.get(scope)
  if (known?.secret === secret) return known.key
  const [date = '', ...rest] = scope.split('/')
  // As an object, for Node.js makes one of each key that is none.
  const key = process.getBuiltinModule('node:crypto').createSecretKey(rest.reduce(hmac, hmac(`AWS4${secret}`, date)))
  if (keys.size >= MOST_KEYS) keys.clear() // of days that are over
  keys.set(scope, { secret, key })
  return key
}

/** Without steps back and empty ones, and encoded once more; but for S3, whose keys may have them. */
function canonicalPath(path: string): string {
  const steps: string[] = []
  for (const step of path.split('/')) {
    if (step === '..') steps.pop()
    else if (step !== '' && step !== '.') steps.push(encode(step))
  }
  return `/${steps.join('/')}${steps.length > 0 && path.endsWith('/') ? '/' : ''}`
}

function canonicalQuery(query = ''): string {
  const pairs = query.split('&').filter(Boolean)
  return pairs
    .map(pair => pair.split(/=(.*)/s, 2).map(part => encode(decodeURIComponent(part))))
    .map(([name = '', value = '']) => [name, value] as const)
    .sort(([a, x], [b, y]) => (a < b || (a === b && x < y) ? -1 : 1))
    .map(([name, value]) => `${name}=${value}`)
    .join('&')
}
