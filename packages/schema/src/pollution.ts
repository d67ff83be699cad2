// Keys that reach a prototype once somebody merges or assigns a parsed value: `__proto__`, and `constructor` with a
// `prototype` in it. `JSON.parse` makes plain own properties of them; here they are taken out.

/** In the text of a document: whether it may have such keys, spelled out or by `\u005f` and the like. */
export function suspicious(json: string): boolean {
  return json.includes('__proto__') || json.includes('constructor"') || json.includes('\\u00')
}

/** The value without such keys, at any depth. Changes it. */
export function clean<Value>(value: Value): Value {
  for (const [holder, key] of offenders(value)) Reflect.deleteProperty(holder, key)
  return value
}

/** The value itself, or where such keys are in it a copy without them. For what came from JSON. */
export function unpolluted(value: unknown): unknown {
  return offenders(value).length > 0 ? clean(JSON.parse(JSON.stringify(value))) : value
}

function offenders(root: unknown): (readonly [holder: object, key: string])[] {
  const found: [object, string][] = []
  const values = [root] // no recursion: JSON may be nested deeper than the stack
  for (const value of values)
    if (isObject(value) && !ArrayBuffer.isView(value))
      for (const [key, inner] of Object.entries(value))
        if (key === '__proto__' || (key === 'constructor' && isObject(inner) && Object.hasOwn(inner, 'prototype')))
          found.push([value, key])
        else values.push(inner)
  return found
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}
