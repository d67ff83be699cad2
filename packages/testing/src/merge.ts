// Overrides laid over a complete event, without touching either.

/** What is never merged into, but taken as it is. */
type Leaf = Date | Uint8Array | ((...args: never) => unknown)

/**
 * Part of a `T`, to lay over a complete one: objects merge key by key, arrays are replaced, and `undefined` deletes the
 * key, for tests of what happens when AWS leaves it out.
 */
export type Overrides<T> = 0 extends 1 & T
  ? unknown
  : T extends Leaf
    ? T
    : T extends readonly (infer Item)[]
      ? readonly Item[]
      : T extends object
        ? { readonly [Key in keyof T]?: Overrides<T[Key]> | undefined }
        : T

/** An object of data: a literal, what JSON.parse gives, or one without a prototype. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false
  const prototype = Object.getPrototypeOf(value)
  // An object literal of another realm (a vm, a test environment) is data too; its prototype has no prototype either.
  return prototype === null || (!Array.isArray(value) && Object.getPrototypeOf(prototype) === null)
}

/** A new value: `base` with `overrides` laid over it. Objects and arrays are copied; dates, bytes and the like are kept. */
export function merge<T>(base: T, overrides: Overrides<NoInfer<T>>): T {
  return mergeValue(base, overrides) as T
}

function mergeValue(base: unknown, overrides: unknown): unknown {
  if (!isPlainObject(overrides)) return copy(overrides)
  const under = isPlainObject(base) ? base : {}
  const keys = new Set([...Object.keys(under), ...Object.keys(overrides)])
  // fromEntries defines keys rather than assigning them: `__proto__` from a hostile JSON text stays a plain key.
  return Object.fromEntries(
    [...keys].flatMap(key => {
      const inner = Object.hasOwn(under, key) ? under[key] : undefined
      if (!Object.hasOwn(overrides, key)) return [[key, copy(inner)]]
      return overrides[key] === undefined ? [] : [[key, mergeValue(inner, overrides[key])]]
    }),
  )
}

function copy(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copy)
  if (!isPlainObject(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, copy(inner)]))
}
