// Keys that reach a prototype once somebody merges or assigns a parsed value: `__proto__`, and `constructor` with a
// `prototype` in it. `JSON.parse` makes plain own properties of them; here they are taken out.

/** In the text of a document: whether it may have such keys. `\u005f` to `\u007a` can spell them too. */
export function suspicious(json: string): boolean {
  return json.includes('__proto__') || json.includes('"constructor"') || /\\u00[567]/.test(json)
}

/** The value without such keys, at any depth. Changes it. */
export function clean<Value>(value: Value): Value {
  for (const [holder, key] of [...offenders(value)]) Reflect.deleteProperty(holder, key)
  return value
}

/** The value itself, or where such keys are in it a copy without them. For what came from JSON. */
export function unpolluted(value: unknown): unknown {
  return offenders(value).next().done ? value : clean(JSON.parse(JSON.stringify(value)))
}

function* offenders(root: unknown): Generator<[holder: object, key: string]> {
  const open = [root] // no recursion: JSON may be nested deeper than the stack
  while (open.length > 0) {
    const value = open.pop()
    if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) continue
    for (const key of Object.keys(value)) {
      const inner: unknown = Object.getOwnPropertyDescriptor(value, key)?.value
      if (key === '__proto__' || (key === 'constructor' && hasPrototype(inner))) yield [value, key]
      else if (typeof inner === 'object') open.push(inner)
    }
  }
}

function hasPrototype(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, 'prototype')
}
