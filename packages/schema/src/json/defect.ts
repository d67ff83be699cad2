// Where a text stops being JSON. V8 says it too, but not always, and with a piece of the payload in the message.

const SPACE = /[ \t\n\r]*/y
const DIGITS = /\d+/y
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what JSON must escape
const PLAIN = /[^"\\\0-\x1f]*/y

/**
 * The offset of the first character with which no JSON document goes on; the length of the text where it is a document,
 * or one that ends too early. Takes linear time and no stack.
 * @see https://www.rfc-editor.org/rfc/rfc8259
 */
export function offsetOfDefect(text: string): number {
  const open: string[] = [] // the closing brackets that are due
  let at = 0

  // Each of these moves `at` over what it is for, as far as that is there, and says whether all of it was.
  const eat = (pattern: RegExp): boolean => {
    pattern.lastIndex = at
    const found = pattern.test(text)
    if (found) at = pattern.lastIndex
    return found
  }
  const char = (chars: string): boolean => {
    const found = at < text.length && chars.includes(text.charAt(at))
    if (found) at++
    return found
  }
  const word = (word: string): boolean => [...word].every(char)
  const hex = (): boolean => char('0123456789abcdefABCDEF')
  const number = (): boolean => {
    char('-')
    if (!char('0') && !eat(DIGITS)) return false
    if (char('.') && !eat(DIGITS)) return false
    if (!char('eE')) return true
    char('+-')
    return eat(DIGITS)
  }
  // After its first quote.
  const string = (): boolean => {
    while (eat(PLAIN) && !char('"'))
      if (!char('\\') || !(char('"\\/bfnrt') || (char('u') && hex() && hex() && hex() && hex()))) return false
    return true
  }
  const key = (): boolean => eat(SPACE) && char('"') && string() && eat(SPACE) && char(':')
  const scalar = (): boolean => {
    if (char('"')) return string()
    if (char('t')) return word('rue')
    if (char('f')) return word('alse')
    return char('n') ? word('ull') : number()
  }

  for (;;) {
    // A value, or the beginning of one …
    eat(SPACE)
    const close = char('{') ? '}' : char('[') ? ']' : ''
    if (close) {
      eat(SPACE)
      if (!char(close)) {
        open.push(close)
        if (close === '}' && !key()) return at
        continue
      }
    } else if (!scalar()) return at

    // … and what may follow it.
    while (eat(SPACE) && open.length > 0 && char(open.at(-1) ?? '')) open.pop()
    if (open.length === 0 || !char(',') || (open.at(-1) === '}' && !key())) return at
  }
}
