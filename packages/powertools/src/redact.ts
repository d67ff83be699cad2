// Copies of events that may be shown: what is named like a secret is left out, at any depth and inside of JSON text.

/** Compared without case and separators. */
const SECRET = [
  'authorization',
  'cookie',
  'set-cookie',
  'cookies',
  'x-api-key',
  'x-amz-security-token',
  'api-key',
  'password',
  'passwd',
  'passphrase',
  'secret',
  'client-secret',
  'token',
  'access-token',
  'refresh-token',
  'id-token',
  'session-token',
  'secret-access-key',
  'private-key',
  'receipt-handle',
  'card-number',
  'cvc',
  'cvv',
  'pin',
  'iban',
  'ssn',
]
const REDACTED = '[redacted]'
const DEPTH = 20
const LONGEST = 100_000 // characters of JSON text that are looked into

export type Redact = (value: unknown) => unknown

/** `names` are keys that are left out besides those that are always. */
export function redactor(names: readonly string[] = []): Redact {
  const secret = new Set([...SECRET, ...names].map(plain))

  function copy(value: unknown, depth: number): unknown {
    if (typeof value === 'string') return ofText(value, depth)
    if (typeof value !== 'object' || value === null) return value
    if (depth > DEPTH) return REDACTED
    if (Array.isArray(value)) return value.map(item => copy(item, depth + 1))
    const { isBase64Encoded } = value as { readonly isBase64Encoded?: unknown }
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) => {
        const hidden = secret.has(plain(key)) || (key === 'body' && isBase64Encoded === true)
        return [key, hidden && inner !== null && inner !== undefined ? REDACTED : copy(inner, depth + 1)]
      }),
    )
  }

  /** JSON text, such as a body, is looked into; a form and other text with a secret's name in it is left out whole. */
  function ofText(text: string, depth: number): string {
    if (/^\s*[{[]/.test(text)) {
      if (text.length > LONGEST) return REDACTED
      try {
        return JSON.stringify(copy(JSON.parse(text), depth + 1))
      } catch {} // text that only begins like JSON
    }
    const pairs = text.matchAll(/([\w.-]+)\s*["']?\s*[=:]/g)
    for (const [, name = ''] of pairs) if (secret.has(plain(name))) return REDACTED
    return text
  }

  return value => copy(value, 0)
}

function plain(name: string): string {
  return name.toLowerCase().replace(/[-_.]/g, '')
}
