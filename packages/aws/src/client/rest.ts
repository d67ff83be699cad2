// What REST protocols share: queries and headers that leave out what is undefined.

/** Encoded as RFC 3986 has it: what signatures are made of. */
export function encode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, char => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
}

/** `?a=1&b=2`, or nothing. */
export function queryOf(values: Readonly<Record<string, string | number | undefined>>): string {
  const parts = Object.entries(values).flatMap(([name, value]) =>
    value === undefined ? [] : [`${encode(name)}=${encode(String(value))}`],
  )
  return parts.length > 0 ? `?${parts.join('&')}` : ''
}

/** Header fields; Dates as HTTP writes them. */
export function headersOf(
  values: Readonly<Record<string, string | number | Date | undefined>>,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value instanceof Date ? value.toUTCString() : String(value)]],
    ),
  )
}
