// Reading what nobody has checked: an event may have anything anywhere.

/** An object of which nothing is known. */
export type Loose = Readonly<Record<string, unknown>>

/** The value if it is an object and no array. */
export function object(value: unknown): Loose | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Loose) : undefined
}

/** The value if it is an object that has keys: emulators send an empty multi-value field beside the plain one. */
export function filled(value: unknown): Loose | undefined {
  const fields = object(value)
  return fields && Object.keys(fields).length > 0 ? fields : undefined
}

/** The value if it is a string. */
export function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

/** The strings among the members of an array; a string is an array of one. */
export function texts(value: unknown): readonly string[] {
  return (Array.isArray(value) ? value : [value]).filter(each => typeof each === 'string')
}

/** A record without a prototype: a client's `__proto__` is a key like any other, and nothing is there unasked. */
export function bare<Value>(): Record<string, Value> {
  return Object.create(null)
}
