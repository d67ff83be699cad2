// What JSON can carry, and where a value holds something that it cannot.
import { isPlainObject } from './merge.ts'

/** Any value that JSON can carry: what `JSON.parse` gives, or the import of a `.json` file. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json | undefined }

/** What is left of a `T` after JSON: a `Date` is text, an `undefined` item of an array or result is `null`. */
export type JsonOf<T> = 0 extends 1 & T
  ? T
  : unknown extends T
    ? unknown
    : T extends string | number | boolean | null
      ? T
      : T extends void
        ? null
        : T extends { toJSON(): infer Text }
          ? JsonOf<Text>
          : T extends object
            ? { [Key in keyof T]: JsonOf<Exclude<T[Key], undefined>> | OnlyUndefined<T, Key> }
            : never

// A key that was undefined is absent, and reads as undefined; in an array there is no such thing, and JSON writes null.
type OnlyUndefined<T, Key extends keyof T> = undefined extends T[Key]
  ? T extends readonly unknown[]
    ? null
    : Record<never, never> extends Pick<T, Key>
      ? never
      : undefined
  : never

/**
 * JSON text of a value that JSON carries whole. Keys that are `undefined` are left out, and a `toJSON` method is used,
 * as JSON.stringify does.
 *
 * @throws TypeError where JSON would refuse, or lose in silence, what is there: its message names the place.
 */
export function toJson(value: unknown, name: string): string {
  check(value, name, [])
  return JSON.stringify(value)
}

function check(value: unknown, path: string, parents: readonly object[]): void {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw refusal(path, `${value}, which JSON writes as null`)
    return
  }
  if (typeof value !== 'object') throw refusal(path, kinds[typeof value] ?? typeof value)
  if (parents.includes(value)) throw refusal(path, 'an object that contains itself')
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) throw refusal(path, 'bytes: give base64 text')
  if ('toJSON' in value && typeof value.toJSON === 'function') {
    const replacement: unknown = value.toJSON()
    if (value instanceof Date && replacement === null) throw refusal(path, 'an invalid Date')
    check(replacement, path, [...parents, value])
    return
  }
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) check(item, `${path}[${index}]`, [...parents, value])
    return
  }
  const lost = emptied.find(type => value instanceof type)
  if (lost) throw refusal(path, `a ${lost.name}, which JSON writes as {}${lost === Promise ? ': await it' : ''}`)
  for (const [key, inner] of Object.entries(value)) {
    if (inner !== undefined) check(inner, `${path}${member(key)}`, [...parents, value])
  }
  if (!isPlainObject(value) && Object.keys(value).length === 0) {
    throw refusal(path, `a ${value.constructor.name} without fields, which JSON writes as {}`)
  }
}

const emptied = [Map, Set, WeakMap, WeakSet, Promise, RegExp, Error] as const

const kinds: Record<string, string> = {
  undefined: 'undefined',
  bigint: 'a bigint: give its digits as text',
  function: 'a function',
  symbol: 'a symbol',
}

function member(key: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`
}

function refusal(path: string, what: string): TypeError {
  return new TypeError(`JSON cannot carry ${path}: it is ${what}`)
}
