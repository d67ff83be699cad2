// Reads the XML that AWS answers with: elements and text. fast-xml-parser takes 50 kB for much that AWS never sends.

/** The text of an element without elements; otherwise these, by name. */
export type XmlValue = string | XmlElement
export interface XmlElement {
  readonly [name: string]: readonly XmlValue[] | undefined
}

export interface XmlDocument {
  readonly name: string
  readonly value: XmlValue
}

const TOKEN =
  /<\?[\s\S]*?\?>|<!--[\s\S]*?-->|<(\/?)([A-Za-z_][\w.:-]*)((?:\s+[\w.:-]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(\/?)>|([^<]+)/y
const DEEPEST = 32

/** @throws {SyntaxError} for what is not well-formed, and for documents that define types and entities */
export function parseXml(text: string): XmlDocument {
  const open: { readonly name: string; readonly children: Record<string, XmlValue[]>; text: string }[] = []
  let root: XmlDocument | undefined
  TOKEN.lastIndex = 0
  while (TOKEN.lastIndex < text.length) {
    const match = TOKEN.exec(text)
    if (!match) throw new SyntaxError('no XML')
    const [, closing, name, , empty, chars] = match
    const top = open.at(-1)
    if (chars !== undefined) {
      if (top) top.text += chars
      else if (chars.replace(/^\uFEFF/, '').trim()) throw new SyntaxError('text outside of the root element')
    } else if (name !== undefined) {
      if (!closing) {
        if (root && !top) throw new SyntaxError('more than one root element')
        if (open.length >= DEEPEST) throw new SyntaxError('elements too deep')
        open.push({ name, children: Object.create(null), text: '' })
      }
      if (closing || empty) {
        const ended = open.pop()
        if (ended?.name !== name) throw new SyntaxError('an element is not closed')
        const value = Object.keys(ended.children).length > 0 ? ended.children : plain(ended.text)
        const parent = open.at(-1)
        if (!parent) root = { name, value }
        else parent.children[name] = [...(parent.children[name] ?? []), value]
      }
    }
  }
  if (!root || open.length > 0) throw new SyntaxError('the document is cut short')
  return root
}

const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" }

function plain(text: string): string {
  return text.replace(/&(#x[0-9a-f]{1,6}|#\d{1,7}|\w+);/gi, (_, name: string) => {
    const point =
      name[0] === '#' ? Number(name[1] === 'x' || name[1] === 'X' ? `0${name.slice(1)}` : name.slice(1)) : -1
    const char = point >= 0 && point <= 0x10ffff ? String.fromCodePoint(point) : ENTITIES[name]
    if (char === undefined) throw new SyntaxError('an entity that there is not')
    return char
  })
}

/** The element of a name within another, where there is one. */
export function child(value: XmlValue | undefined, name: string): XmlValue | undefined {
  return typeof value === 'object' ? value[name]?.[0] : undefined
}

/** The text of an element of a name, where there is one. */
export function textOf(value: XmlValue | undefined, name: string): string | undefined {
  const found = child(value, name)
  return typeof found === 'string' ? found : undefined
}

/** The texts of all elements with nothing inside. */
export function textsOf(value: XmlValue | undefined): Record<string, string> {
  const texts: Record<string, string> = {}
  if (typeof value === 'object')
    for (const [name, [first] = []] of Object.entries(value)) if (typeof first === 'string') texts[name] = first
  return texts
}

/** The members of a list: undefined where the list is left out, none where it is empty. */
export function membersOf(value: XmlValue | undefined, name: string): readonly XmlValue[] | undefined {
  const list = child(value, name)
  if (list === undefined) return undefined
  return typeof list === 'object' ? (list.member ?? []) : []
}
