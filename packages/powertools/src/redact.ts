// Copies of events that may be shown: what is named like a secret is left out, at any depth, inside of JSON text and of
// base64.

/** Names of credentials, cookies, cards and the like, without case and separators: `x-auth-token`, `newPassword`, `PIN`. */
const SECRET =
  /password|passwd|passphrase|secret|authorization|credential|(cookie|token|jwt|apikey|privatekey|signature|receipthandle|cardnumber|securitycode)s?$|^(cvc|cvv|pin|iban|ssn)\d?$/
const REDACTED = '[redacted]'
const DEPTH = 20
const MOST = 100_000 // values that are copied: what a handler returns may be a graph, or a circle
const LONGEST = 100_000 // characters of JSON text that are looked into

// Each looks at a character a bounded number of times, whatever the text is.
const JSON_TEXT = /^\s*[{[]/
const NAMED = /(?<![\w.-])([\w.-]+)\s*(?:["']\s*)?[=:>]/g // a form, a header, a line of a log, XML
const FIELD = /\bname=["']?([\w.-]+)/g // multipart
const BASE64 = /^[A-Za-z\d+/]{14,}={0,2}$/

export type Redact = (value: unknown) => unknown

/** `names` are keys that are left out besides those that are always. */
export function redactor(names: readonly string[] = []): Redact {
  const also = new Set(names.map(plain))

  function isSecret(name: string): boolean {
    const key = plain(name)
    return SECRET.test(key) || also.has(key)
  }

  return value => {
    let left = MOST

    function copy(value: unknown, depth: number): unknown {
      if (--left < 0) return '[more]'
      if (typeof value === 'string') return ofText(value, depth)
      if (typeof value !== 'object' || value === null) return value
      if (depth > DEPTH) return REDACTED
      if (Array.isArray(value)) return value.map(item => copy(item, depth + 1))
      if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`
      const { isBase64Encoded, toJSON } = value as { readonly isBase64Encoded?: unknown; readonly toJSON?: unknown }
      if (typeof toJSON === 'function') return copy(toJSON.call(value), depth + 1) // a Date, or what hides itself
      return Object.fromEntries(
        Object.entries(value).map(([key, inner]) => {
          const hidden = isSecret(key) || (key === 'body' && isBase64Encoded === true)
          return [key, hidden && inner !== null && inner !== undefined ? REDACTED : copy(inner, depth + 1)]
        }),
      )
    }

    /** JSON text, such as a body, is looked into; other text with a secret's name in it is left out whole. */
    function ofText(text: string, depth: number): string {
      if (JSON_TEXT.test(text)) {
        if (text.length > LONGEST) return REDACTED
        try {
          return JSON.stringify(copy(JSON.parse(text), depth + 1))
        } catch {} // text that only begins like JSON
      }
      for (const names of [NAMED, FIELD])
        for (const [, name = ''] of text.matchAll(names)) if (isSecret(name)) return REDACTED
      return text.length % 4 === 0 && BASE64.test(text) ? ofBase64(text, depth) : text
    }

    /** Such as the data of Kinesis, or the value of Kafka. */
    function ofBase64(text: string, depth: number): string {
      const decoded = Buffer.from(text, 'base64').toString()
      const shown = ofText(decoded, depth + 1)
      if (shown === decoded) return text
      return shown === REDACTED ? REDACTED : Buffer.from(shown).toString('base64')
    }

    return copy(value, 0)
  }
}

function plain(name: string): string {
  return name.toLowerCase().replace(/[-_.]/g, '')
}
