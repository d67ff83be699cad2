// Where a text stops being JSON. V8 says it too, but not always, and with a piece of the payload in the message.

/**
 * The offset of the first character with which no JSON document goes on; the length of the text where it is a document,
 * or one that ends too early. Takes linear time and no stack.
 * @see https://www.rfc-editor.org/rfc/rfc8259
 */
export function offsetOfDefect(text: string): number {
  const open: string[] = [] // the closing brackets that are due
  let at = 0

  // Each of these moves `at` over what it is for, and says whether all of it was there.
  const char = (char: string): boolean => {
    const found = text.charAt(at) === char
    if (found) at++
    return found
  }
  const anyOf = (chars: string): boolean => {
    const from = at
    while (at < text.length && chars.includes(text.charAt(at))) at++
    return at > from
  }
  const word = (word: string): boolean => [...word].every(char)
  const digits = (): boolean => anyOf('0123456789')
  const space = (): boolean => anyOf(' \t\n\r')
  const number = (): boolean => {
    char('-')
    if (!char('0') && !digits()) return false
    if (char('.') && !digits()) return false
    if (!char('e') && !char('E')) return true
    if (!char('+')) char('-')
    return digits()
  }
  const escaped = (): boolean => {
    if (!char('u')) return oneOf('"\\/bfnrt')
    for (let i = 0; i < 4; i++) if (!oneOf('0123456789abcdefABCDEF')) return false
    return true
  }
  const oneOf = (chars: string): boolean => at < text.length && chars.includes(text.charAt(at)) && char(text.charAt(at))
  const string = (): boolean => {
    if (!char('"')) return false
    while (at < text.length) {
      if (char('"')) return true
      if (char('\\')) {
        if (!escaped()) return false
      } else if (text.charCodeAt(at) < 0x20) return false
      else at++
    }
    return false
  }
  const key = (): boolean => {
    space()
    if (!string()) return false
    space()
    return char(':')
  }
  const scalar = (): boolean => {
    const first = text.charAt(at)
    if (first === '"') return string()
    if (first === 't') return word('true')
    if (first === 'f') return word('false')
    return first === 'n' ? word('null') : number()
  }

  for (;;) {
    // A value, or the beginning of one …
    space()
    if (char('{')) {
      space()
      if (!char('}')) {
        open.push('}')
        if (!key()) return at
        continue
      }
    } else if (char('[')) {
      space()
      if (!char(']')) {
        open.push(']')
        continue
      }
    } else if (!scalar()) return at

    // … and what may follow it.
    for (;;) {
      space()
      const close = open.at(-1)
      if (close === undefined) return at
      if (char(close)) {
        open.pop()
        continue
      }
      if (!char(',') || (close === '}' && !key())) return at
      break
    }
  }
}
